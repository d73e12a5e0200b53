use async_trait::async_trait;
use aws_sdk_signer::Client;
use aws_sdk_signer::primitives::Blob;
use boltseal_ports::{PayloadSigner, SignedPayload, SignerError};

use crate::call::Call;
use crate::fault::Fault;
use crate::service::Service;
use crate::{Arn, AwsError, AwsErrorKind, Hosts, Region, Session};

/// The only format that AWS Signer signs for containers.
const FORMAT: &str = "application/vnd.cncf.notary.payload.v1+json";
const MAX_PAYLOAD: usize = 4_096;
const MAX_ENVELOPE: usize = 1 << 20;

/// A signing profile of AWS Signer (platform `Notation-OCI-SHA384-ECDSA`).
pub struct AwsSigner {
    session: Session,
    client: Client,
    profile: Arn,
    profile_text: String,
    name: String,
    region: Region,
}

impl AwsSigner {
    /// The profile with this ARN, `arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME`; it may
    /// be another account's. Asks nothing yet.
    ///
    /// # Errors
    /// Where the ARN is no profile's.
    pub fn new(session: &Session, profile: &Arn) -> Result<Self, AwsError> {
        let name = profile.resource.strip_prefix("/signing-profiles/").unwrap_or_default();
        let plain = !name.is_empty() && !name.contains('/');
        let region: Option<Region> = profile.region.parse().ok();
        let region = region.filter(|_| plain && profile.service == "signer").ok_or_else(|| {
            AwsError::new(AwsErrorKind::Invalid, "the signing profile")
                .expected("arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME")
                .found(profile.to_string())
                .fix(
                    "give the arn that `aws signer get-signing-profile --profile-name NAME` prints",
                )
        })?;
        let config = session.config_in(Service::Signer, &region, Hosts::default());
        Ok(Self {
            session: session.clone(),
            client: Client::new(&config),
            profile: profile.clone(),
            profile_text: profile.to_string(),
            name: name.to_owned(),
            region,
        })
    }

    /// Has a payload of Notation (its signature specification, 2.2) signed.
    pub async fn sign_payload(&self, payload: &[u8]) -> Result<SignedPayload, AwsError> {
        let call = Call::new(Service::Signer, "SignPayload", &self.region).about(&self.profile);
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            return Err(AwsError::new(AwsErrorKind::Invalid, call.to_string())
                .expected(format!("a payload of 1 to {MAX_PAYLOAD} bytes"))
                .found(format!("{} bytes", payload.len()))
                .fix("sign with fewer or shorter annotations"));
        }
        let asked = self
            .client
            .sign_payload()
            .profile_name(&self.name)
            .profile_owner(&self.profile.account)
            .payload(Blob::new(payload))
            .payload_format(FORMAT);
        let answer = self.session.send(Service::Signer, || asked.clone().send()).await;
        let answer = answer.map_err(|fault| self.refusal(fault, &call))?;
        let envelope = answer.signature().map(Blob::as_ref).unwrap_or_default();
        if envelope.is_empty() || envelope.len() > MAX_ENVELOPE {
            return Err(AwsError::new(AwsErrorKind::Unreadable, call.to_string())
                .expected(format!("an envelope of 1 to {MAX_ENVELOPE} bytes"))
                .found(format!("{} bytes", envelope.len()))
                .fix("look at what answers there: a proxy, or AWS_ENDPOINT_URL_SIGNER"));
        }
        let metadata = answer.metadata().into_iter().flatten();
        Ok(SignedPayload {
            envelope: envelope.to_vec(),
            annotations: metadata.map(|(key, value)| (key.clone(), value.clone())).collect(),
            job: answer.job_id().unwrap_or_default().to_owned(),
        })
    }

    fn refusal(&self, fault: Fault, call: &Call) -> AwsError {
        let error = |kind| AwsError::new(kind, call.to_string()).found(fault.found());
        match fault.code.as_str() {
            "ResourceNotFoundException" => error(AwsErrorKind::Absent)
                .expected(format!("a signing profile {} in {}", self.name, self.region))
                .fix(format!(
                    "aws signer put-signing-profile --region {} --profile-name {} --platform-id \
                     Notation-OCI-SHA384-ECDSA",
                    self.region, self.name
                )),
            "ValidationException" => error(AwsErrorKind::Invalid)
                .expected("an active profile of the platform Notation-OCI-SHA384-ECDSA")
                .fix(format!(
                    "look at its status and platform: aws signer get-signing-profile --region {} \
                     --profile-name {}",
                    self.region, self.name
                )),
            _ if fault.is_denied() => error(AwsErrorKind::Unauthorised)
                .expected("permission for signer:SignPayload with this profile")
                .fix(
                    "allow the role signer:SignPayload on the profile; another account's profile \
                     needs aws signer add-profile-permission as well",
                ),
            _ => fault.into_error(call),
        }
    }
}

