//! A grant: requests of some principals under some conditions. Conditions narrow it, denials take
//! away exactly what they match.

use std::fmt;

use crate::arn::{self, Arn};
use crate::pattern;
use crate::policy::{Condition, Kind, Principals, SetTest, Statement};
use crate::who::Who;
use crate::world::{Tri, World, implied};

/// The requests of `who` that meet all of `limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) who: Who,
    pub(crate) limits: Vec<Limit>,
}

/// What cannot be said by naming a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Condition(Condition),
    /// Not these principals.
    Except(Vec<Who>),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(condition) => condition.fmt(f),
            Self::Except(who) => {
                let names: Vec<String> = who.iter().map(ToString::to_string).collect();
                write!(f, "except {}", names.join(", "))
            }
        }
    }
}

impl Grant {
    pub(crate) const fn new(who: Who) -> Self {
        Self { who, limits: Vec::new() }
    }

    /// Whether `condition` holds for these requests.
    pub(crate) fn judge(&self, world: &World, condition: &Condition) -> Tri {
        let known = world.judge(condition, &self.who);
        if known != Tri::Maybe {
            return known;
        }
        let condition = world.substituted(condition);
        let held = self.limits.iter().filter_map(|limit| match limit {
            Limit::Condition(held) => Some(implied(held, &condition)),
            Limit::Except(_) => None,
        });
        held.into_iter().find(|answer| *answer != Tri::Maybe).unwrap_or(Tri::Maybe)
    }

    /// Those of the requests for which `condition` holds.
    pub(crate) fn restrict(self, world: &World, condition: &Condition) -> Vec<Self> {
        let condition = &world.substituted(condition);
        match self.judge(world, condition) {
            Tri::Always => vec![self],
            Tri::Never => Vec::new(),
            Tri::Maybe => {
                let limit = Limit::Condition(condition.clone());
                let Some(named) = named_by(&self.who, condition) else {
                    return vec![self.limited(limit)];
                };
                let of = |(who, kept): (Who, Kept)| {
                    let grant = self.clone().narrowed(who);
                    match kept {
                        Kept::No => grant,
                        Kept::Yes => grant.limited(limit.clone()),
                    }
                };
                named.into_iter().map(of).collect()
            }
        }
    }

    /// Those of the requests for which all of `conditions` hold.
    pub(crate) fn restrict_all(self, world: &World, conditions: &[Condition]) -> Vec<Self> {
        conditions.iter().fold(vec![self], |grants, condition| {
            grants.into_iter().flat_map(|grant| grant.restrict(world, condition)).collect()
        })
    }

    /// Those of the requests that `denial` does not match, given that it speaks of their action
    /// and resource.
    pub(crate) fn subtract(self, world: &World, denial: &Statement) -> Vec<Self> {
        let answers: Vec<Tri> = denial.conditions.iter().map(|it| self.judge(world, it)).collect();
        if answers.contains(&Tri::Never) {
            return vec![self];
        }
        let mut rest = self.clone().outside(&denial.principals);
        if rest.contains(&self) {
            return vec![self];
        }
        for condition in denial.conditions.iter().zip(answers) {
            if let (condition, Tri::Maybe) = condition {
                rest.extend(self.clone().restrict(world, &condition.complement()));
            }
        }
        distinct(rest)
    }

    /// Those of the requests whose principal is not among `principals`.
    fn outside(self, principals: &Principals) -> Vec<Self> {
        match principals {
            Principals::Bearer => Vec::new(),
            Principals::In(named) => {
                if named.iter().any(|it| it.covers(&self.who)) {
                    return Vec::new();
                }
                let met = named.iter().filter(|it| it.meet(&self.who).is_some());
                let met: Vec<Who> = met.cloned().collect();
                vec![if met.is_empty() { self } else { self.limited(Limit::Except(met)) }]
            }
            Principals::NotIn(spared) => {
                let met = exempt(spared).into_iter().filter_map(|it| self.who.meet(&it));
                met.map(|who| self.clone().narrowed(who)).collect()
            }
        }
    }

