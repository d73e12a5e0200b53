//! Text from a report, made fit to be shown.

use std::fmt;

/// The longest piece of foreign text that a message repeats, in characters.
const LONGEST: usize = 160;

/// Foreign text without control characters (which could forge a line of a log) and cut at 160
/// characters.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars().take(LONGEST) {
            let visible = if is_hidden(c) { '\u{fffd}' } else { c };
            fmt::Write::write_char(f, visible)?;
        }
        if self.0.chars().nth(LONGEST).is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

/// Control characters, and those that reorder text.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1 report`, `2 reports`.
pub(crate) struct Counted<'a>(pub(crate) u64, pub(crate) &'a str);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_could_forge_a_line_and_cuts() {
        assert_eq!(Shown("a\n::error::b\u{202e}").to_string(), "a\u{fffd}::error::b\u{fffd}");
        let long = "x".repeat(161);
        assert_eq!(Shown(&long).to_string(), format!("{}…", "x".repeat(160)));
        assert_eq!(Shown(&long[1..]).to_string(), "x".repeat(160));
    }
}
