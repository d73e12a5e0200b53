use boltseal_core::Digest;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::ReportProblem;

type Read<T> = Result<T, ReportProblem>;

/// A value in a report, and where it is. Members that are absent, `null` or an empty text are
/// [`None`]; members of another type are errors that name the place.
pub(crate) struct Node<'a> {
    value: &'a Value,
    at: String,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(crate) const fn root(value: &'a Value) -> Self {
        Self { value, at: String::new() }
    }

    /// Where this is, as in `Results[0].Vulnerabilities[3]`.
    pub(crate) fn at(&self) -> &str {
        if self.at.is_empty() { "the top" } else { &self.at }
    }

    /// Where the member `key` is.
    pub(crate) fn at_member(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }

    /// The value itself.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// The members, if this is an object.
    pub(crate) const fn members(&self) -> Option<&'a Map<String, Value>> {
        match self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether there is a member `key` that is not `null`.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// The member `key`, of any type.
    pub(crate) fn member(&self, key: &str) -> Option<Self> {
        self.raw(key).map(|value| Self { value, at: self.at_member(key) })
    }

    /// The member `key`, which is an object.
    pub(crate) fn object(&self, key: &str) -> Read<Option<Self>> {
        let Some(member) = self.member(key) else {
            return Ok(None);
        };
        if member.value.is_object() { Ok(Some(member)) } else { Err(self.wrong(key, "an object")) }
    }

    /// The items of the list `key`, each an object; none where it is absent.
    pub(crate) fn rows(&self, key: &str) -> Read<Vec<Self>> {
        Ok(self.rows_if_any(key)?.unwrap_or_default())
    }

    /// The items of the list `key`, each an object.
    pub(crate) fn rows_if_any(&self, key: &str) -> Read<Option<Vec<Self>>> {
        let Some(member) = self.member(key) else {
            return Ok(None);
        };
        match member.items() {
            Some(items) if items.iter().all(|item| item.value.is_object()) => Ok(Some(items)),
            _ => Err(self.wrong(key, "a list of objects")),
        }
    }

    /// The items, if this is a list.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        let Value::Array(items) = self.value else {
            return None;
        };
        let item = |(index, value)| Self { value, at: format!("{}[{index}]", self.at) };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// The text `key`.
    pub(crate) fn text(&self, key: &str) -> Read<Option<&'a str>> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    /// The text `key`, which must be there.
    pub(crate) fn needed_text(&self, key: &str) -> Read<&'a str> {
        self.text(key)?.ok_or_else(|| self.wrong(key, "a text"))
    }

    /// The text `key`, or an empty one.
    pub(crate) fn text_or_empty(&self, key: &str) -> Read<String> {
        Ok(self.text(key)?.unwrap_or_default().to_owned())
    }

    /// The texts in the list `key`.
    pub(crate) fn texts(&self, key: &str) -> Read<Vec<&'a str>> {
        match self.raw(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str())
                .collect::<Option<_>>()
                .ok_or_else(|| self.wrong(key, "a list of texts")),
            Some(_) => Err(self.wrong(key, "a list of texts")),
        }
    }

    /// The number `key`, written as a number or as a text.
    pub(crate) fn number(&self, key: &str) -> Read<Option<f64>> {
        let number = match self.raw(key) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        match number.filter(|number: &f64| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(key, "a number")),
        }
    }

    /// The whole number `key`, written as a number or as a text.
    pub(crate) fn count(&self, key: &str) -> Read<Option<u64>> {
        let count = match self.raw(key) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        count.map(Some).ok_or_else(|| self.wrong(key, "a whole number"))
    }

    /// The time `key`: RFC 3339, or seconds since 1970 as AWS's own JSON has it. The zero time
    /// of Go (year 1) counts as absent.
    pub(crate) fn time(&self, key: &str) -> Read<Option<Timestamp>> {
        let time = match self.raw(key) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(number)) => number.as_f64().and_then(seconds),
            Some(_) => None,
        };
        let time: Timestamp = time.ok_or_else(|| self.wrong(key, "a time (RFC 3339)"))?;
        Ok(Some(time).filter(|time| *time >= Timestamp::UNIX_EPOCH))
    }

    /// The digest `key`; 64 bare hexadecimal digits are read as SHA-256.
    pub(crate) fn digest(&self, key: &str) -> Read<Option<Digest>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let digest = digest_of(text).ok_or_else(|| self.wrong(key, "a digest"))?;
        Ok(Some(digest))
    }

    /// The digests in the list `key` of `NAME@DIGEST`.
    pub(crate) fn repo_digests(&self, key: &str) -> Read<Vec<Digest>> {
        let digest = |text: &str| {
            let (_, digest) = text.rsplit_once('@').unwrap_or(("", text));
            digest.parse().ok()
        };
        let texts = self.texts(key)?;
        let digests: Option<Vec<_>> = texts.into_iter().map(digest).collect();
        digests.ok_or_else(|| self.wrong(key, "a list of NAME@DIGEST"))
    }

    /// The error that the member `key` is not what was expected.
    pub(crate) fn wrong(&self, key: &str, expected: &'static str) -> ReportProblem {
        ReportProblem::WrongForm {
            at: self.at_member(key),
            expected,
            found: self.raw(key).map_or("nothing".to_owned(), sketch),
        }
    }

    fn raw(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }
}

