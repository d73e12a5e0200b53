use serde_json::{Value, json};

use super::{ReleaseGrant, SIGNING_ALGORITHM};

pub(super) const USAGE: &str = "SIGN_VERIFY";
pub(super) const SPEC: &str = "ECC_NIST_P256";

/// What the account's administrators may do by their own IAM policies. Neither `kms:Sign` nor
/// `kms:CreateGrant`, by which they could let somebody sign without changing this policy.
const ADMINISTRATION: [&str; 19] = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// Who may use the key. Nobody may who is not named: KMS has no right without its key's policy.
pub(super) fn policy(grant: &ReleaseGrant) -> Value {
    let (role, account) = (grant.role_arn(), &grant.registry.account);
    let root = format!("arn:{}:iam::{account}:root", grant.registry.partition());
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": ADMINISTRATION,
            "Resource": "*",
        },
        {
            "Sid": "ReleaseRoleSigns",
            "Effect": "Allow",
            "Principal": {"AWS": role},
            "Action": "kms:Sign",
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:SigningAlgorithm": SIGNING_ALGORITHM}},
        },
        {
            "Sid": "NobodyElseSigns",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["kms:CreateGrant", "kms:Sign"],
            "Resource": "*",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role}},
        },
    ]})
}

pub(super) fn input(grant: &ReleaseGrant) -> Value {
    json!({"Description": description(grant), "KeySpec": SPEC, "KeyUsage": USAGE})
}

pub(super) fn description(grant: &ReleaseGrant) -> String {
    format!("signs releases to {}/{}", grant.registry, grant.repository)
}

#[cfg(test)]
mod tests {
    use super::super::release_grant::sample;

    #[test]
    fn only_the_role_is_let_sign() {
        let policy = sample().key_policy();
        let statements = policy["Statement"].as_array().unwrap();
        let signs = |it: &&serde_json::Value| {
            it["Effect"] == "Allow" && it["Action"].to_string().contains("kms:Sign")
        };
        let signers: Vec<_> = statements.iter().filter(signs).collect();
        assert_eq!(signers.len(), 1);
        assert_eq!(signers[0]["Principal"]["AWS"], sample().role_arn());
        assert!(!policy["Statement"][0]["Action"].to_string().contains('*'));
    }
}
