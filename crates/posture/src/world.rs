//! What is known about a request before it is made: who makes it, where to, when.

use jiff::Timestamp;

use crate::arn::{self, Arn};
use crate::pattern;
use crate::policy::{Condition, Kind, Moment, Test};
use crate::who::Who;

/// Where and when requests are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct World {
    /// The account of the resource, where it is known.
    pub(crate) account: Option<String>,
    /// Its region, where it is known.
    pub(crate) region: Option<String>,
    pub(crate) now: Timestamp,
}

/// Whether something holds for all requests in question, for none, or for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tri {
    Always,
    Maybe,
    Never,
}

impl Tri {
    const fn of(holds: bool) -> Self {
        if holds { Self::Always } else { Self::Never }
    }

    /// The answer for two kinds of requests together.
    fn and_also(self, other: Self) -> Self {
        if self == other { self } else { Self::Maybe }
    }
}

/// What is known about the value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Absent,
    Exact(String),
    /// Present, and matched by a pattern.
    Like(String),
    /// Present.
    Some,
    /// Nothing: it may also be absent.
    Unknown,
}

/// Keys that are about a service which acts for a resource; nobody else's requests have them.
const OF_SERVICES: [&str; 6] = [
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Keys whose values have neither `*` nor `?` in them.
const NEVER_WILD: [&str; 9] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];

impl World {
    /// What is known about `key` in a request by `who`.
    pub(crate) fn fact(&self, who: &Who, key: &str) -> Fact {
        match key {
            // ECR, KMS and STS answer over HTTPS only.
            "aws:securetransport" => Fact::Exact("true".to_owned()),
            "aws:requestedregion" => self.region.clone().map_or(Fact::Some, Fact::Exact),
            "aws:resourceaccount" => self.account.clone().map_or(Fact::Some, Fact::Exact),
            "aws:principalisawsservice" => match who {
                Who::Everyone => Fact::Some,
                Who::Service(_) => Fact::Exact("true".to_owned()),
                _ => Fact::Exact("false".to_owned()),
            },
            "aws:currenttime" | "aws:epochtime" => Fact::Some,
            _ => match who {
                Who::Service(name) => of_service(name, key),
                _ => of_principal(who, key),
            },
        }
    }

    /// Whether `condition` holds for requests by `who`.
    pub(crate) fn judge(&self, condition: &Condition, who: &Who) -> Tri {
        let condition = self.substituted(condition);
        if matches!(condition.key.as_str(), "aws:currenttime" | "aws:epochtime") {
            return self.by_time(&condition.test);
        }
        by_fact(&condition.test, &self.fact(who, &condition.key))
    }

    /// The condition with the variables of IAM that are known here put in, and without values
    /// that no request can have: to `StringEquals` a `*` is only a character.
    pub(crate) fn substituted(&self, condition: &Condition) -> Condition {
        let put = |value: &String| match &self.account {
            Some(account) => value.replace("${aws:ResourceAccount}", account),
            None => value.clone(),
        };
        let is_plain = NEVER_WILD.contains(&condition.key.as_str())
            && matches!(condition.test.kind, Kind::Text | Kind::TextIgnoringCase);
        let is_possible =
            |value: &String| !is_plain || value.contains("${") || !pattern::is_wild(value);
        let values = condition.test.values.iter().map(put).filter(is_possible);
        condition.with_values(values.collect())
    }

    fn by_time(&self, test: &Test) -> Tri {
        let Kind::Date(comparison) = test.kind else { return Tri::Maybe };
        let moments: Vec<Option<Moment>> =
            test.values.iter().map(|value| comparison.at(self.now, value)).collect();
        if test.negated || moments.contains(&None) {
            return Tri::Maybe;
        }
        if moments.contains(&Some(Moment::Forever)) {
            Tri::Always
        } else if moments.iter().all(|it| *it == Some(Moment::Over)) {
            Tri::Never
        } else {
            Tri::Maybe
        }
    }
}

fn of_service(name: &str, key: &str) -> Fact {
    match key {
        "aws:principalservicename" if !pattern::is_wild(name) => Fact::Exact(name.to_owned()),
        "aws:principalservicename" => Fact::Some,
        "aws:principalarn" | "aws:userid" | "aws:username" | "aws:principalorgid" => Fact::Absent,
        _ => Fact::Unknown,
    }
}

