//! Columns of text.

/// The characters of the widest cell: a digest, a URI, a sentence.
const WIDEST: usize = 400;

/// Rows under headers; columns are as wide as their widest cell.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headers: &[&str]) -> Self {
        let headers = headers.iter().map(|it| it.to_uppercase()).collect();
        Self { rows: vec![headers] }
    }

    pub(crate) fn row<I: IntoIterator<Item = String>>(&mut self, cells: I) {
        self.rows.push(cells.into_iter().map(|cell| shortened(&visible(&cell))).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The lines, headers first, without space at their ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        let widths = self.widths();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths);
            let padded = cells.map(|(cell, width)| format!("{cell:width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

/// No cell makes all rows as wide as whoever wrote it likes.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text from outside, without what could forge a line or hide one: control characters, those
/// that reorder text and those that are none become U+FFFD.
pub(crate) fn visible(text: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_none = |c: char| matches!(c, '\u{fffe}' | '\u{ffff}');
    let hides = |c: char| c.is_control() || reorders(c) || is_none(c);
    let show = |c: char| if hides(c) { '\u{fffd}' } else { c };
    text.chars().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_an_end() {
        let mut table = Table::new(&["kind", "status"]);
        table.row(["\u{e9}".repeat(100_000), "ok".to_owned()]);
        table.row(["x".repeat(WIDEST), "ok".to_owned()]);
        let lines = table.lines();
        assert!(lines.iter().all(|line| line.chars().count() < WIDEST + 20));
        assert!(lines[1].contains('\u{2026}') && !lines[2].contains('\u{2026}'));
    }

    #[test]
    fn columns_line_up_and_foreign_text_cannot_forge_a_line() {
        let mut table = Table::new(&["kind", "status"]);
        assert!(table.is_empty());
        table.row(["signature".to_owned(), "ok\nfine\u{1b}[0m".to_owned()]);
        assert_eq!(table.lines(), ["KIND       STATUS", "signature  ok\u{fffd}fine\u{fffd}[0m"]);
    }
}
