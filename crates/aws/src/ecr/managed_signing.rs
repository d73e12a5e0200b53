//! ECR's managed signing: the registry itself signs what is pushed, by AWS Signer, with the
//! pusher's permissions (since November 2025).

use async_trait::async_trait;
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{ImageIdentifier, SigningStatus};
use boltseal_core::Digest;
use boltseal_ports::{ManagedSignature, SignerError};

use super::refusal::refusal;
use super::registry::unreadable;
use super::wildcard::matches;
use super::{EcrHost, EcrRegistry};
use crate::call::Call;
use crate::fault::Fault;
use crate::service::Service;
use crate::{Arn, AwsError, Session};

/// The managed signing of one repository.
pub struct ManagedSigning {
    session: Session,
    client: Client,
    registry: EcrRegistry,
}

impl ManagedSigning {
    /// Of the repository that `registry` is about. Asks nothing yet.
    pub fn new(session: &Session, registry: &EcrRegistry) -> Self {
        let host = registry.host();
        let config = session.config_in(Service::Ecr, &host.region, host.hosts());
        let (session, client) = (session.clone(), Client::new(&config));
        Self { session, client, registry: registry.clone() }
    }

    /// The profiles that sign what is pushed to the repository; none where managed signing is
    /// off, or only for other repositories (`GetSigningConfiguration`).
    pub async fn profiles(&self) -> Result<Vec<Arn>, AwsError> {
        let call = self.call("GetSigningConfiguration");
        let sent = || self.client.get_signing_configuration().send();
        let answer = match self.session.send(Service::Ecr, sent).await {
            Err(fault) if fault.is("SigningConfigurationNotFoundException") => {
                return Ok(Vec::new());
            }
            other => other.map_err(|fault| self.refusal(fault, &call))?,
        };
        let rules = answer.signing_configuration().map_or(&[][..], |it| it.rules());
        let covering = rules.iter().filter(|rule| {
            let filters = rule.repository_filters();
            let name = self.registry.repository();
            filters.is_empty() || filters.iter().any(|it| matches(it.filter(), name))
        });
        let arns = covering.map(|rule| rule.signing_profile_arn().parse());
        let arns: Result<Vec<Arn>, _> = arns.collect();
        arns.map_err(|error| unreadable(&call, "ARNs of signing profiles", error))
    }

    /// How far the signing of a pushed image is, one entry for each profile
    /// (`DescribeImageSigningStatus`).
    pub async fn status(&self, digest: &Digest) -> Result<Vec<SigningState>, AwsError> {
        let call = self.call("DescribeImageSigningStatus");
        let asked = self
            .client
            .describe_image_signing_status()
            .registry_id(self.host().account.as_str())
            .repository_name(self.registry.repository())
            .image_id(ImageIdentifier::builder().image_digest(digest.to_string()).build());
        let answer = self.session.send(Service::Ecr, || asked.clone().send()).await;
        let answer = answer.map_err(|fault| self.refusal(fault, &call))?;
        let states = answer.signing_statuses().iter().map(|it| {
            let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
            let progress = match it.status().map(SigningStatus::as_str) {
                Some("COMPLETE") => SigningProgress::Complete,
                Some("FAILED") => SigningProgress::Failed {
                    code: text(it.failure_code()),
                    reason: text(it.failure_reason()),
                },
                _ => SigningProgress::Pending,
            };
            SigningState { profile: text(it.signing_profile_arn()), progress }
        });
        Ok(states.collect())
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new(Service::Ecr, action, &self.host().region).about(self.registry.repository())
    }

    const fn host(&self) -> &EcrHost {
        self.registry.host()
    }

    fn refusal(&self, fault: Fault, call: &Call) -> AwsError {
        refusal(fault, call, self.host(), self.registry.repository())
    }
}

#[async_trait]
impl boltseal_ports::ManagedSigning for ManagedSigning {
    async fn profiles(&self) -> Result<Vec<String>, SignerError> {
        Ok(Self::profiles(self).await?.iter().map(ToString::to_string).collect())
    }

