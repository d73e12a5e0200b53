use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use super::date;
use crate::{arn, pattern};

/// What a condition asks of the value of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) kind: Kind,
    /// Any of these is enough; for [`Kind::Absent`] there are none.
    pub(crate) values: Vec<String>,
    /// None of them may hold.
    pub(crate) negated: bool,
    /// What it comes to where the key is absent.
    pub(crate) if_absent: bool,
    pub(crate) set: SetTest,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `Null`: whether the key is absent.
    Absent,
    Address,
    Arn(ArnForm),
    Binary,
    Bool,
    Date(Comparison),
    Like,
    Number(Comparison),
    Text,
    TextIgnoringCase,
}

/// The two names of the same comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArnForm {
    Equals,
    Like,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How keys with several values are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetTest {
    Single,
    Any,
    All,
}

impl Test {
    /// Whether it holds for a key with these values, or for an absent key.
    pub(crate) fn holds(&self, values: Option<&[&str]>) -> bool {
        match (values, self.kind) {
            (None, Kind::Absent) => !self.negated,
            (Some(_), Kind::Absent) => self.negated,
            (None, _) => self.if_absent,
            (Some(values), _) => {
                let one = |value: &&str| self.finds(value) != self.negated;
                match self.set {
                    SetTest::All => values.iter().all(one),
                    SetTest::Any | SetTest::Single => values.iter().any(one),
                }
            }
        }
    }

    /// The test that holds exactly where this one does not.
    pub(crate) fn complement(&self) -> Self {
        let set = match self.set {
            SetTest::Single => SetTest::Single,
            SetTest::Any => SetTest::All,
            SetTest::All => SetTest::Any,
        };
        Self { negated: !self.negated, if_absent: !self.if_absent, set, ..self.clone() }
    }

    /// Whether any of its values compares with `text`, whatever it then makes of that.
    pub(crate) fn finds(&self, text: &str) -> bool {
        self.values.iter().any(|value| self.kind.compares(value, text))
    }

    /// Whether a value refers to the request, as `${aws:username}` does.
    pub(crate) fn has_variables(&self) -> bool {
        self.values.iter().any(|value| value.contains("${"))
    }
}

impl Kind {
    fn compares(self, value: &str, text: &str) -> bool {
        match self {
            Self::Absent => false,
            Self::Address => Network::parse(value).is_some_and(|it| it.has(text)),
            Self::Arn(_) => arn::matches(value, text),
            Self::Binary | Self::Text => value == text,
            Self::Bool | Self::TextIgnoringCase => value.eq_ignore_ascii_case(text),
            Self::Date(comparison) => {
                let (wanted, found) = (date::parse(value), date::parse(text));
                matches!((wanted, found), (Some(wanted), Some(found)) if comparison.holds(&found, &wanted))
            }
            Self::Like => pattern::matches(value, text),
            Self::Number(comparison) => {
                let (wanted, found) = (value.parse::<f64>(), text.parse::<f64>());
                matches!((wanted, found), (Ok(wanted), Ok(found)) if comparison.holds(&found, &wanted))
            }
        }
    }

    /// Whether wildcards count in it.
    pub(crate) const fn is_like(self) -> bool {
        matches!(self, Self::Arn(_) | Self::Like)
    }
}

impl Comparison {
    fn holds<T: PartialOrd>(self, found: &T, wanted: &T) -> bool {
        match self {
            Self::Equals => found == wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
        }
    }

    /// Whether a time that has passed `wanted` still meets it, and one that has not will.
    pub(crate) fn at(self, now: Timestamp, wanted: &str) -> Option<Moment> {
        let wanted = date::parse(wanted)?;
        let passed = now >= wanted;
        Some(match (self, passed) {
            (Self::Less | Self::LessOrEqual | Self::Equals, true) => Moment::Over,
            (Self::Less | Self::LessOrEqual, false) => Moment::Now,
            (Self::Greater | Self::GreaterOrEqual, true) => Moment::Forever,
            (Self::Greater | Self::GreaterOrEqual | Self::Equals, false) => Moment::Later,
        })
    }
}

/// When a condition on the time holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// It never will again.
    Over,
    /// It does for a while.
    Now,
    /// It will.
    Later,
    /// It does from now on.
    Forever,
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    fn has(self, address: &str) -> bool {
        match (self.address, address.parse()) {
            (IpAddr::V4(net), Ok(IpAddr::V4(it))) => {
                let shift = 32 - u32::from(self.bits);
                u32::from(net).checked_shr(shift) == u32::from(it).checked_shr(shift)
            }
            (IpAddr::V6(net), Ok(IpAddr::V6(it))) => {
                let shift = 128 - u32::from(self.bits);
                u128::from(net).checked_shr(shift) == u128::from(it).checked_shr(shift)
            }
            _ => false,
        }
    }

    /// Whether it is so large that it keeps nobody out: more than a /8 of IPv4, a /32 of IPv6.
    pub(crate) const fn is_wide(self) -> bool {
        match self.address {
            IpAddr::V4(_) => self.bits < 8,
            IpAddr::V6(_) => self.bits < 32,
        }
    }
}

