//! Patterns with `*` (any run, `/` and `:` included) and `?` (one character), as IAM and ECR
//! write them. Case counts.

/// Whether `pattern` matches `text`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    walk(pattern, text, |pattern, text| pattern == '?' || pattern == text)
}

/// Whether `wide` matches everything that `narrow`, itself a pattern, matches. It may say no where
/// the answer is yes (`?*` against `*?`), never the other way round.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    walk(wide, narrow, |wide, narrow| narrow != '*' && (wide == '?' || wide == narrow))
}

/// Whether there is a text that both patterns match.
pub(crate) fn overlaps(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // `next[j]`: whether what follows in `one` and `other[j..]` have a text in common.
    let mut next: Vec<bool> = vec![false; other.len() + 1];
    for i in (0..=one.len()).rev() {
        let mut row = vec![false; other.len() + 1];
        for j in (0..=other.len()).rev() {
            row[j] = match (one.get(i), other.get(j)) {
                (None, None) => true,
                (Some('*'), _) => next[j] || (j < other.len() && row[j + 1]),
                (_, Some('*')) => row[j + 1] || (i < one.len() && next[j]),
                (Some(a), Some(b)) => (a == b || *a == '?' || *b == '?') && next[j + 1],
                _ => false,
            };
        }
        next = row;
    }
    next[0]
}

/// Whether it has a wildcard at all.
pub(crate) fn is_wild(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// Whether it consists of wildcards alone.
pub(crate) fn is_all_wild(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|c| matches!(c, '*' | '?'))
}

/// Walks both at once; a `*` of the pattern takes as little as it can and is tried again.
fn walk(pattern: &str, text: &str, one: impl Fn(char, char) -> bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            retry = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|it| one(*it, text[t])) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((star, taken)) = retry {
            retry = Some((star, taken + 1));
            (p, t) = (star + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|it| *it == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_are_those_of_iam() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a:b/c", true),
            ("ecr:Put*", "ecr:PutImage", true),
            ("ecr:?utImage", "ecr:PutImage", true),
            ("repo:acme/*", "repo:acme/app:ref:refs/heads/main", true),
            ("repo:acme/app", "repo:acme/app2", false),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyybzz", false),
            ("?", "", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn one_pattern_covers_another() {
        for (wide, narrow, expected) in [
            ("*", "arn:*", true),
            ("arn:*", "*", false),
            ("role/ci-*", "role/ci-?", true),
            ("role/ci-?", "role/ci-*", false),
            ("role/?", "role/?", true),
            ("a*", "a*b", true),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn two_patterns_overlap() {
        for (one, other, expected) in [
            ("*", "", true),
            ("a*", "*b", true),
            ("a*c", "b*c", false),
            ("repository/app-*", "repository/*-prod", true),
            ("role/ci", "role/c?", true),
            ("role/ci", "role/c??", false),
        ] {
            assert_eq!(overlaps(one, other), expected, "{one} {other}");
            assert_eq!(overlaps(other, one), expected, "{other} {one}");
        }
    }

    proptest! {
        #[test]
        fn what_a_pattern_covers_it_matches(
            wide in "[ab*?]{0,6}", narrow in "[ab*?]{0,6}", text in "[ab]{0,6}"
        ) {
            if covers(&wide, &narrow) && matches(&narrow, &text) {
                prop_assert!(matches(&wide, &text));
            }
            if matches(&wide, &text) && matches(&narrow, &text) {
                prop_assert!(overlaps(&wide, &narrow));
            }
        }
    }
}
