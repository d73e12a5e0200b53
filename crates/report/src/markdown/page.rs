use super::section::FindingTable;

/// Markdown in the making that never grows beyond its limit: findings are cut first, with words.
pub(super) struct Page {
    limit: usize,
    whole: String,
    before: String,
    table: FindingTable,
    most: usize,
    after: String,
}

/// What is kept free for the words about what was cut.
const RESERVE: usize = 400;

impl Page {
    /// A page of at most `limit` bytes, 4,000 or more; `whole` says where the rest is.
    pub(super) fn new(limit: usize, whole: String) -> Self {
        let (before, after) = (String::new(), String::new());
        Self { limit, whole, before, table: FindingTable::default(), most: 0, after }
    }

    /// Adds a section before the findings.
    pub(super) fn push(&mut self, section: impl AsRef<str>) {
        self.before.push_str(section.as_ref());
    }

    /// The findings: at most this many.
    pub(super) fn findings(&mut self, table: FindingTable, most: usize) {
        (self.table, self.most) = (table, most);
    }

    /// Adds a section after the findings.
    pub(super) fn after(&mut self, section: impl AsRef<str>) {
        self.after.push_str(section.as_ref());
    }

    /// The page, within its limit.
    pub(super) fn finish(self) -> String {
        let half = (self.limit - RESERVE) / 2;
        let mut text = cut(&self.before, half, &self.whole);
        let after = cut(&self.after, half - RESERVE, &self.whole);
        let room = self.limit.saturating_sub(text.len() + after.len() + RESERVE);
        text.push_str(&self.table.within(room, self.most, &self.whole));
        text.push_str(&after);
        text
    }
}

/// The first whole lines that fit, and that there were more.
fn cut(text: &str, limit: usize, whole: &str) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = text.floor_char_boundary(limit.saturating_sub(RESERVE));
    let end = text[..room].rfind('\n').map_or(0, |at| at + 1);
    let left = text[end..].lines().count();
    format!(
        "{}\n\n> Cut here to stay within the size that is shown, {left} more lines: {whole}.\n\n",
        &text[..end]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_grows_beyond_the_limit_and_what_is_cut_is_said() {
        let mut page = Page::new(10_000, "see `whole.html`".to_owned());
        page.push("line \u{e9}\n".repeat(5_000));
        let rows = (0..5_000).map(|at| format!("| row {at} |\n")).collect();
        page.findings(FindingTable::new("| head |\n| --- |\n".to_owned(), rows), usize::MAX);
        page.after("after\n".repeat(5_000));
        let text = page.finish();
        assert!(text.len() <= 10_000, "{}", text.len());
        assert_eq!(text.matches("Cut here").count(), 2);
        assert!(text.contains("more findings are not shown"), "{text}");
    }

    #[test]
    fn what_fits_is_whole() {
        let mut page = Page::new(10_000, "see `whole.html`".to_owned());
        page.push("before\n");
        let rows = vec!["| a |\n".to_owned(), "| b |\n".to_owned()];
        page.findings(FindingTable::new("| head |\n".to_owned(), rows.clone()), 2);
        page.after("after\n");
        assert_eq!(page.finish(), "before\n| head |\n| a |\n| b |\n\nafter\n");
        let mut page = Page::new(10_000, "see `whole.html`".to_owned());
        page.findings(FindingTable::new("| head |\n".to_owned(), rows), 1);
        assert!(page.finish().contains("1 more finding is not shown"));
    }
}
