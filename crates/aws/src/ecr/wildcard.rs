//! Filters of repository and tag names.

/// Whether `text` is what `filter` says, where `*` stands for any run of characters.
pub(super) fn matches(filter: &str, text: &str) -> bool {
    let Some((first, rest)) = filter.split_once('*') else {
        return filter == text;
    };
    let Some(mut left) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().map_or(("", &[][..]), |(last, middle)| (*last, middle));
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (filter, text) in [
            ("*", ""),
            ("*", "a"),
            ("a*", "a"),
            ("*a", "xa"),
            ("a*c*e", "abcde"),
            ("a*a", "aa"),
            ("**", "x"),
        ] {
            assert!(matches(filter, text), "{filter} {text}");
        }
        for (filter, text) in
            [("a", "b"), ("a*a", "a"), ("a*", "xa"), ("*a", "ab"), ("a*c*e", "aecbd"), ("", "a")]
        {
            assert!(!matches(filter, text), "{filter} {text}");
        }
    }

    /// Letter by letter, as slow as it is plain.
    fn plainly(filter: &[u8], text: &[u8]) -> bool {
        match filter.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|skip| plainly(rest, &text[skip..])),
            Some((one, rest)) => text.first() == Some(one) && plainly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn matches_as_a_plain_reading_does(filter in "[ab*]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(&filter, &text), plainly(filter.as_bytes(), text.as_bytes()));
        }
    }
}
