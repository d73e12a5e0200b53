use jiff::Timestamp;

use super::pattern;

/// How one value of a request is compared with one value of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Arn,
    Bool,
    Date(Order),
    Number(Order),
    Text,
    TextAnyCase,
    TextLike,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A condition operator of IAM without its prefix and suffix: a comparison, and whether it must
/// hold for one of the policy's values or for none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    comparison: Comparison,
    pub(super) is_negated: bool,
}

impl Operator {
    /// The operator of a name; `None` where this evaluator knows none.
    pub(super) fn named(name: &str) -> Option<Self> {
        use Comparison::{Arn, Bool, Date, Number, Text, TextAnyCase, TextLike};
        let (comparison, is_negated) = match name {
            "ArnEquals" | "ArnLike" => (Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Arn, true),
            "Bool" => (Bool, false),
            "StringEquals" => (Text, false),
            "StringNotEquals" => (Text, true),
            "StringEqualsIgnoreCase" => (TextAnyCase, false),
            "StringNotEqualsIgnoreCase" => (TextAnyCase, true),
            "StringLike" => (TextLike, false),
            "StringNotLike" => (TextLike, true),
            _ => {
                let (order, is_negated) = Order::named(name)?;
                let is_date = name.starts_with("Date");
                (if is_date { Date(order) } else { Number(order) }, is_negated)
            }
        };
        Some(Self { comparison, is_negated })
    }

    /// Whether a value of the request passes: it fits one of the policy's values, or none where
    /// the operator is negated.
    pub(super) fn passes(self, value: &str, expected: &[String]) -> bool {
        let fits = expected.iter().any(|it| self.comparison.holds(value, it));
        fits != self.is_negated
    }
}

impl Order {
    fn named(name: &str) -> Option<(Self, bool)> {
        let rest = name.strip_prefix("Date").or_else(|| name.strip_prefix("Numeric"))?;
        Some(match rest {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "GreaterThan" => (Self::Greater, false),
            "GreaterThanEquals" => (Self::GreaterOrEqual, false),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::LessOrEqual, false),
            _ => return None,
        })
    }

    fn holds<T: PartialOrd>(self, left: Option<T>, right: Option<T>) -> bool {
        let (Some(left), Some(right)) = (left, right) else {
            return false;
        };
        match self {
            Self::Equal => left == right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
        }
    }
}

impl Comparison {
    fn holds(self, value: &str, expected: &str) -> bool {
        match self {
            Self::Arn => pattern::matches_arn(expected, value),
            Self::Bool | Self::TextAnyCase => value.eq_ignore_ascii_case(expected),
            Self::Date(order) => order.holds(date(value), date(expected)),
            Self::Number(order) => order.holds(number(value), number(expected)),
            Self::Text => value == expected,
            Self::TextLike => pattern::matches(expected, value),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// ISO 8601, or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Timestamp::from_second(text.parse().ok()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(name: &str, value: &str, expected: &[&str]) -> bool {
        let expected: Vec<String> = expected.iter().map(|it| (*it).to_owned()).collect();
        Operator::named(name).unwrap().passes(value, &expected)
    }

    #[test]
    fn each_operator_tells_right_from_wrong() {
        for (name, value, right, wrong) in [
            ("StringEquals", "a", "a", "A"),
            ("StringNotEquals", "a", "A", "a"),
            ("StringEqualsIgnoreCase", "a", "A", "b"),
            ("StringNotEqualsIgnoreCase", "a", "b", "A"),
            ("StringLike", "abc", "a*", "b*"),
            ("StringNotLike", "abc", "b*", "a*"),
            ("ArnLike", "arn:aws:iam::1:role/a", "arn:aws:iam::*:role/*", "arn:aws:*:role/a"),
            ("ArnNotLike", "arn:aws:iam::1:role/a", "arn:aws:iam::2:role/a", "arn:aws:iam::1:*"),
            ("Bool", "true", "True", "false"),
            ("NumericLessThan", "3600", "3601", "3600"),
            ("NumericLessThanEquals", "3600", "3600", "3599"),
            ("NumericGreaterThan", "2", "1", "2"),
            ("NumericNotEquals", "2", "1", "2.0"),
            ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "1767225600"),
        ] {
            assert!(passes(name, value, &[right]), "{name} {value} {right}");
            assert!(!passes(name, value, &[wrong]), "{name} {value} {wrong}");
        }
    }

    #[test]
    fn several_values_are_alternatives_and_negated_they_all_count() {
        assert!(passes("StringEquals", "b", &["a", "b"]));
        assert!(!passes("StringNotEquals", "b", &["a", "b"]));
        assert_eq!(Operator::named("StringStartsWith"), None);
        assert_eq!(Operator::named("NumericLike"), None);
    }
}
