use serde_json::{Value, json};

use super::ReleaseGrant;

/// What a push is made of.
const PUSH: [&str; 4] =
    ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];
/// What takes a release away, or lets ECR do so.
const DELETE: [&str; 3] =
    ["ecr:BatchDeleteImage", "ecr:DeleteRepository", "ecr:PutLifecyclePolicy"];

/// Takes away what IAM of the account may grant. It grants nothing itself: what the release may do
/// stands in the role's own policy, and reading is left to IAM, promotion's included.
pub(super) fn policy(grant: &ReleaseGrant) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Sid": "NobodyElsePushes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": PUSH,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": grant.role_arn()}},
        },
        {
            "Sid": "NobodyDeletes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": DELETE,
        },
    ]})
}

pub(super) fn input(grant: &ReleaseGrant) -> Value {
    json!({
        "repositoryName": grant.repository,
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": true},
        "encryptionConfiguration": {"encryptionType": "KMS"},
    })
}
