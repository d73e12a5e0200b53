use super::EcrHost;
use crate::call::Call;
use crate::fault::Fault;
use crate::{AwsError, AwsErrorKind};

/// What a fault of ECR means. `repository` is what was asked about.
pub(super) fn refusal(fault: Fault, call: &Call, host: &EcrHost, repository: &str) -> AwsError {
    match fault.code.as_str() {
        "RepositoryNotFoundException" => {
            let EcrHost { account, region, .. } = host;
            AwsError::new(AwsErrorKind::Absent, call.to_string())
                .expected(format!("a repository {repository} of account {account} in {region}"))
                .found(fault.found())
                .fix(format!(
                    "aws ecr create-repository --repository-name {repository} --region {region} \
                     --image-tag-mutability IMMUTABLE"
                ))
        }
        "KmsException" => AwsError::new(AwsErrorKind::Unauthorised, call.to_string())
            .expected("a repository whose encryption key this role may use")
            .found(fault.found())
            .fix("allow kms:Decrypt and kms:GenerateDataKey on the repository's key"),
        _ => fault.into_error(call),
    }
}
