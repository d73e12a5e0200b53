//! Whether AWS Signer has revoked a signature: its job, its profile or a certificate.

use async_trait::async_trait;
use aws_sdk_signer::Client;
use aws_sdk_signer::primitives::DateTime;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use boltseal_ports::{RevocationAuthority, SignatureJob};
use jiff::Timestamp;

use crate::call::Call;
use crate::service::Service;
use crate::{Arn, AwsError, AwsErrorKind, Hosts, Region, Session};

const PLATFORM: &str = "Notation-OCI-SHA384-ECDSA";

/// What is known of a signature by its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationQuery {
    /// Its authentic signing time.
    pub signed_at: Timestamp,
    /// `com.amazonaws.signer.signingProfileVersion`.
    pub profile_version: Arn,
    /// `com.amazonaws.signer.signingJob`.
    pub job: Arn,
    /// For each certificate of the chain, from the leaf on, the hexadecimal SHA-384 of its own
    /// signed part and of its issuer's, joined; the root is its own issuer.
    pub certificate_hashes: Vec<String>,
}

/// Asks AWS Signer, in the region of the profile, what of a signature has been revoked; nothing
/// where all of it stands (`GetRevocationStatus`).
pub async fn revoked_entities(
    session: &Session,
    query: &RevocationQuery,
) -> Result<Vec<String>, AwsError> {
    let region: Region = query.profile_version.region.parse().map_err(|_| {
        AwsError::new(AwsErrorKind::Invalid, "com.amazonaws.signer.signingProfileVersion")
            .expected("the ARN of a version of a profile")
            .found(query.profile_version.to_string())
            .fix("do not trust this envelope: AWS Signer writes that ARN into what it signs")
    })?;
    let call = Call::new(Service::Signer, "GetRevocationStatus", &region).about(&query.job);
    let client = Client::new(&session.config_in(Service::Signer, &region, Hosts::default()));
    let overridden = session.aws().environment().endpoint(Service::Signer).is_some();
    let asked = client
        .get_revocation_status()
        .signature_timestamp(DateTime::from_secs(query.signed_at.as_second()))
        .platform_id(PLATFORM)
        .profile_version_arn(query.profile_version.to_string())
        .job_arn(query.job.to_string())
        .set_certificate_hashes(Some(query.certificate_hashes.clone()));
    let attempt = || {
        let asked = asked.clone().customize();
        if overridden { asked.interceptor(OwnHost).send() } else { asked.send() }
    };
    let answer = session.send(Service::Signer, attempt).await;
    let answer = answer.map_err(|fault| fault.into_error(&call))?;
    Ok(answer.revoked_entities().to_vec())
}

/// AWS Signer, asked with a session.
#[derive(Clone)]
pub struct SignerRevocation(Session);

impl SignerRevocation {
    /// Asks nothing yet.
    pub fn new(session: &Session) -> Self {
        Self(session.clone())
    }
}

#[async_trait]
impl RevocationAuthority for SignerRevocation {
    async fn revoked(&self, signature: &SignatureJob) -> Result<Vec<String>, String> {
        let arn = |text: &str| text.parse().map_err(|error| format!("{text:?}: {error}"));
        let signed_at = Timestamp::from_second(signature.signed_at);
        let query = RevocationQuery {
            signed_at: signed_at.map_err(|error| error.to_string())?,
            profile_version: arn(&signature.profile_version)?,
            job: arn(&signature.job)?,
            certificate_hashes: signature.certificate_hashes.clone(),
        };
        let answer = revoked_entities(&self.0, &query).await;
        answer.map_err(|error| format!("{}: {}; {}", error.place, error.found, error.fix))
    }
}

/// This one call goes to a host of its own, `data-signer.REGION.amazonaws.com`, and the SDK puts
/// `data-` before every host, even before `127.0.0.1`. An endpoint that somebody has set is meant
/// as it stands.
#[derive(Clone, Copy, Debug)]
struct OwnHost;

impl Intercept for OwnHost {
    fn name(&self) -> &'static str {
        "OwnHost"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some((scheme, rest)) = request.uri().split_once("://data-") {
            let plain = format!("{scheme}://{rest}");
            request.set_uri(plain)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Asked, StandIn, ok, refuse};
    use serde_json::json;

    fn query() -> RevocationQuery {
        let arn = "arn:aws:signer:eu-west-1:444455556666:";
        RevocationQuery {
            signed_at: "2026-02-01T00:00:00Z".parse().unwrap(),
            profile_version: format!("{arn}/signing-profiles/release/V1").parse().unwrap(),
            job: format!("{arn}/signing-jobs/1234").parse().unwrap(),
            certificate_hashes: vec!["aa".to_owned(), "bb".to_owned()],
        }
    }

    #[tokio::test]
    async fn an_endpoint_that_is_set_is_asked_as_it_stands() {
        let server = StandIn::new(|it: &Asked| {
            it.line.starts_with("GET /revocations?").then(|| ok(&json!({"revokedEntities": ["x"]})))
        })
        .await;
        let revoked = revoked_entities(&server.session(), &query()).await.unwrap();
        assert_eq!(revoked, ["x"]);
        let asked = &server.asked()[0];
        for part in [
            "certificateHashes=aa",
            "certificateHashes=bb",
            "platformId=Notation-OCI-SHA384-ECDSA",
            "signatureTimestamp=2026-02-01T00%3A00%3A00Z",
            "signing-jobs%2F1234",
        ] {
            assert!(asked.line.contains(part), "{part} in {}", asked.line);
        }
        assert!(asked.header("host").unwrap().starts_with("127.0.0.1"), "{}", asked.head);
        assert!(asked.head.contains("/eu-west-1/signer/"), "{}", asked.head);
    }

    #[tokio::test]
    async fn nothing_revoked_is_an_empty_list_and_a_denial_is_not() {
        let server = StandIn::new(|it: &Asked| {
            it.line.contains("/revocations").then(|| ok(&json!({"revokedEntities": []})))
        })
        .await;
        assert!(revoked_entities(&server.session(), &query()).await.unwrap().is_empty());
        let server = StandIn::new(|it: &Asked| {
            it.line.contains("/revocations").then(|| refuse("AccessDeniedException", "no"))
        })
        .await;
        let error = revoked_entities(&server.session(), &query()).await.unwrap_err();
        assert_eq!(error.kind, AwsErrorKind::Unauthorised);
    }
}
