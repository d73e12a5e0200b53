use std::fmt::Write as _;

use serde_json::{Map, Value};

/// In the order in which people write policies; others follow by their names.
const FIRST: [&str; 15] = [
    "Version",
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "Resource",
    "Condition",
    "Statement",
    "repositoryName",
    "rulePriority",
    "description",
    "selection",
    "tagStatus",
    "tagPatternList",
    "Url",
];

/// JSON for people: two spaces for each level, members in a steady order, short lists on their
/// line, and a newline at the end.
pub fn json_text(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

/// The members of an object, in that order.
pub(super) fn ordered(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    let rank = |name: &str| FIRST.iter().position(|it| *it == name).unwrap_or(FIRST.len());
    members.sort_by(|a, b| (rank(a.0), a.0).cmp(&(rank(b.0), b.0)));
    members
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members = ordered(members);
            list(text, ('{', '}'), depth, members, |text, (name, value), depth| {
                // Writing to a string does not fail.
                let _ = write!(text, "{}: ", Value::from(name.as_str()));
                write(text, value, depth);
            });
        }
        Value::Array(items) if items.len() > 1 || items.iter().any(Value::is_object) => {
            list(text, ('[', ']'), depth, items.iter().collect(), write);
        }
        other => text.push_str(&other.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    (open, close): (char, char),
    depth: usize,
    items: Vec<T>,
    write: impl Fn(&mut String, T, usize),
) {
    text.push(open);
    let count = items.len();
    for (at, item) in items.into_iter().enumerate() {
        indent(text, depth + 1);
        write(text, item, depth + 1);
        if at + 1 < count {
            text.push(',');
        }
    }
    indent(text, depth);
    text.push(close);
}

fn indent(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn policies_read_from_who_to_when() {
        let value = json!({"Statement": [{"Action": ["a:B"], "Condition": {}, "Effect": "Allow",
            "Sid": "One"}], "Version": "2012-10-17"});
        let expected = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \
                        \"Sid\": \"One\",\n      \"Effect\": \"Allow\",\n      \"Action\": \
                        [\"a:B\"],\n      \"Condition\": {}\n    }\n  ]\n}\n";
        assert_eq!(json_text(&value), expected);
    }

    proptest! {
        #[test]
        fn says_what_it_was_given(text in ".{0,30}", name in ".{0,30}", number in any::<i64>()) {
            let value = json!({name: [text, number, {"x": null}], "Sid": [[], [true]]});
            let read: Value = serde_json::from_str(&json_text(&value)).unwrap();
            prop_assert_eq!(read, value);
        }
    }
}
