//! Strict JSON: no duplicate keys, no trailing data, bounded depth.
//!
//! A payload that two parsers can read in two ways is an attack on one of them (DESIGN.md,
//! invariant 6). `serde_json` bounds the depth at 128 and refuses trailing data; this adds the
//! duplicate keys, everywhere in the document.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses one JSON document.
///
/// ```
/// assert!(boltseal_core::json::parse(br#"{"a":1,"a":2}"#).is_err());
/// ```
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_within(bytes, usize::MAX)
}

/// As [`parse`], of at most `limit` values, those within others counted: a value takes far more
/// memory than the few bytes that it may be written in.
pub fn parse_within(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    read(bytes, Bounded { left: &Cell::new(limit) })
}

/// Parses one JSON document into `T`, after the same checks as [`parse`].
pub fn parse_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    read(bytes, Unique)?;
    serde_json::from_slice(bytes).map_err(JsonError::new)
}

fn read<'de, S: DeserializeSeed<'de>>(bytes: &'de [u8], seed: S) -> Result<S::Value, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = seed.deserialize(&mut reader).map_err(JsonError::new)?;
    reader.end().map_err(JsonError::new)?;
    Ok(value)
}

/// A document that is not strict JSON, or not of the expected form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// What is wrong, with line and column.
    pub message: String,
}

impl JsonError {
    #[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
    fn new(error: serde_json::Error) -> Self {
        if error.is_eof() && error.line() <= 1 && error.column() == 0 {
            return Self { message: "an empty document".to_owned() };
        }
        Self { message: error.to_string() }
    }
}

/// Builds a [`Value`], as long as there is room for one.
#[derive(Clone, Copy)]
struct Bounded<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| D::Error::custom("too many values"))?);
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if map.contains_key(&key) {
                return Err(duplicate(&key));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// Only looks for duplicate keys.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            members.next_value_seed(Self)?;
            if seen.contains(&key) {
                return Err(duplicate(&key));
            }
            seen.insert(key);
        }
        Ok(())
    }
}

fn duplicate<E: serde::de::Error>(key: &str) -> E {
    E::custom(format_args!("the key {key:?} twice in one object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_duplicates_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"c":1,"c":2}}]"#, r#"{"\u0061":1,"a":2}"#] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.message.contains("twice"), "{text}: {error}");
            assert!(parse_as::<Value>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_trailing_data_empty_documents_and_deep_nesting() {
        assert!(parse(b"{} {}").is_err());
        assert_eq!(parse(b"").unwrap_err().message, "an empty document");
        assert!(parse("[".repeat(200).as_bytes()).is_err());
    }

    #[test]
    fn counts_every_value() {
        let text = br#"{"a":[1,2,{"b":null}]}"#;
        assert!(parse_within(text, 6).is_ok());
        let error = parse_within(text, 5).unwrap_err();
        assert!(error.message.contains("too many values"), "{error}");
    }

    #[test]
    fn reads_what_serde_json_reads() {
        let text = br#"{"a":[1,-2,3.5,"x",null,true],"b":{}}"#;
        assert_eq!(parse(text).unwrap(), serde_json::from_slice::<Value>(text).unwrap());
    }
}