impl fmt::Display for Test {
    /// The operator as IAM names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.set {
            SetTest::Single => "",
            SetTest::Any => "ForAnyValue:",
            SetTest::All => "ForAllValues:",
        })?;
        let not = if self.negated { "Not" } else { "" };
        match self.kind {
            Kind::Absent => return f.write_str(if self.negated { "present" } else { "absent" }),
            Kind::Address => write!(f, "{not}IpAddress"),
            Kind::Arn(ArnForm::Equals) => write!(f, "Arn{not}Equals"),
            Kind::Arn(ArnForm::Like) => write!(f, "Arn{not}Like"),
            Kind::Binary => write!(f, "Binary{not}Equals"),
            Kind::Bool => write!(f, "{not}Bool"),
            Kind::Date(comparison) => write!(f, "{not}Date{comparison:?}"),
            Kind::Like => write!(f, "String{not}Like"),
            Kind::Number(comparison) => write!(f, "{not}Numeric{comparison:?}"),
            Kind::Text => write!(f, "String{not}Equals"),
            Kind::TextIgnoringCase => write!(f, "String{not}EqualsIgnoreCase"),
        }?;
        let usual = match self.set {
            SetTest::Single => self.negated,
            SetTest::Any => false,
            SetTest::All => true,
        };
        if self.if_absent && !usual { f.write_str("IfExists") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Condition;

    fn test(operator: &str, values: &[&str]) -> Test {
        Condition::new(operator, "aws:key", values).unwrap().test
    }

    #[test]
    fn absent_keys_are_where_policies_leak() {
        for (operator, values, absent) in [
            ("StringEquals", &["a"][..], false),
            ("StringNotEquals", &["a"], true),
            ("StringEqualsIfExists", &["a"], true),
            ("ForAllValues:StringEquals", &["a"], true),
            ("ForAnyValue:StringEquals", &["a"], false),
            ("ForAnyValue:StringNotEquals", &["a"], false),
            ("Null", &["true"], true),
            ("Null", &["false"], false),
        ] {
            let test = test(operator, values);
            assert_eq!(test.holds(None), absent, "{operator}");
            assert_eq!(test.complement().holds(None), !absent, "{operator}");
            for value in [&["a"][..], &["b"], &["a", "b"]] {
                let (held, other) = (test.holds(Some(value)), test.complement().holds(Some(value)));
                let single = test.set == SetTest::Single && value.len() > 1;
                assert!(single || held != other, "{operator} {value:?}");
            }
        }
    }

    #[test]
    fn values_are_compared_by_their_kind() {
        for (operator, value, text, expected) in [
            ("StringEquals", "a*", "ab", false),
            ("StringLike", "a*", "ab", true),
            ("StringEqualsIgnoreCase", "AB", "ab", true),
            ("ArnLike", "arn:aws:iam::*:role/ci", "arn:aws:iam::1:role/ci", true),
            ("ArnEquals", "arn:aws:iam::*:role/ci", "arn:aws:iam::1:role/ci", true),
            ("StringNotLike", "a*", "ab", false),
            ("Bool", "true", "TRUE", true),
            ("NumericLessThanEquals", "60", "60", true),
            ("NumericLessThan", "60", "60", false),
            ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", true),
            ("IpAddress", "203.0.113.0/24", "203.0.113.9", true),
            ("IpAddress", "203.0.113.0/24", "203.0.114.9", false),
            ("IpAddress", "0.0.0.0/0", "8.8.8.8", true),
            ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
            ("NotIpAddress", "10.0.0.0/8", "8.8.8.8", true),
            ("BinaryEquals", "QQ==", "QQ==", true),
        ] {
            assert_eq!(test(operator, &[value]).holds(Some(&[text])), expected, "{operator}");
        }
    }

    #[test]
    fn wide_networks_keep_nobody_out() {
        for (text, wide) in
            [("0.0.0.0/0", true), ("128.0.0.0/1", true), ("10.0.0.0/8", false), ("::/0", true)]
        {
            assert_eq!(Network::parse(text).unwrap().is_wide(), wide, "{text}");
        }
        assert_eq!((Network::parse("10.0.0.0/33"), Network::parse("x")), (None, None));
    }
}
