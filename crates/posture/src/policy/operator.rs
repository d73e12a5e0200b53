use super::test::{ArnForm, Comparison, Kind, SetTest};

/// A condition operator: `ForAnyValue:StringNotLikeIfExists` in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) set: SetTest,
    pub(super) kind: Kind,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

impl Operator {
    /// Case does not count, as in IAM.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (SetTest::All, rest),
            Some(("foranyvalue", rest)) => (SetTest::Any, rest),
            Some(_) => return None,
            None => (SetTest::Single, lower.as_str()),
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (kind, negated) = kind(rest)?;
        let fits = kind != Kind::Absent || (set == SetTest::Single && !if_exists);
        fits.then_some(Self { set, kind, negated, if_exists })
    }
}

fn kind(text: &str) -> Option<(Kind, bool)> {
    let plain = match text {
        "arnequals" => (Kind::Arn(ArnForm::Equals), false),
        "arnlike" => (Kind::Arn(ArnForm::Like), false),
        "arnnotequals" => (Kind::Arn(ArnForm::Equals), true),
        "arnnotlike" => (Kind::Arn(ArnForm::Like), true),
        "binaryequals" => (Kind::Binary, false),
        "bool" => (Kind::Bool, false),
        "ipaddress" => (Kind::Address, false),
        "notipaddress" => (Kind::Address, true),
        "null" => (Kind::Absent, false),
        "stringequals" => (Kind::Text, false),
        "stringequalsignorecase" => (Kind::TextIgnoringCase, false),
        "stringlike" => (Kind::Like, false),
        "stringnotequals" => (Kind::Text, true),
        "stringnotequalsignorecase" => (Kind::TextIgnoringCase, true),
        "stringnotlike" => (Kind::Like, true),
        _ => return compared(text),
    };
    Some(plain)
}

fn compared(text: &str) -> Option<(Kind, bool)> {
    let (make, rest): (fn(Comparison) -> Kind, _) = match text.strip_prefix("numeric") {
        Some(rest) => (Kind::Number, rest),
        None => (Kind::Date, text.strip_prefix("date")?),
    };
    let (comparison, negated) = match rest {
        "equals" => (Comparison::Equals, false),
        "notequals" => (Comparison::Equals, true),
        "lessthan" => (Comparison::Less, false),
        "lessthanequals" => (Comparison::LessOrEqual, false),
        "greaterthan" => (Comparison::Greater, false),
        "greaterthanequals" => (Comparison::GreaterOrEqual, false),
        _ => return None,
    };
    Some((make(comparison), negated))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_of_iam_is_known_and_no_other() {
        for text in [
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "Bool",
            "BinaryEquals",
            "IpAddress",
            "NotIpAddress",
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
        ] {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let text = format!("{prefix}{text}{suffix}");
                    let operator = Operator::parse(&text).unwrap();
                    assert_eq!(operator.negated, text.contains("Not"), "{text}");
                    assert_eq!(operator.if_exists, suffix == "IfExists", "{text}");
                }
            }
        }
        assert!(Operator::parse("Null").is_some());
        for text in ["NullIfExists", "StringIs", "ForSome:StringLike", "", "IfExists", "Numeric"] {
            assert!(Operator::parse(text).is_none(), "{text}");
        }
    }
}