fn of_principal(who: &Who, key: &str) -> Fact {
    if OF_SERVICES.contains(&key) {
        return if *who == Who::Everyone { Fact::Unknown } else { Fact::Absent };
    }
    match (key, who) {
        ("aws:principalaccount" | "kms:calleraccount", _) => {
            who.account().map_or(Fact::Some, |id| Fact::Exact(id.to_owned()))
        }
        ("aws:principalarn", Who::Account(id)) => Fact::Like(format!("arn:*:*::{id}:*")),
        ("aws:principalarn", Who::Arn(text)) => principal_arn(text),
        ("aws:principaltype", Who::Arn(text)) => principal_type(text),
        ("aws:userid", Who::UniqueId(id)) if pattern::is_wild(id) => Fact::Like(id.clone()),
        ("aws:userid", Who::UniqueId(id)) | ("aws:principalorgid", Who::Organisation(id)) => {
            Fact::Exact(id.clone())
        }
        ("aws:principalarn" | "aws:principaltype" | "aws:userid", _)
        | ("aws:principalorgpaths", Who::Organisation(_)) => Fact::Some,
        _ => Fact::Unknown,
    }
}

/// The key holds the role of a session, whose path the session does not tell.
fn principal_arn(text: &str) -> Fact {
    let role = Arn::parse(text).and_then(|arn| {
        let name = arn.resource.strip_prefix("assumed-role/")?.split('/').next()?;
        let resource = format!("role/*{name}");
        Some(Arn { service: "iam", resource: &resource, ..arn }.to_string())
    });
    match role {
        Some(role) => Fact::Like(role),
        None if pattern::is_wild(text) => Fact::Like(text.to_owned()),
        None => Fact::Exact(text.to_owned()),
    }
}

fn principal_type(text: &str) -> Fact {
    let known = |kind: &str| Fact::Exact(kind.to_owned());
    match Arn::parse(text).map_or("", |arn| arn.resource).split('/').next() {
        Some("role" | "assumed-role") => known("AssumedRole"),
        Some("user") => known("User"),
        Some("root") => known("Account"),
        Some("federated-user") => known("FederatedUser"),
        _ => Fact::Some,
    }
}

fn by_fact(test: &Test, fact: &Fact) -> Tri {
    match fact {
        Fact::Absent => Tri::of(test.holds(None)),
        _ if test.kind == Kind::Absent && *fact != Fact::Unknown => Tri::of(test.negated),
        Fact::Unknown if test.kind == Kind::Absent => Tri::Maybe,
        Fact::Exact(_) if test.has_variables() => Tri::Maybe,
        Fact::Exact(value) => Tri::of(test.holds(Some(&[value.as_str()]))),
        Fact::Like(known) => signed(test, found_in(test, known)),
        Fact::Some => signed(test, found_in(test, "*")),
        Fact::Unknown => signed(test, found_in(test, "*")).and_also(Tri::of(test.if_absent)),
    }
}

/// Compares two patterns.
type Compare = fn(&str, &str) -> bool;

/// Whether the values of `test` have what `known` matches.
fn found_in(test: &Test, known: &str) -> Tri {
    if test.values.is_empty() {
        return Tri::Never;
    }
    if test.has_variables() {
        return Tri::Maybe;
    }
    let (covers, overlaps): (Compare, Compare) = match test.kind {
        Kind::Arn(_) => (arn::covers, arn::overlaps),
        Kind::Like => (pattern::covers, pattern::overlaps),
        Kind::Text => (
            |value, known| value == known && !pattern::is_wild(known),
            |value, known| pattern::matches(known, value),
        ),
        _ => return Tri::Maybe,
    };
    if test.values.iter().any(|value| covers(value, known)) {
        Tri::Always
    } else if test.values.iter().any(|value| overlaps(value, known)) {
        Tri::Maybe
    } else {
        Tri::Never
    }
}

const fn signed(test: &Test, found: Tri) -> Tri {
    match (found, test.negated) {
        (Tri::Always, true) => Tri::Never,
        (Tri::Never, true) => Tri::Always,
        (other, _) => other,
    }
}

