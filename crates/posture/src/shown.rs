//! Text from a document, made fit to be shown.

/// The longest piece of foreign text that a message repeats, in characters.
const LONGEST: usize = 300;

/// Foreign text without control characters (which could forge a line of a log) or characters that
/// reorder text, cut at 300 characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).map(visible).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(c: char) -> char {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || reorders { '\u{fffd}' } else { c }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [many @ .., last] => {
            let many: Vec<&str> = many.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", many.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_could_forge_a_line_and_cuts() {
        assert_eq!(shown("a\n::error::b\u{202e}"), "a\u{fffd}::error::b\u{fffd}");
        assert_eq!(shown(&"x".repeat(301)), format!("{}…", "x".repeat(300)));
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!((listed(&["a"]), listed::<&str>(&[])), ("a".to_owned(), String::new()));
    }
}