/// A digest, with or without its algorithm.
pub(crate) fn digest_of(text: &str) -> Option<Digest> {
    text.parse().or_else(|_| format!("sha256:{text}").parse()).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of any year that jiff knows fit; others saturate and are refused"
)]
fn seconds(number: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((number * 1_000.0) as i64).ok()
}

/// What a value looks like, for a message.
pub(crate) fn sketch(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{:?}", text.chars().take(80).collect::<String>()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(members) => {
            let keys: Vec<_> = members.keys().take(8).map(String::as_str).collect();
            format!("an object with the keys {}", keys.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_members_and_names_the_place_of_a_wrong_one() {
        let value = json!({"a": [{"b": "x", "n": 3, "t": "2026-01-02T03:04:05Z"}], "e": ""});
        let root = Node::root(&value);
        let row = &root.rows("a").unwrap()[0];
        assert_eq!(row.text("b").unwrap(), Some("x"));
        assert_eq!(root.text("e").unwrap(), None);
        assert_eq!(row.count("n").unwrap(), Some(3));
        assert!(row.time("t").unwrap().is_some());
        let error = row.text("n").unwrap_err().to_string();
        assert_eq!(error, "expected a text at a[0].n, found 3");
        assert!(root.rows("e").is_err() && row.rows("b").is_err());
    }

    #[test]
    fn reads_times_of_three_kinds() {
        let value = json!({
            "rfc": "2024-05-22T17:40:52.181+02:00", "aws": 1_716_392_452.181,
            "zero": "0001-01-01T00:00:00Z", "bad": "yesterday", "far": 1e300
        });
        let root = Node::root(&value);
        assert_eq!(root.time("rfc").unwrap(), root.time("aws").unwrap());
        assert_eq!(root.time("zero").unwrap(), None);
        assert!(root.time("bad").is_err() && root.time("far").is_err());
    }

    #[test]
    fn reads_digests_with_and_without_algorithm_or_name() {
        let hex = "a".repeat(64);
        let value = json!({"x": hex, "y": format!("sha256:{hex}"), "z": "12",
            "list": [format!("r.example/a:1@sha256:{hex}")], "odd": ["r.example/a"]});
        let root = Node::root(&value);
        let digest = root.digest("x").unwrap().unwrap();
        assert_eq!(root.digest("y").unwrap().unwrap(), digest);
        assert_eq!(root.repo_digests("list").unwrap(), [digest]);
        assert!(root.digest("z").is_err() && root.repo_digests("odd").is_err());
    }
}