/// Whether `condition` holds wherever `held` does.
pub(crate) fn implied(held: &Condition, condition: &Condition) -> Tri {
    if held.key != condition.key {
        return Tri::Maybe;
    }
    if held == condition {
        return Tri::Always;
    }
    if held.complement().test == condition.test {
        return Tri::Never;
    }
    if held.test.kind == Kind::Absent {
        let fact = if held.test.negated { Fact::Some } else { Fact::Absent };
        return by_fact(&condition.test, &fact);
    }
    let Test { negated, if_absent, .. } = held.test;
    if negated || if_absent || held.test.values.is_empty() || held.test.has_variables() {
        return Tri::Maybe;
    }
    let fact = |value: &String| match held.test.kind {
        Kind::Text => Some(Fact::Exact(value.clone())),
        kind if kind.is_like() && pattern::is_wild(value) => Some(Fact::Like(value.clone())),
        kind if kind.is_like() => Some(Fact::Exact(value.clone())),
        _ => None,
    };
    let answers = held
        .test
        .values
        .iter()
        .map(|value| fact(value).map_or(Tri::Maybe, |fact| by_fact(&condition.test, &fact)));
    answers.reduce(Tri::and_also).unwrap_or(Tri::Maybe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World {
            account: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            now: "2026-06-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn judge(who: &Who, operator: &str, key: &str, value: &str) -> Tri {
        world().judge(&Condition::new(operator, key, &[value]).unwrap(), who)
    }

    #[test]
    fn what_is_known_about_a_role() {
        let role = Who::Arn("arn:aws:iam::111122223333:role/ci".to_owned());
        for (operator, key, value, expected) in [
            ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/ci", Tri::Always),
            ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci", Tri::Never),
            ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/x", Tri::Always),
            ("StringEquals", "aws:PrincipalAccount", "999999999999", Tri::Never),
            ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", Tri::Always),
            ("StringEquals", "aws:PrincipalOrgID", "o-1", Tri::Maybe),
            ("StringNotEquals", "aws:SourceArn", "arn:aws:s3:::x", Tri::Always),
            ("Null", "aws:PrincipalArn", "true", Tri::Never),
            ("Null", "aws:SourceVpce", "true", Tri::Maybe),
            ("Bool", "aws:SecureTransport", "false", Tri::Never),
            ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", Tri::Maybe),
            ("Bool", "aws:PrincipalIsAWSService", "false", Tri::Always),
            ("StringEquals", "aws:RequestedRegion", "eu-west-1", Tri::Always),
            ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", Tri::Never),
            ("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z", Tri::Maybe),
            ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", Tri::Always),
            ("StringEquals", "aws:PrincipalType", "AssumedRole", Tri::Always),
            ("StringEquals", "aws:PrincipalOrgID", "*", Tri::Never),
            ("StringNotEquals", "aws:PrincipalOrgID", "o-*", Tri::Always),
        ] {
            assert_eq!(judge(&role, operator, key, value), expected, "{operator} {key} {value}");
        }
    }

    #[test]
    fn an_account_is_known_in_part() {
        let account = Who::Account("111122223333".to_owned());
        let arn = |value: &str| judge(&account, "ArnLike", "aws:PrincipalArn", value);
        assert_eq!(arn("arn:aws:iam::111122223333:role/ci"), Tri::Maybe);
        assert_eq!(arn("arn:aws:iam::999999999999:*"), Tri::Never);
        assert_eq!(arn("*"), Tri::Always);
        assert_eq!(judge(&account, "StringLike", "aws:PrincipalOrgID", "*"), Tri::Maybe);
        assert_eq!(judge(&account, "StringLikeIfExists", "aws:PrincipalOrgID", "*"), Tri::Always);
    }

    #[test]
    fn a_session_is_of_its_role_whatever_the_path() {
        let session = Who::Arn("arn:aws:sts::111122223333:assumed-role/ci/run".to_owned());
        let arn = |value: &str| judge(&session, "ArnLike", "aws:PrincipalArn", value);
        assert_eq!(arn("arn:aws:iam::111122223333:role/team/ci"), Tri::Maybe);
        assert_eq!(arn("arn:aws:iam::111122223333:role/other"), Tri::Never);
    }

    #[test]
    fn one_condition_implies_another() {
        let condition =
            |operator, values: &[&str]| Condition::new(operator, "aws:SourceVpce", values).unwrap();
        let held = condition("StringEquals", &["vpce-1", "vpce-2"]);
        for (operator, values, expected) in [
            ("StringEquals", &["vpce-1", "vpce-2", "vpce-3"][..], Tri::Always),
            ("StringEquals", &["vpce-3"], Tri::Never),
            ("StringEquals", &["vpce-1"], Tri::Maybe),
            ("StringNotEquals", &["vpce-1", "vpce-2"], Tri::Never),
            ("StringLike", &["vpce-*"], Tri::Always),
            ("Null", &["true"], Tri::Never),
        ] {
            assert_eq!(implied(&held, &condition(operator, values)), expected, "{operator}");
        }
        let other = Condition::new("StringEquals", "aws:SourceVpc", &["vpc-1"]).unwrap();
        assert_eq!(implied(&held, &other), Tri::Maybe);
    }
}
