//! Credentials of whoever runs boltseal without a CI system's token: environment, profile,
//! container, machine.

use std::error::Error as _;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds::client::error::ImdsError;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_types::region::Region as SdkRegion;

use super::held::{Held, Life};
use crate::{Aws, AwsError, AwsErrorKind, Region};

const PLACE: &str = "the ordinary AWS credentials";

/// The SDK's own chain.
pub(super) async fn credentials(aws: &Aws, region: &Region) -> Result<Held, AwsError> {
    let region = SdkRegion::new(region.as_str().to_owned());
    let configuration = ProviderConfig::without_region()
        .with_region(Some(region.clone()))
        .with_http_client(aws.connector().clone())
        .with_sleep_impl(TokioSleep::new())
        .with_time_source(aws.clock());
    let chain = DefaultCredentialsChain::builder().region(region).configure(configuration);
    let found = chain.build().await.provide_credentials().await;
    let credentials = found.map_err(|error| refusal(&error))?;
    let life = Life::of(&credentials, aws.now());
    Ok(Held { credentials, life, caller: None, generation: 0 })
}

fn is_of_metadata_service(error: &CredentialsError) -> bool {
    let Some(source) = error.source() else {
        return false;
    };
    source.is::<ImdsError>()
}

fn refusal(error: &CredentialsError) -> AwsError {
    let (kind, found) = match error {
        CredentialsError::CredentialsNotLoaded(_) => (AwsErrorKind::Unauthorised, "none"),
        // The last source: whatever answers there gives no credentials.
        error if is_of_metadata_service(error) => {
            (AwsErrorKind::Unauthorised, "none, not from the machine's metadata service either")
        }
        CredentialsError::ProviderTimedOut(_) => {
            (AwsErrorKind::Unreachable, "a source of credentials that did not answer in time")
        }
        CredentialsError::InvalidConfiguration(_) => {
            (AwsErrorKind::Invalid, "a configuration that the SDK cannot read")
        }
        _ => (AwsErrorKind::Unauthorised, "a source of credentials that failed"),
    };
    // The sources' own texts are not shown: a credential process may print anything.
    AwsError::new(kind, PLACE)
        .expected("credentials in the environment, a profile, a container or a machine role")
        .found(found)
        .fix(
            "in CI give --role; elsewhere log in: `eval \"$(aws configure export-credentials \
             --format env)\"` after `aws sso login`",
        )
}
