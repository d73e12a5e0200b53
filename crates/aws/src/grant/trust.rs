use serde_json::{Map, Value, json};

use super::ReleaseGrant;
use crate::session::provider_host;

/// One statement for subjects that are exact, and one for those with a star: an operator for
/// patterns is used for nothing else.
pub(super) fn policy(grant: &ReleaseGrant) -> Value {
    let (patterns, exact): (Vec<&str>, Vec<&str>) =
        grant.trust.subjects.iter().map(String::as_str).partition(|it| it.contains('*'));
    let mut statements = Vec::new();
    if !exact.is_empty() {
        let condition = json!({"StringEquals": conditions(grant, &[("sub", &exact)])});
        statements.push(statement(grant, "ReleaseJob", &condition));
    }
    if !patterns.is_empty() {
        let condition = json!({
            "StringEquals": conditions(grant, &[]),
            "StringLike": subject(grant, &patterns),
        });
        statements.push(statement(grant, "ReleaseJobOfPattern", &condition));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(grant: &ReleaseGrant, name: &str, condition: &Value) -> Value {
    json!({
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"Federated": super::provider::arn(grant)},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    })
}

/// The audience, and further claims.
fn conditions(grant: &ReleaseGrant, claims: &[(&str, &[&str])]) -> Value {
    let host = provider_host(&grant.trust.issuer);
    let mut keys = Map::new();
    keys.insert(format!("{host}:aud"), grant.trust.audience.as_str().into());
    for (claim, values) in claims {
        keys.insert(format!("{host}:{claim}"), one_or_many(values));
    }
    Value::Object(keys)
}

fn subject(grant: &ReleaseGrant, values: &[&str]) -> Value {
    json!({ format!("{}:sub", provider_host(&grant.trust.issuer)): one_or_many(values) })
}

fn one_or_many(values: &[&str]) -> Value {
    match values {
        [one] => (*one).into(),
        several => json!(several),
    }
}

#[cfg(test)]
mod tests {
    use boltseal_ports::IdClaims;

    use super::super::release_grant::sample;
    use crate::trust_condition;

    #[test]
    fn the_condition_is_the_one_that_a_refused_token_is_told() {
        let grant = sample();
        let claims = IdClaims {
            issuer: grant.trust.issuer.clone(),
            subject: grant.trust.subjects[0].clone(),
            audiences: vec![grant.trust.audience.clone()],
            ..IdClaims::default()
        };
        let policy = grant.trust_policy();
        assert_eq!(policy["Statement"][0]["Condition"], trust_condition(&claims));
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_pattern_is_compared_as_one_and_exact_subjects_never_are() {
        let mut grant = sample();
        grant.trust.subjects.push("repo:acme/app:ref:refs/tags/v*".to_owned());
        let policy = grant.trust_policy();
        let key = "token.actions.githubusercontent.com:sub";
        let condition = |at: usize| policy["Statement"][at]["Condition"].clone();
        assert_eq!(condition(0)["StringEquals"][key], "repo:acme/app:ref:refs/heads/main");
        assert!(condition(0).get("StringLike").is_none());
        assert_eq!(condition(1)["StringLike"][key], "repo:acme/app:ref:refs/tags/v*");
        assert!(condition(1)["StringEquals"].get(key).is_none());
        assert!(condition(1)["StringEquals"].as_object().unwrap().len() == 1, "the audience");
    }
}
