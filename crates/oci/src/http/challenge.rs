//! `WWW-Authenticate`: what a registry wants to see (RFC 9110, 11.6.1).

use std::collections::BTreeMap;

/// One challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    /// The scheme, lower case.
    pub(super) scheme: String,
    /// The parameters; names in lower case, the first of each name.
    pub(super) parameters: BTreeMap<String, String>,
}

impl Challenge {
    /// The challenges of one header's value. What is not understood is left out.
    pub(super) fn parse_all(header: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let mut cursor = Cursor { rest: header };
        while let Some(word) = cursor.word() {
            match (cursor.value(), found.last_mut()) {
                (Some(value), Some(challenge)) => {
                    let name = word.to_ascii_lowercase();
                    challenge.parameters.entry(name).or_insert(value);
                }
                // A parameter before any scheme belongs to nobody.
                (Some(_), None) => {}
                (None, _) => found
                    .push(Self { scheme: word.to_ascii_lowercase(), parameters: BTreeMap::new() }),
            }
        }
        found
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// The next token; whatever stands between is skipped.
    fn word(&mut self) -> Option<&'a str> {
        let start = self.rest.find(is_token_char)?;
        let rest = &self.rest[start..];
        let end = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        self.rest = &rest[end..];
        Some(&rest[..end])
    }

    /// `= value`, where that comes next.
    fn value(&mut self) -> Option<String> {
        let after = self.rest.trim_start_matches([' ', '\t']).strip_prefix('=')?;
        let after = after.trim_start_matches([' ', '\t']);
        if let Some(quoted) = after.strip_prefix('"') {
            return Some(self.quoted(quoted));
        }
        let end = after.find(|c| !is_token_char(c)).unwrap_or(after.len());
        self.rest = &after[end..];
        Some(after[..end].to_owned())
    }

    fn quoted(&mut self, text: &'a str) -> String {
        let mut value = String::new();
        let mut characters = text.char_indices();
        self.rest = "";
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &text[at + 1..];
                    break;
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => value.push(character),
            }
        }
        value
    }
}

/// RFC 9110's `tchar`, and what is seen unquoted in realms.
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/?@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_registries_send() {
        let header = r#"Bearer realm="https://auth.example/token",service="reg \"1\"",scope="repository:a/b:pull,push""#;
        let [bearer] = &Challenge::parse_all(header)[..] else {
            panic!("one challenge");
        };
        assert_eq!(bearer.scheme, "bearer");
        assert_eq!(bearer.parameter("realm"), Some("https://auth.example/token"));
        assert_eq!(bearer.parameter("service"), Some("reg \"1\""));
        assert_eq!(bearer.parameter("scope"), Some("repository:a/b:pull,push"));
    }

    #[test]
    fn tells_two_challenges_apart() {
        let both = Challenge::parse_all("Negotiate, BASIC Realm = x , bearer realm=y");
        let schemes: Vec<_> = both.iter().map(|it| it.scheme.as_str()).collect();
        assert_eq!(schemes, ["negotiate", "basic", "bearer"]);
        assert_eq!(both[1].parameter("realm"), Some("x"));
        assert_eq!(both[2].parameter("realm"), Some("y"));
    }

    proptest! {
        #[test]
        fn never_panics(header in ".{0,200}") {
            Challenge::parse_all(&header);
        }

        #[test]
        fn reads_any_quoted_value(value in "[^\"\\\\]{0,60}") {
            let all = Challenge::parse_all(&format!("Bearer realm=\"{value}\", a=b"));
            prop_assert_eq!(all[0].parameter("realm"), Some(value.as_str()));
            prop_assert_eq!(all[0].parameter("a"), Some("b"));
        }
    }
}
