//! Pages of long lists.

use super::query::encode;

/// A part of a list, and where the next part begins.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The last item's name, where more follow.
    pub(super) last: Option<String>,
}

impl<T> Page<T> {
    /// The items after the one named `last`, at most `size` of them. `all` is sorted by name.
    pub(super) fn of(
        all: Vec<T>,
        name: impl Fn(&T) -> String,
        last: Option<&str>,
        size: Option<usize>,
    ) -> Self {
        let after = |item: &T| last.is_none_or(|last| name(item).as_str() > last);
        let mut items: Vec<T> = all.into_iter().filter(after).collect();
        let size = size.unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        let last = items.last().map(name).filter(|_| more);
        Self { items, last }
    }

    /// The value of `Link`, where more follow. `query` are further pairs, encoded.
    pub(super) fn link(&self, path: &str, query: &[(&str, String)]) -> Option<String> {
        let last = self.last.as_ref()?;
        let further: String = query
            .iter()
            .flat_map(|(name, value)| ["&", name, "=", &encode(value)].map(str::to_owned))
            .collect();
        Some(format!("<{path}?last={}{further}>; rel=\"next\"", encode(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_through_all_items() {
        let all: Vec<String> = (0..5).map(|n| format!("t{n}")).collect();
        let (mut seen, mut last): (Vec<String>, Option<String>) = (Vec::new(), None);
        loop {
            let page = Page::of(all.clone(), String::clone, last.as_deref(), Some(2));
            assert!(page.items.len() <= 2);
            seen.extend(page.items);
            last = page.last;
            if last.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }
}
