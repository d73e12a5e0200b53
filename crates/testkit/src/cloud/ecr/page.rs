//! Pages of answers.

use serde_json::Value;

use crate::cloud::service_error::ServiceError;

/// One page of a list, and the token for the next.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// The page that `maxResults` and `nextToken` of the input ask for. A page holds `usual`
    /// entries unless told otherwise, and never more than `most`.
    pub(super) fn of(
        all: Vec<T>,
        input: &Value,
        usual: usize,
        most: usize,
    ) -> Result<Self, ServiceError> {
        let asked = input["maxResults"].as_u64().and_then(|it| usize::try_from(it).ok());
        if asked.is_some_and(|it| it == 0 || it > most) {
            let message = format!("maxResults is 1 to {most}");
            return Err(ServiceError::invalid(message));
        }
        let start = match input["nextToken"].as_str() {
            None => 0,
            Some(token) => {
                let at = token.strip_prefix("page-").and_then(|it| it.parse().ok());
                at.filter(|it| *it < all.len())
                    .ok_or_else(|| ServiceError::invalid("nextToken is not from here"))?
            }
        };
        let end = all.len().min(start + asked.unwrap_or(usual));
        let next = (end < all.len()).then(|| format!("page-{end}"));
        let items = all.into_iter().skip(start).take(end - start).collect();
        Ok(Self { items, next })
    }
}

/// Adds `nextToken` where there is another page.
pub(super) fn with_token(mut document: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        document["nextToken"] = next.into();
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn leads_through_all_items() {
        let (mut seen, mut input) = (Vec::new(), json!({"maxResults": 2}));
        loop {
            let page = Page::of((0..5).collect(), &input, 3, 3).unwrap();
            seen.extend(page.items);
            let Some(next) = page.next else { break };
            input["nextToken"] = next.into();
        }
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        for input in [json!({"maxResults": 0}), json!({"maxResults": 4}), json!({"nextToken": "x"})]
        {
            assert!(Page::of(vec![1], &input, 3, 3).is_err(), "{input}");
        }
        assert_eq!(Page::of((0..5).collect::<Vec<_>>(), &json!({}), 3, 3).unwrap().items.len(), 3);
    }
}
