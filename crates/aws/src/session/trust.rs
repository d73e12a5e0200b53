use boltseal_ports::IdClaims;
use serde_json::{Value, json};

use crate::{AccountId, Partition};

/// The condition of a trust policy that this token, and no other branch's or repository's, would
/// meet: `StringEquals` on its audience and its subject.
pub fn trust_condition(claims: &IdClaims) -> Value {
    let host = provider_host(&claims.issuer);
    let audience = claims.audiences.first().map(String::as_str).unwrap_or_default();
    json!({ "StringEquals": {
        format!("{host}:aud"): audience,
        format!("{host}:sub"): claims.subject,
    }})
}

/// The ARN of the identity provider that an account must have for this token.
pub fn provider_arn(claims: &IdClaims, partition: Partition, account: &AccountId) -> String {
    let host = provider_host(&claims.issuer);
    format!("arn:{partition}:iam::{account}:oidc-provider/{host}")
}

/// How the issuer is called in ARNs and condition keys.
pub(crate) fn provider_host(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_issuer_without_its_scheme() {
        let claims = IdClaims {
            issuer: "https://gitlab.example/".to_owned(),
            subject: "project_path:acme/app:ref_type:branch:ref:main".to_owned(),
            audiences: vec!["sts.amazonaws.com".to_owned()],
            ..IdClaims::default()
        };
        let condition = trust_condition(&claims);
        assert_eq!(condition["StringEquals"]["gitlab.example:aud"], "sts.amazonaws.com");
        assert_eq!(condition["StringEquals"]["gitlab.example:sub"], claims.subject.as_str());
        let account = "111122223333".parse().unwrap();
        assert_eq!(
            provider_arn(&claims, Partition::China, &account),
            "arn:aws-cn:iam::111122223333:oidc-provider/gitlab.example"
        );
    }
}
