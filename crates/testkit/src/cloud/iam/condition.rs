use serde_json::Value;

use super::context::Context;
use super::operator::Operator;

/// One line of a `Condition`: an operator, a key, and the values it is compared with.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    test: Test,
    set: Set,
    /// The suffix `IfExists`: a key that is absent passes.
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    /// Whether the key is absent.
    Null,
    Operator(Operator),
}

/// How many of the request's values must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// `ForAllValues:`, which an absent key passes.
    All,
    /// `ForAnyValue:`, which an absent key does not pass by itself.
    Any,
    /// Keys that have one value.
    One,
}

impl Condition {
    /// All lines of a `Condition` element.
    pub(super) fn read(element: &Value) -> Result<Vec<Self>, String> {
        let operators = element.as_object().ok_or("Condition is not an object")?;
        let mut lines = Vec::new();
        for (name, keys) in operators {
            let (test, set, if_exists) = operator(name)?;
            for (key, values) in keys.as_object().ok_or("a condition operator has no keys")? {
                let (key, values) = (key.clone(), texts(values)?);
                lines.push(Self { test, set, if_exists, key, values });
            }
        }
        Ok(lines)
    }

    pub(super) fn holds(&self, context: &Context) -> bool {
        let found = context.values(&self.key);
        let operator = match self.test {
            Test::Null => {
                let expected = self.values.iter().any(|it| it.eq_ignore_ascii_case("true"));
                return found.is_empty() == expected;
            }
            Test::Operator(operator) => operator,
        };
        if found.is_empty() {
            return match self.set {
                Set::All => true,
                Set::Any => self.if_exists,
                Set::One => self.if_exists || operator.is_negated,
            };
        }
        let mut found = found.iter();
        let passes = |value: &String| operator.passes(value, &self.values);
        match self.set {
            Set::All => found.all(passes),
            Set::One if operator.is_negated => found.all(passes),
            Set::Any | Set::One => found.any(passes),
        }
    }
}

fn operator(name: &str) -> Result<(Test, Set, bool), String> {
    let (set, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Set::All, rest),
        Some(("ForAnyValue", rest)) => (Set::Any, rest),
        Some(_) => return Err(format!("unknown condition operator {name}")),
        None => (Set::One, name),
    };
    if rest == "Null" && set == Set::One {
        return Ok((Test::Null, set, false));
    }
    let (base, if_exists) = match rest.strip_suffix("IfExists") {
        Some(base) => (base, true),
        None => (rest, false),
    };
    let known = Operator::named(base).ok_or(format!("unknown condition operator {name}"))?;
    Ok((Test::Operator(known), set, if_exists))
}

/// A text, a truth value or a number, or a list of such.
fn texts(values: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) if text.contains("${") => {
            Err(format!("policy variables are not known here: {text}"))
        }
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err("a condition value is no text".to_owned()),
    };
    match values {
        Value::Array(list) => list.iter().map(one).collect(),
        other => one(other).map(|it| vec![it]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(element: &Value, context: &Context) -> bool {
        Condition::read(element).unwrap().iter().all(|line| line.holds(context))
    }

    #[test]
    fn an_absent_key_fails_but_where_iam_lets_it_pass() {
        let nothing = Context::default();
        for (operator, passes) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("ForAnyValue:StringEqualsIfExists", true),
        ] {
            assert_eq!(holds(&json!({operator: {"k": "a"}}), &nothing), passes, "{operator}");
        }
        assert!(holds(&json!({"Null": {"k": "true"}}), &nothing));
        assert!(!holds(&json!({"Null": {"k": false}}), &nothing));
    }

    #[test]
    fn the_set_operators_look_at_every_value() {
        let both = Context::default().with_all("K", vec!["a".to_owned(), "b".to_owned()]);
        for (operator, values, passes) in [
            ("ForAnyValue:StringEquals", json!(["b", "c"]), true),
            ("ForAnyValue:StringEquals", json!("c"), false),
            ("ForAllValues:StringEquals", json!(["a", "b", "c"]), true),
            ("ForAllValues:StringEquals", json!(["a"]), false),
            ("StringEquals", json!("b"), true),
            ("StringNotEquals", json!("b"), false),
        ] {
            assert_eq!(holds(&json!({operator: {"k": values}}), &both), passes, "{operator}");
        }
    }

    #[test]
    fn every_line_must_hold() {
        let context = Context::default().with("a", "1").with("b", "2");
        assert!(holds(&json!({"StringEquals": {"a": "1", "b": "2"}}), &context));
        assert!(!holds(&json!({"StringEquals": {"a": "1", "b": "3"}}), &context));
        let two = json!({"StringEquals": {"a": "1"}, "StringLike": {"b": "3*"}});
        assert!(!holds(&two, &context));
    }

    #[test]
    fn what_is_not_known_is_malformed() {
        for element in [
            json!({"StringStarts": {"a": "1"}}),
            json!({"ForSome:StringEquals": {"a": "1"}}),
            json!({"StringEquals": "a"}),
            json!({"StringEquals": {"a": "${aws:username}"}}),
            json!([]),
        ] {
            assert!(Condition::read(&element).is_err(), "{element}");
        }
    }
}
