use std::collections::HashMap;

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// JSON as the SDK holds it.
pub(super) fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(it) => Document::Bool(*it),
        Value::Number(it) => Document::Number(number(it)),
        Value::String(it) => Document::String(it.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(key, it)| (key.clone(), document(it)));
            Document::Object(members.collect::<HashMap<_, _>>())
        }
    }
}

fn number(number: &serde_json::Number) -> Number {
    if let Some(it) = number.as_u64() {
        Number::PosInt(it)
    } else if let Some(it) = number.as_i64() {
        Number::NegInt(it)
    } else {
        Number::Float(number.as_f64().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_every_kind_of_value() {
        let Document::Object(it) = document(&json!({"a": [null, true, 1, -1, 0.5, "x"]})) else {
            panic!()
        };
        assert_eq!(
            it["a"],
            Document::Array(vec![
                Document::Null,
                Document::Bool(true),
                Document::Number(Number::PosInt(1)),
                Document::Number(Number::NegInt(-1)),
                Document::Number(Number::Float(0.5)),
                Document::String("x".to_owned()),
            ])
        );
    }
}