    /// The same for some of the principals. Who is named more closely than by an organisation
    /// must still be of it.
    fn narrowed(mut self, who: Who) -> Self {
        let before = std::mem::replace(&mut self.who, who);
        match before {
            Who::Organisation(id) if self.who != Who::Organisation(id.clone()) => {
                self.limited(Limit::Condition(Condition::of_organisation(&id)))
            }
            _ => self,
        }
    }

    fn limited(mut self, limit: Limit) -> Self {
        if !self.limits.contains(&limit) {
            self.limits.push(limit);
        }
        self
    }
}

/// Whom a denial with `NotPrincipal` spares. AWS documents that it looks at the account, the role
/// and the session of whoever asks, and spares only whom it finds named by all of these: an account
/// beside one of its principals spares nobody else but its root user. An account alone is taken to
/// spare all of it, which claims too little protection rather than too much.
fn exempt(spared: &[Who]) -> Vec<Who> {
    let member = |id: &str| {
        let arns = spared.iter().filter_map(|it| match it {
            Who::Arn(text) => Arn::parse(text),
            _ => None,
        });
        arns.into_iter().find(|arn| arn.account == id)
    };
    let of = |who: &Who| match who {
        Who::Account(id) => match member(id) {
            Some(Arn { partition, .. }) => Who::Arn(format!("arn:{partition}:iam::{id}:root")),
            None => who.clone(),
        },
        other => other.clone(),
    };
    spared.iter().map(of).collect()
}

/// Without those that are part of another.
pub(crate) fn distinct(grants: Vec<Grant>) -> Vec<Grant> {
    let within = |one: &Grant, other: &Grant| {
        other.who.covers(&one.who) && other.limits.iter().all(|it| one.limits.contains(it))
    };
    let mut kept: Vec<Grant> = Vec::new();
    for grant in grants {
        if !kept.iter().any(|it| within(&grant, it)) {
            kept.retain(|it| !within(it, &grant));
            kept.push(grant);
        }
    }
    kept
}

/// Whether a condition is still needed beside the principal that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    No,
    Yes,
}

/// The principals that `condition` names among `who`, where each of its values names one or
/// nobody.
fn named_by(who: &Who, condition: &Condition) -> Option<Vec<(Who, Kept)>> {
    let test = &condition.test;
    // Where the key may be absent and that is enough, it names nobody.
    let is_open = test.if_absent && !is_always_there(&condition.key);
    let is_set = test.set == SetTest::All && !is_always_there(&condition.key);
    let is_other = test.kind == Kind::Absent || test.negated || test.has_variables();
    if is_other || is_open || is_set {
        return None;
    }
    let mut all = Vec::new();
    for value in &test.values {
        let (named, kept) = named_by_value(who, condition, value)?;
        let is_closer = match who {
            Who::Everyone | Who::Organisation(_) => true,
            _ => !matches!(named, Who::Organisation(_) | Who::UniqueId(_)),
        };
        if !is_closer {
            return None;
        }
        all.extend(who.meet(&named).map(|met| (met, kept)));
    }
    Some(all)
}

fn is_always_there(key: &str) -> bool {
    matches!(key, "aws:principalarn" | "aws:principalaccount" | "aws:userid" | "kms:calleraccount")
}

fn named_by_value(who: &Who, condition: &Condition, value: &str) -> Option<(Who, Kept)> {
    let is_like = condition.test.kind.is_like();
    let is_plain = !is_like || !pattern::is_wild(value);
    match condition.key.as_str() {
        "aws:principalaccount" | "kms:calleraccount" if is_plain && arn::is_account(value) => {
            Some((Who::Account(value.to_owned()), Kept::No))
        }
        "aws:principalarn" => Some((by_arn(who, value)?, Kept::No)),
        "aws:principalorgid" if is_plain => Some((Who::Organisation(value.to_owned()), Kept::No)),
        "aws:principalorgpaths" => {
            let organisation = value.split('/').next().unwrap_or_default();
            let is_open = organisation.is_empty() || (is_like && pattern::is_wild(organisation));
            (!is_open).then(|| (Who::Organisation(organisation.to_owned()), Kept::Yes))
        }
        "aws:principalservicename" if is_plain => Some((Who::Service(value.to_owned()), Kept::No)),
        "aws:userid" => Some((Who::UniqueId(by_user_id(value)?), Kept::No)),
        _ => None,
    }
}

