use super::Claims;
use super::claims::Claim;
use crate::PolicyError;
use crate::policy::{Condition, Effect, PolicyDocument, PolicyKind, Principals, Statement};
use crate::who::Who;

pub(super) const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// A role's trust policy, to try claims on.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustPolicy {
    policy: PolicyDocument,
}

/// Whether a policy lets a token in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whether it does: a statement allows it and none denies it.
    pub is_admitted: bool,
    /// Each statement about tokens, with what the claims do not meet.
    pub statements: Vec<StatementAdmission>,
}

/// What one statement makes of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementAdmission {
    /// Its `Sid`, or its place.
    pub statement: String,
    /// Whether it denies.
    pub denies: bool,
    /// The conditions that the claims do not meet, and a provider that is another.
    pub unmet: Vec<String>,
    /// The same conditions, with what the token says instead.
    pub missed: Vec<Missed>,
    /// Conditions that claims do not decide, such as the session's name.
    pub open: Vec<String>,
}

/// A condition that a token does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The condition key as it is written, or `Principal`.
    pub key: String,
    /// The condition, or what the principal should be.
    pub expected: String,
    /// What the token says: its values; none where it has no such claim.
    pub found: Vec<String>,
}

/// What claims make of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Yes,
    No,
    Open,
}

impl TrustPolicy {
    /// Reads the JSON of a trust policy.
    ///
    /// # Errors
    /// What AWS would not store, with its place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Ok(Self { policy: PolicyDocument::parse_text(text, PolicyKind::Trust)? })
    }

    /// Whether a token with these claims may take the role, as far as claims decide that.
    pub fn admits(&self, claims: &Claims) -> Admission {
        admits(&self.policy, claims)
    }
}

pub(super) fn admits(policy: &PolicyDocument, claims: &Claims) -> Admission {
    let about_tokens = policy.statements.iter().filter(|it| it.actions.include(ACTION));
    let statements: Vec<StatementAdmission> =
        about_tokens.map(|statement| of_statement(statement, claims)).collect();
    let allowed = statements.iter().any(|it| !it.denies && it.unmet.is_empty());
    // A Deny that may apply is not one that does.
    let denied = statements.iter().any(|it| it.denies && it.unmet.is_empty() && it.open.is_empty());
    Admission { is_admitted: allowed && !denied, statements }
}

fn of_statement(statement: &Statement, claims: &Claims) -> StatementAdmission {
    let mut unmet = Vec::new();
    let (mut missed, mut open) = (Vec::new(), Vec::new());
    if !names(&statement.principals, &claims.provider()) {
        unmet.push(format!("the provider is {}", claims.provider()));
        missed.push(Missed {
            key: "Principal".to_owned(),
            expected: format!("{{\"Federated\": \"...:oidc-provider/{}\"}}", claims.provider()),
            found: named(&statement.principals),
        });
    }
    for condition in &statement.conditions {
        match met(condition, claims) {
            Met::Yes => {}
            Met::No => {
                unmet.push(condition.to_string());
                missed.push(Missed {
                    key: condition.written().to_owned(),
                    expected: condition.to_string(),
                    found: match claims.of_key(&condition.key) {
                        Some(Claim::Values(values)) => values.to_vec(),
                        _ => Vec::new(),
                    },
                });
            }
            Met::Open => open.push(condition.to_string()),
        }
    }
    let denies = statement.effect == Effect::Deny;
    StatementAdmission { statement: statement.name(), denies, unmet, missed, open }
}

fn named(principals: &Principals) -> Vec<String> {
    match principals {
        Principals::Bearer => Vec::new(),
        Principals::In(who) => who.iter().map(ToString::to_string).collect(),
        Principals::NotIn(who) => who.iter().map(|it| format!("not {it}")).collect(),
    }
}

fn names(principals: &Principals, provider: &str) -> bool {
    let is_provider = |who: &Who| match who {
        Who::Everyone => true,
        Who::Federated(text) => text == "*" || provider_of(text).as_deref() == Some(provider),
        _ => false,
    };
    match principals {
        Principals::Bearer => false,
        Principals::In(who) => who.iter().any(is_provider),
        Principals::NotIn(who) => !who.iter().any(is_provider),
    }
}

/// The provider of `arn:aws:iam::ACCOUNT:oidc-provider/PROVIDER`, in lower case.
pub(super) fn provider_of(arn: &str) -> Option<String> {
    let (_, provider) = arn.split_once(":oidc-provider/")?;
    Some(provider.trim_end_matches('/').to_ascii_lowercase())
}

fn met(condition: &Condition, claims: &Claims) -> Met {
    let holds = |values: Option<&[&str]>| {
        if condition.test.holds(values) { Met::Yes } else { Met::No }
    };
    match claims.of_key(&condition.key) {
        Some(Claim::Absent) => holds(None),
        Some(Claim::Values(values)) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            holds(Some(&values))
        }
        None if condition.key == "aws:securetransport" => holds(Some(&["true"])),
        Some(Claim::Unknown) | None => Met::Open,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(sub: &str, aud: &str) -> Claims {
        let token = json!({
            "iss": "https://token.actions.githubusercontent.com", "sub": sub, "aud": aud,
        });
        Claims::of_token(token.as_object().unwrap())
    }

    fn policy(condition: &serde_json::Value) -> TrustPolicy {
        let text = json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Ci",
            "Effect": "Allow",
            "Principal": {"Federated":
                "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }]});
        TrustPolicy::parse(&text.to_string()).unwrap()
    }

    #[test]
    fn it_says_which_condition_is_not_met() {
        let policy = policy(&json!({
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"},
        }));
        let good = policy.admits(&claims("repo:acme/app:ref:refs/heads/main", "sts.amazonaws.com"));
        assert!(good.is_admitted, "{good:?}");
        let bad = policy.admits(&claims("repo:acme/other:pull_request", "sts.amazonaws.com"));
        assert!(!bad.is_admitted);
        let unmet = &bad.statements[0].unmet;
        assert_eq!(unmet, &["StringLike token.actions.githubusercontent.com:sub repo:acme/app:*"]);
        let other = policy.admits(&claims("repo:acme/app:pull_request", "https://example.com"));
        assert_eq!(other.statements[0].unmet.len(), 1);
        let missed = &other.statements[0].missed[0];
        assert_eq!(missed.found, ["https://example.com"]);
        assert_eq!(missed.key, "token.actions.githubusercontent.com:aud");
    }

    #[test]
    fn a_claim_that_is_absent_meets_what_holds_without_it() {
        let policy = policy(&json!({
            "ForAllValues:StringLike": {"token.actions.githubusercontent.com:environment": "prod"},
        }));
        assert!(policy.admits(&claims("anything", "anyone")).is_admitted);
    }

    #[test]
    fn another_issuer_is_not_let_in() {
        let token = json!({"iss": "https://gitlab.com", "sub": "x"});
        let admission = policy(&json!({})).admits(&Claims::of_token(token.as_object().unwrap()));
        assert!(!admission.is_admitted);
        assert_eq!(admission.statements[0].unmet, ["the provider is gitlab.com"]);
    }
}