    async fn status(&self, profile: &str, image: &Digest) -> Result<ManagedSignature, SignerError> {
        let states = Self::status(self, image).await?;
        let state = states.into_iter().find(|it| it.profile.eq_ignore_ascii_case(profile));
        Ok(match state.map(|it| it.progress) {
            None => ManagedSignature::NotListed,
            Some(SigningProgress::Complete) => ManagedSignature::Done,
            Some(SigningProgress::Failed { code, reason }) => {
                ManagedSignature::Failed { reason: format!("{code}: {reason}") }
            }
            Some(SigningProgress::Pending) => ManagedSignature::Pending,
        })
    }
}

/// How far one profile's signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningState {
    /// The ARN of the profile.
    pub profile: String,
    /// How far it is.
    pub progress: SigningProgress,
}

/// How far a signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningProgress {
    /// The signature is a referrer of the image.
    Complete,
    /// There will be none, for instance because the pusher may not `signer:SignPayload`.
    Failed {
        /// AWS's code.
        code: String,
        /// AWS's words.
        reason: String,
    },
    /// Not yet.
    Pending,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer, Asked, StandIn, ok, refuse};
    use serde_json::json;

    async fn signing(
        handler: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> (StandIn, ManagedSigning) {
        let server = StandIn::new(handler).await;
        let host = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
        let session = server.session();
        let registry = EcrRegistry::new(&session, &host, "team/app");
        (server, ManagedSigning::new(&session, &registry))
    }

    fn profile(name: &str) -> String {
        format!("arn:aws:signer:eu-central-1:111122223333:/signing-profiles/{name}")
    }

    #[tokio::test]
    async fn only_rules_that_cover_the_repository_count() {
        let (_server, signing) = signing(|it: &Asked| {
            let rule = |name, filters| {
                json!({"signingProfileArn": profile(name), "repositoryFilters": filters})
            };
            let filter = |text: &str| json!([{"filter": text, "filterType": "WILDCARD_MATCH"}]);
            (it.action() == "GetSigningConfiguration").then(|| {
                ok(&json!({"signingConfiguration": {"rules": [
                    rule("all", json!([])), rule("team", filter("team/*")),
                    rule("other", filter("other/*"))]}}))
            })
        })
        .await;
        let names: Vec<_> =
            signing.profiles().await.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, [profile("all"), profile("team")]);
    }

    #[tokio::test]
    async fn no_configuration_means_no_profiles_and_a_denial_does_not() {
        for (code, outcome) in
            [("SigningConfigurationNotFoundException", Some(0)), ("AccessDeniedException", None)]
        {
            let (_server, signing) = signing(move |it: &Asked| {
                (it.action() == "GetSigningConfiguration").then(|| refuse(code, "words"))
            })
            .await;
            assert_eq!(signing.profiles().await.ok().map(|it| it.len()), outcome, "{code}");
        }
    }

    #[tokio::test]
    async fn progress_is_told_for_each_profile() {
        let (_server, signing) = signing(|it: &Asked| {
            let state = |name, status| {
                json!({"signingProfileArn": profile(name), "status": status,
                "failureCode": "AccessDenied", "failureReason": "not allowed"})
            };
            (it.action() == "DescribeImageSigningStatus").then(|| {
                ok(&json!({"signingStatuses": [state("a", "COMPLETE"), state("b", "FAILED"),
                    state("c", "IN_PROGRESS"), state("d", "SOMETHING_NEW")]}))
            })
        })
        .await;
        let states = signing.status(&Digest::sha256_of(b"")).await.unwrap();
        let failed = SigningProgress::Failed {
            code: "AccessDenied".to_owned(),
            reason: "not allowed".to_owned(),
        };
        let progress: Vec<_> = states.into_iter().map(|it| it.progress).collect();
        assert_eq!(
            progress,
            [SigningProgress::Complete, failed, SigningProgress::Pending, SigningProgress::Pending]
        );
    }
}
