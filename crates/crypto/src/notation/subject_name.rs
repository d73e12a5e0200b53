//! Distinguished names as trust policies compare them.

use std::collections::BTreeMap;

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Tag, Tagged};
use x509_cert::name::Name;

/// The attributes by which notation compares, with the names that Go gives them.
const ATTRIBUTES: [(ObjectIdentifier, &str); 9] = [
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "SERIALNUMBER"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.17"), "POSTALCODE"),
];

const NEEDED: [&str; 3] = ["C", "ST", "O"];

/// A name as attribute types and values, no type twice, with at least `C`, `ST` and `O` (trust
/// store and policy specification, "Trusted Identities Constraints").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SubjectName(BTreeMap<String, String>);

impl SubjectName {
    /// Reads RFC 4514 text, in which spaces around types and values do not count and `S` means
    /// `ST`. Types are compared as they are written: a policy must use the names above.
    ///
    /// # Errors
    /// What was found instead, for people.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains("=#") {
            return Err("a value in hexadecimal (\"=#\")");
        }
        let attributes = split(text)?.into_iter().map(|part| {
            let (kind, value) = split_once(part).ok_or("a part without \"=\"")?;
            let kind = unescape(kind)?;
            Ok((if kind == "S" { "ST".to_owned() } else { kind }, unescape(value)?))
        });
        Self::collect(attributes)
    }

    /// The subject of a certificate.
    ///
    /// # Errors
    /// As for [`SubjectName::parse`]; also for attributes that have no name in RFC 4514's sense,
    /// which notation writes in hexadecimal and so refuses.
    pub(super) fn of(name: &Name) -> Result<Self, &'static str> {
        let attributes = name.0.iter().map(|relative| {
            let [attribute] = relative.0.as_slice() else {
                return Err("several attributes joined with \"+\"");
            };
            let known = ATTRIBUTES.iter().find(|(id, _)| *id == attribute.oid);
            let (_, kind) = known.ok_or("an attribute other than those of X.520")?;
            let value = text_of(attribute.value.tag(), attribute.value.value());
            Ok(((*kind).to_owned(), value.ok_or("a value that is no text")?))
        });
        Self::collect(attributes)
    }

    fn collect(
        attributes: impl Iterator<Item = Result<(String, String), &'static str>>,
    ) -> Result<Self, &'static str> {
        let mut name = BTreeMap::new();
        for attribute in attributes {
            let (kind, value) = attribute?;
            if name.insert(kind, value).is_some() {
                return Err("the same attribute twice");
            }
        }
        let present = |kind: &str| name.get(kind).is_some_and(|value| !value.is_empty());
        if !NEEDED.into_iter().all(present) {
            return Err("a name without one of C, ST and O");
        }
        Ok(Self(name))
    }

    /// Whether `other` has every attribute of this name with an equal value.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|(kind, value)| other.0.get(kind) == Some(value))
    }
}