/// The principals of `who` whose ARN `value` matches, where the account is known.
fn by_arn(who: &Who, value: &str) -> Option<Who> {
    let arn = Arn::parse(value)?;
    if !pattern::is_wild(arn.account) {
        return Some(Who::Arn(value.to_owned()));
    }
    match who {
        Who::Account(id) if pattern::matches(arn.account, id) => {
            Some(Who::Arn(Arn { account: id, ..arn }.to_string()))
        }
        _ => None,
    }
}

/// A unique id whose beginning is known: `AROA...:*`.
fn by_user_id(value: &str) -> Option<String> {
    let fixed = value.split(['*', '?']).next().unwrap_or_default();
    (fixed.len() >= 16).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::{PolicyDocument, PolicyKind};

    const CI: &str = "arn:aws:iam::111122223333:role/ci";

    fn text(grant: &Grant) -> String {
        let limits: Vec<String> = grant.limits.iter().map(ToString::to_string).collect();
        format!("{} {}", grant.who, limits.join(" and ")).trim().to_owned()
    }

    fn world() -> World {
        World {
            account: Some("111122223333".to_owned()),
            region: None,
            now: "2026-06-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn denial(principal: &Value, condition: &Value) -> Statement {
        let mut statement = json!({"Effect": "Deny", "Action": "*", "Condition": condition});
        for (name, value) in principal.as_object().unwrap() {
            statement[name] = value.clone();
        }
        let policy = json!({"Statement": [statement]});
        PolicyDocument::parse(&policy, PolicyKind::Resource).unwrap().statements.remove(0)
    }

    fn left(who: Who, principal: &Value, condition: &Value) -> Vec<String> {
        let rest = Grant::new(who).subtract(&world(), &denial(principal, condition));
        rest.iter().map(text).collect()
    }

    fn account() -> Who {
        Who::Account("111122223333".to_owned())
    }

    #[test]
    fn a_denial_leaves_what_it_does_not_match() {
        let everyone = json!({"Principal": "*"});
        for (condition, expected) in [
            (json!({}), vec![]),
            (json!({"ArnNotEquals": {"aws:PrincipalArn": CI}}), vec![CI]),
            (json!({"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}), vec![CI]),
            (
                json!({"StringNotEquals": {"aws:PrincipalArn": [CI, "arn:aws:iam::999999999999:role/x"]}}),
                vec![CI],
            ),
            (
                json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
                vec!["111122223333"],
            ),
            (json!({"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}), vec![]),
            (
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
                vec!["111122223333 StringEquals aws:SourceVpce vpce-1"],
            ),
            (
                json!({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
                vec!["111122223333 StringEquals aws:SourceVpce vpce-1"],
            ),
            (json!({"Bool": {"aws:SecureTransport": "false"}}), vec!["111122223333"]),
            (
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
                vec!["111122223333 StringEquals aws:PrincipalOrgID o-1"],
            ),
            (
                json!({"ArnNotEquals": {"aws:PrincipalArn": CI}, "Bool": {"aws:ViaAWSService": "false"}}),
                vec![CI, "111122223333 NotBool aws:ViaAWSService false"],
            ),
        ] {
            assert_eq!(left(account(), &everyone, &condition), expected, "{condition}");
        }
    }

    #[test]
    fn principals_of_a_denial() {
        let none = json!({});
        let other = "arn:aws:iam::111122223333:role/other";
        for (principal, expected) in [
            (json!({"Principal": {"AWS": "111122223333"}}), vec![]),
            (json!({"Principal": {"AWS": "999999999999"}}), vec!["111122223333"]),
            (
                json!({"Principal": {"AWS": other}}),
                vec!["111122223333 except arn:aws:iam::111122223333:role/other"],
            ),
            (json!({"NotPrincipal": {"AWS": CI}}), vec![CI]),
            (
                json!({"NotPrincipal": {"AWS": [CI, "arn:aws:iam::111122223333:root"]}}),
                vec![CI, "arn:aws:iam::111122223333:root"],
            ),
            (
                json!({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}),
                vec!["111122223333"],
            ),
            (json!({"NotPrincipal": {"AWS": "999999999999"}}), vec![]),
        ] {
            assert_eq!(left(account(), &principal, &none), expected, "{principal}");
        }
    }

    #[test]
    fn a_limited_grant_escapes_or_not() {
        let grant = || {
            let condition = Condition::new("StringEquals", "aws:SourceVpce", &["vpce-1"]).unwrap();
            Grant::new(Who::Everyone).restrict(&world(), &condition).remove(0)
        };
        let everyone = json!({"Principal": "*"});
        let same = denial(&everyone, &json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}));
        assert_eq!(grant().subtract(&world(), &same), [grant()]);
        let other = denial(&everyone, &json!({"StringNotEquals": {"aws:SourceVpce": "vpce-2"}}));
        assert_eq!(grant().subtract(&world(), &other), []);
    }

    #[test]
    fn conditions_name_principals() {
        let restricted = |operator: &str, key: &str, values: &[&str]| {
            let condition = Condition::new(operator, key, values).unwrap();
            let grants = Grant::new(Who::Everyone).restrict(&world(), &condition);
            grants.iter().map(text).collect::<Vec<_>>()
        };
        for (operator, key, values, expected) in [
            ("StringEquals", "aws:PrincipalOrgID", &["o-1"][..], vec!["o-1"]),
            ("StringEquals", "aws:PrincipalOrgID", &["o-1", "o-2"], vec!["o-1", "o-2"]),
            (
                "StringEqualsIfExists",
                "aws:PrincipalOrgID",
                &["o-1"],
                vec!["* StringEqualsIfExists aws:PrincipalOrgID o-1"],
            ),
            (
                "StringLike",
                "aws:PrincipalOrgID",
                &["o-*"],
                vec!["* StringLike aws:PrincipalOrgID o-*"],
            ),
            ("StringEquals", "aws:PrincipalAccount", &["999999999999"], vec!["999999999999"]),
            (
                "StringEquals",
                "AWS:principalaccount",
                &["${aws:ResourceAccount}"],
                vec!["111122223333"],
            ),
            (
                "ArnLike",
                "aws:PrincipalArn",
                &["arn:aws:iam::111122223333:role/ci-*"],
                vec!["arn:aws:iam::111122223333:role/ci-*"],
            ),
            (
                "ArnLike",
                "aws:PrincipalArn",
                &["arn:aws:iam::*:role/ci"],
                vec!["* ArnLike aws:PrincipalArn arn:aws:iam::*:role/ci"],
            ),
            ("StringLike", "aws:PrincipalArn", &["*"], vec!["*"]),
            (
                "ForAnyValue:StringLike",
                "aws:PrincipalOrgPaths",
                &["o-1/r-2/*"],
                vec!["o-1 ForAnyValue:StringLike aws:PrincipalOrgPaths o-1/r-2/*"],
            ),
            (
                "StringLike",
                "aws:userid",
                &["AROAEXAMPLEEXAMPLE123:*"],
                vec!["AROAEXAMPLEEXAMPLE123:*"],
            ),
            ("StringLike", "aws:userid", &["*:session"], vec!["* StringLike aws:userid *:session"]),
        ] {
            assert_eq!(restricted(operator, key, values), expected, "{operator} {key}");
        }
    }
}
