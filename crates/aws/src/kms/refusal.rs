use crate::call::Call;
use crate::fault::Fault;
use crate::{AwsError, AwsErrorKind};

/// What a fault of KMS means. `state` is what the key says about itself, where that was asked.
pub(super) fn refusal(fault: Fault, call: &Call, key: &str, state: Option<&str>) -> AwsError {
    let found = match state {
        Some(state) => format!("{} ({state})", fault.found()),
        None => fault.found(),
    };
    let error = |kind| AwsError::new(kind, call.to_string()).found(found.clone());
    let region = &call.region;
    match fault.code.as_str() {
        "NotFoundException" => {
            error(AwsErrorKind::Absent).expected(format!("a key {key} in {region}")).fix(
                "a key in another region or account is named by its full ARN, \
                 awskms:///arn:aws:kms:REGION:ACCOUNT:key/ID; for another region alone give \
                 --region",
            )
        }
        "DisabledException" => error(AwsErrorKind::Invalid)
            .expected("an enabled key")
            .fix(format!("aws kms enable-key --region {region} --key-id {key}")),
        "KMSInvalidStateException" => {
            error(AwsErrorKind::Invalid).expected("a key in the state Enabled").fix(format!(
                "aws kms cancel-key-deletion --region {region} --key-id {key}, then aws kms \
                 enable-key; or sign with another key"
            ))
        }
        "InvalidKeyUsageException" | "UnsupportedOperationException" => {
            error(AwsErrorKind::Invalid).expected("an asymmetric key for SIGN_VERIFY").fix(format!(
                "aws kms create-key --region {region} --key-usage SIGN_VERIFY --key-spec \
                 ECC_NIST_P256"
            ))
        }
        "InvalidArnException" => error(AwsErrorKind::Invalid)
            .expected("the ARN of a key or an alias")
            .fix("give the ARN that `aws kms describe-key --key-id ID` prints"),
        _ if fault.is_denied() => error(AwsErrorKind::Unauthorised)
            .expected(format!("permission for {} with this key", call.iam()))
            .fix(
                "allow kms:Sign, kms:GetPublicKey and kms:DescribeKey to the role in the key's \
                 policy, and in the role's own",
            ),
        _ => fault.into_error(call),
    }
}