fn text_of(tag: Tag, bytes: &[u8]) -> Option<String> {
    match tag {
        Tag::PrintableString
        | Tag::Utf8String
        | Tag::Ia5String
        | Tag::TeletexString
        | Tag::NumericString => String::from_utf8(bytes.to_vec()).ok(),
        Tag::BmpString => {
            let (pairs, []) = bytes.as_chunks::<2>() else { return None };
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

/// The parts between commas (or semicolons, as of old) that are not escaped.
fn split(text: &str) -> Result<Vec<&str>, &'static str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (position, separator) in unescaped(text) {
        match separator {
            ',' | ';' => {
                parts.push(&text[start..position]);
                start = position + 1;
            }
            '+' => return Err("several attributes joined with \"+\""),
            _ => {}
        }
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn split_once(part: &str) -> Option<(&str, &str)> {
    let (position, _) = unescaped(part).find(|(_, letter)| *letter == '=')?;
    Some((&part[..position], &part[position + 1..]))
}

/// The letters that no backslash precedes, with their places.
fn unescaped(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut is_escaped = false;
    text.char_indices().filter(move |(_, letter)| {
        let counts = !is_escaped && *letter != '\\';
        is_escaped = !is_escaped && *letter == '\\';
        counts
    })
}

/// Drops spaces at both ends and undoes the escapes of RFC 4514, 2.4.
fn unescape(text: &str) -> Result<String, &'static str> {
    let trimmed = text.trim_matches(' ');
    // A trailing space that is escaped stays.
    let is_cut = text.len() > trimmed.len() && ends_in_escape(trimmed) && text.ends_with(' ');
    let mut letters = trimmed.chars().chain(is_cut.then_some(' '));
    let mut bytes = Vec::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let next = letters.next().ok_or("an escape without its letter")?;
        if " \"#+,;<=>\\".contains(next) {
            bytes.push(next as u8);
            continue;
        }
        let digits = [Some(next), letters.next()].map(|digit| digit?.to_digit(16));
        let [Some(high), Some(low)] = digits else { return Err("an escape that is none") };
        bytes.extend(u8::try_from(high << 4 | low));
    }
    String::from_utf8(bytes).map_err(|_| "a value that is not UTF-8")
}

fn ends_in_escape(text: &str) -> bool {
    text.chars().rev().take_while(|letter| *letter == '\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        SubjectName::parse(text).unwrap().0.into_iter().collect()
    }

    #[test]
    fn reads_policies_as_notation_does() {
        let plain = parsed("C=US,ST=WA,O=acme");
        assert_eq!(parsed(" C = US , S=WA ;O=acme "), plain);
        assert_eq!(parsed(r"C=US,ST=WA,O=ac\6de"), plain);
        let odd = parsed(r"C=US,ST=WA,O=a\, b\+\ ,CN=x=y");
        let values: Vec<&str> = odd.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["US", "x=y", "a, b+ ", "WA"]);
        assert_eq!(parsed(r"C=US,ST=\c3\a9,O=ü")[2].1, "é");
    }

    #[test]
    fn refuses_what_notation_refuses() {
        for (text, why) in [
            ("", "a part without \"=\""),
            ("C=US,ST=WA", "a name without one of C, ST and O"),
            ("C=US,ST=WA,O=", "a name without one of C, ST and O"),
            ("c=US,ST=WA,O=a", "a name without one of C, ST and O"),
            ("C=US,ST=WA,O=a,S=WA", "the same attribute twice"),
            ("C=US,ST=WA,O=a+OU=b", "several attributes joined with \"+\""),
            ("C=US,ST=WA,O=#0401", "a value in hexadecimal (\"=#\")"),
            ("C=US,ST=WA,O=a,", "a part without \"=\""),
            (r"C=US,ST=WA,O=a\", "an escape without its letter"),
            (r"C=US,ST=WA,O=\zz", "an escape that is none"),
            (r"C=US,ST=WA,O=\ff", "a value that is not UTF-8"),
        ] {
            assert_eq!(SubjectName::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn certificates_are_compared_by_value() {
        let leaf = |text: &str| SubjectName::of(&Name::from_str(text).unwrap());
        let subject = leaf("CN=ci,OU=build,O=ac\\, me,ST=WA,C=US").unwrap();
        for (policy, holds) in [
            (r"C=US, ST=WA, O=ac\, me", true),
            (r"C=US, ST=WA, O=ac\, me, CN=ci, OU=build", true),
            (r"C=US, ST=WA, O=ac\, me, CN=CI", false),
            (r"C=US, ST=WA, O=ac\, me, L=Seattle", false),
            (r"C=US, ST=WA, O=ac\, me, cn=ci", false),
        ] {
            assert_eq!(SubjectName::parse(policy).unwrap().is_within(&subject), holds, "{policy}");
        }
        let unnamed = leaf("DC=test,O=a,ST=b,C=c");
        assert_eq!(unnamed, Err("an attribute other than those of X.520"));
        let joined = leaf("CN=a+OU=b,O=a,ST=b,C=c");
        assert_eq!(joined, Err("several attributes joined with \"+\""));
        assert_eq!(leaf("CN=a,O=a,O=b,ST=b,C=c"), Err("the same attribute twice"));
        assert_eq!(leaf("CN=a"), Err("a name without one of C, ST and O"));
    }

    #[test]
    fn reads_every_kind_of_text() {
        assert_eq!(text_of(Tag::BmpString, &[0, 0x41, 0, 0xe9]).as_deref(), Some("Aé"));
        assert_eq!(text_of(Tag::PrintableString, b"A").as_deref(), Some("A"));
        assert_eq!(text_of(Tag::BmpString, &[0]), None);
        assert_eq!(text_of(Tag::Utf8String, &[0xff]), None);
        assert_eq!(text_of(Tag::OctetString, b"A"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in r"(C=a,S=b,O=)?[\\ =,+#;a-fü]{0,40}") {
            let _ = SubjectName::parse(&text);
        }
    }
}