#[async_trait]
impl PayloadSigner for AwsSigner {
    fn profile(&self) -> &str {
        &self.profile_text
    }

    async fn sign_payload(&self, payload: &[u8]) -> Result<SignedPayload, SignerError> {
        Ok(Self::sign_payload(self, payload).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Asked, StandIn, ok, refuse};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    const PROFILE: &str = "arn:aws:signer:eu-west-1:444455556666:/signing-profiles/release";

    fn signer(server: &StandIn) -> AwsSigner {
        AwsSigner::new(&server.session(), &PROFILE.parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn the_envelope_and_its_annotations_come_back_as_they_are() {
        let server = StandIn::new(|it: &Asked| {
            it.line.starts_with("POST /signing-jobs/with-payload ").then(|| {
                ok(&json!({"jobId": "job", "jobOwner": "444455556666",
                    "metadata": {"io.cncf.notary.x": "y"}, "signature": STANDARD.encode("{jws}")}))
            })
        })
        .await;
        let signed = signer(&server).sign_payload(b"{payload}").await.unwrap();
        assert_eq!((signed.envelope.as_slice(), signed.job.as_str()), (&b"{jws}"[..], "job"));
        assert_eq!(signed.annotations["io.cncf.notary.x"], "y");
        let asked = &server.asked()[0];
        assert_eq!(
            asked.json(),
            json!({"profileName": "release", "profileOwner": "444455556666",
            "payload": STANDARD.encode("{payload}"), "payloadFormat": FORMAT})
        );
        assert!(asked.head.contains("/eu-west-1/signer/"), "{}", asked.head);
        assert_eq!(server.traffic_writes(), 1);
    }

    #[tokio::test]
    async fn refusals_name_the_profile_and_what_to_do() {
        for (code, kind, fix) in [
            (
                "ResourceNotFoundException",
                AwsErrorKind::Absent,
                "put-signing-profile --region eu-west-1",
            ),
            ("ValidationException", AwsErrorKind::Invalid, "get-signing-profile"),
            ("AccessDeniedException", AwsErrorKind::Unauthorised, "add-profile-permission"),
        ] {
            let server = StandIn::new(move |it: &Asked| {
                it.line.contains("/signing-jobs/").then(|| refuse(code, "words"))
            })
            .await;
            let error = signer(&server).sign_payload(b"x").await.unwrap_err();
            assert_eq!(error.kind, kind, "{code}");
            assert!(error.fix.contains(fix) && error.place.contains(PROFILE), "{error:?}");
        }
    }

    #[tokio::test]
    async fn what_cannot_work_is_not_sent() {
        let server = StandIn::new(|_: &Asked| None).await;
        assert!(signer(&server).sign_payload(&vec![0; MAX_PAYLOAD + 1]).await.is_err());
        assert!(signer(&server).sign_payload(b"").await.is_err());
        for bad in [
            "arn:aws:signer:eu-west-1:1:/signing-jobs/x",
            "arn:aws:kms:eu-west-1:1:/signing-profiles/x",
            "arn:aws:signer:eu-west-1:1:/signing-profiles/x/VERSION",
        ] {
            assert!(AwsSigner::new(&server.session(), &bad.parse().unwrap()).is_err(), "{bad}");
        }
        assert!(server.asked().is_empty());
    }
}
