//! Texts with wildcards.

/// Whether `text` fits `pattern`, in which `*` stands for any run of characters, also an empty
/// one, and `?` for exactly one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stood, and how much it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                Some((place, taken)) => {
                    *taken += 1;
                    at = *place + 1;
                    seen = *taken;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// The same, where letters of both cases are equal: action names.
pub(crate) fn matches_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Whether an ARN fits a pattern part by part, as `ArnLike` compares: a `*` does not reach over
/// a colon, but in the last of the six parts.
pub(crate) fn matches_arn(pattern: &str, arn: &str) -> bool {
    let parts = |text: &str| -> Vec<String> { text.splitn(6, ':').map(str::to_owned).collect() };
    let (pattern, arn) = (parts(pattern), parts(arn));
    pattern.len() == arn.len() && pattern.iter().zip(&arn).all(|(it, part)| matches(it, part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wildcards_match_as_iam_says() {
        for (pattern, text) in [
            ("*", ""),
            ("repo:acme/*", "repo:acme/app:ref:refs/heads/main"),
            ("a*b*c", "a--b--c"),
            ("a?c", "abc"),
            ("*.sig", "x.sig.sig"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "a"), ("a", "ab"), ("a?c", "ac"), ("repo:acme/app:*", "repo:acme/app-evil:x")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(!matches("Repo", "repo") && matches_any_case("ecr:put*", "ecr:PutImage"));
    }

    #[test]
    fn an_arn_is_compared_part_by_part() {
        let role = "arn:aws:iam::111122223333:role/ci";
        assert!(matches_arn("arn:aws:iam::*:role/*", role));
        assert!(!matches_arn("arn:aws:*:role/ci", role) && matches("arn:aws:*:role/ci", role));
    }

    proptest! {
        #[test]
        fn never_panics_and_a_text_fits_itself(text in "[a-z:/]{0,20}", pattern in "[a-z*?]{0,12}") {
            matches(&pattern, &text);
            prop_assert!(matches(&text, &text));
            let (within, around) = (format!("*{text}*"), format!("x{text}y"));
            prop_assert!(matches(&within, &around));
        }
    }
}
