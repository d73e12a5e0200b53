//! Text from outside, made harmless in the language of a report.

use crate::table::visible;

/// The longest cell of a report for people, in characters.
const WIDEST: usize = 300;
/// The longest text of a workflow command, in characters; GitHub shows 4 KiB.
const LONGEST_COMMAND: usize = 1_000;

/// One line for HTML, as text or as the value of an attribute in quotation marks.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The same for XML 1.0, which has no way to write some characters.
pub(crate) fn xml(text: &str) -> String {
    let legal = |c: char| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    html(text).chars().map(legal).collect()
}

/// One line inside Markdown, in a table or out of it: no markup, no link, no mention of a person.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in shortened(&visible(text)).chars() {
        match c {
            // A mention and a number are looked for after entities were read.
            '@' | '#' => escaped.push_str(&format!("&#{};&#8203;", u32::from(c))),
            c if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '-' | '/' | '%' | '+') => {
                escaped.push_str(&format!("&#{};", u32::from(c)));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// The same as code, which can be copied. An empty text is empty.
pub(crate) fn markdown_code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // Nobody is mentioned in code, and what is copied must be what it says.
    format!("<code>{}</code>", markdown(text).replace("&#8203;", ""))
}

/// The text of a workflow command of GitHub.
pub(crate) fn command_text(text: &str) -> String {
    cut(&visible(text), LONGEST_COMMAND).replace('%', "%25")
}

/// A property of a workflow command of GitHub.
pub(crate) fn command_property(text: &str) -> String {
    command_text(text).replace(':', "%3A").replace(',', "%2C")
}

/// A plain text message in SARIF, where brackets would make a link.
pub(crate) fn sarif(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A path for a URI: everything but letters, digits, `-._~` and `/` is encoded.
pub(crate) fn uri_path(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The first characters, and that there were more.
pub(crate) fn shortened(text: &str) -> String {
    cut(text, WIDEST)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOSTILE: &str = "<script>x</script>|`*a*`\n::set-output name=a::b\r\u{1b}[2J@me #1";

    #[test]
    fn markup_is_text() {
        assert_eq!(html("<a b='c'>\"&"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;");
        assert_eq!(xml("\u{fffe}\u{0}<"), "\u{fffd}\u{fffd}&lt;");
        for text in [markdown(HOSTILE), markdown_code(HOSTILE).replace("<code>", "")] {
            let text = text.replace("</code>", "");
            assert!(!text.contains(['<', '>', '|', '`', '*', '@', '\n', '\u{1b}']), "{text}");
        }
        assert_eq!(markdown("https://e.example"), "https&#58;//e.example");
        assert_eq!(command_property("a%b:c,d\ne"), "a%25b%3Ac%2Cd\u{fffd}e");
        assert_eq!(sarif("[a](b)"), "\\[a\\](b)");
        assert_eq!(uri_path("a b/c:d"), "a%20b/c%3Ad");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(text in any::<String>()) {
            prop_assert!(!html(&text).contains(['<', '>', '"', '\'']));
            prop_assert!(!command_text(&text).contains(['\n', '\r']));
            prop_assert!(!markdown(&text).contains(['<', '>', '|', '`', '[', '\n']));
            prop_assert!(uri_path(&text).is_ascii());
        }
    }
}
