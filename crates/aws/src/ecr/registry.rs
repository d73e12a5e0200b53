use std::collections::BTreeSet;
use std::fmt;

use async_trait::async_trait;
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{ImageIdentifier, LayerAvailability};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Tag};
use boltseal_ports::{
    BlobPresence, IssuedLogin, RegistryCall, RegistryError, RegistryLogin, RegistryRules,
};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::immutable_tags::ImmutableTags;
use super::refusal::refusal;
use super::{EcrAction, EcrHost, EcrQuota};
use crate::call::Call;
use crate::fault::Fault;
use crate::service::Service;
use crate::{AwsError, AwsErrorKind, Session};

/// The most digests that one `BatchCheckLayerAvailability` takes.
const BATCH: usize = 100;
/// How many artifacts may refer to one image.
const MOST_REFERRERS: usize = 100;

/// The control plane of one repository.
#[derive(Clone)]
pub struct EcrRegistry {
    session: Session,
    client: Client,
    host: EcrHost,
    repository: String,
    quota: EcrQuota,
}

impl EcrRegistry {
    /// The repository `repository` of the registry `host`. Asks nothing yet.
    pub fn new(session: &Session, host: &EcrHost, repository: &str) -> Self {
        let config = session.config_in(Service::Ecr, &host.region, host.hosts());
        Self {
            session: session.clone(),
            client: Client::new(&config),
            host: host.clone(),
            repository: repository.to_owned(),
            quota: EcrQuota::default(),
        }
    }

    /// The registry.
    pub const fn host(&self) -> &EcrHost {
        &self.host
    }

    /// The repository's path.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// What the repository is set to (`DescribeRepositories`).
    pub async fn facts(&self) -> Result<RepositoryFacts, AwsError> {
        let call = self.call("DescribeRepositories");
        let asked = self
            .client
            .describe_repositories()
            .registry_id(self.host.account.as_str())
            .repository_names(&self.repository);
        let answer = self.session.send(Service::Ecr, || asked.clone().send()).await;
        let answer = answer.map_err(|fault| self.refusal(fault, &call))?;
        let [repository] = answer.repositories() else {
            return Err(unreadable(&call, "one repository", answer.repositories().len()));
        };
        let mode = repository.image_tag_mutability().map_or("", |it| it.as_str());
        let filters = repository.image_tag_mutability_exclusion_filters();
        let filters = filters.iter().map(|it| it.filter().to_owned());
        let immutable_tags = ImmutableTags::of(mode, filters.collect());
        let immutable_tags =
            immutable_tags.ok_or_else(|| unreadable(&call, "a known imageTagMutability", mode))?;
        let encryption = repository.encryption_configuration();
        Ok(RepositoryFacts {
            arn: repository.repository_arn().unwrap_or_default().to_owned(),
            immutable_tags,
            encryption_key: encryption.and_then(|it| it.kms_key()).map(ToOwned::to_owned),
        })
    }

    /// When the image was pushed (`DescribeImages`); [`None`] where it is not there.
    pub async fn pushed_at(&self, digest: &Digest) -> Result<Option<Timestamp>, AwsError> {
        let call = self.call("DescribeImages");
        let image = ImageIdentifier::builder().image_digest(digest.to_string()).build();
        let asked = self
            .client
            .describe_images()
            .registry_id(self.host.account.as_str())
            .repository_name(&self.repository)
            .image_ids(image);
        let answer = self.session.send(Service::Ecr, || asked.clone().send()).await;
        let answer = match answer {
            Err(fault) if fault.is("ImageNotFoundException") => return Ok(None),
            other => other.map_err(|fault| self.refusal(fault, &call))?,
        };
        let pushed = answer.image_details().iter().find_map(|it| it.image_pushed_at());
        Ok(pushed.and_then(|it| Timestamp::from_second(it.secs()).ok()))
    }

    async fn batch(&self, digests: &[&Digest]) -> Result<Vec<Digest>, AwsError> {
        let call = self.call("BatchCheckLayerAvailability");
        self.quota.turn(EcrAction::BatchCheckLayerAvailability).await;
        let asked = self
            .client
            .batch_check_layer_availability()
            .registry_id(self.host.account.as_str())
            .repository_name(&self.repository)
            .set_layer_digests(Some(digests.iter().map(ToString::to_string).collect()));
        let answer = self.session.send(Service::Ecr, || asked.clone().send()).await;
        let answer = answer.map_err(|fault| self.refusal(fault, &call))?;
        // `MissingLayerDigest` is the answer for a layer that is not there.
        let missing = "MissingLayerDigest";
        let failures = answer.failures().iter();
        let other = failures.filter_map(|it| it.failure_code()).find(|it| it.as_str() != missing);
        if let Some(code) = other {
            return Err(unreadable(&call, "an answer for each digest", code.as_str()));
        }
        let told = answer.layers().len() + answer.failures().len();
        if told != digests.len() {
            return Err(unreadable(&call, &format!("{} answers", digests.len()), told));
        }
        let available = answer
            .layers()
            .iter()
            .filter(|layer| layer.layer_availability() == Some(&LayerAvailability::Available));
        let named = available.filter_map(|it| it.layer_digest()?.parse().ok());
        Ok(named.filter(|it| digests.contains(&it)).collect())
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new(Service::Ecr, action, &self.host.region).about(&self.repository)
    }

    fn refusal(&self, fault: Fault, call: &Call) -> AwsError {
        refusal(fault, call, &self.host, &self.repository)
    }
}

/// What a repository is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// Its ARN.
    pub arn: String,
    /// Which of its tags never move.
    pub immutable_tags: ImmutableTags,
    /// The KMS key that it is encrypted with, where it has one of its own.
    pub encryption_key: Option<String>,
}

#[async_trait]
impl RegistryLogin for EcrRegistry {
    /// `GetAuthorizationToken`: the password stands for whoever calls, at every registry that he
    /// may reach, for twelve hours or as long as the answer says.
    async fn login(&self) -> Result<IssuedLogin, RegistryError> {
        let call = Call::new(Service::Ecr, "GetAuthorizationToken", &self.host.region);
        let sent = self.session.send(Service::Ecr, || self.client.get_authorization_token().send());
        let answer = sent.await.map_err(|fault| fault.into_error(&call))?;
        let wrong = |found: &str| unreadable(&call, "a login as base64 of USER:PASSWORD", found);
        let data = answer.authorization_data().first().ok_or_else(|| wrong("none"))?;
        let token = data.authorization_token().ok_or_else(|| wrong("none"))?;
        let decoded = STANDARD.decode(token).map(Zeroizing::new).map_err(|_| wrong("no base64"))?;
        let text = std::str::from_utf8(&decoded).map_err(|_| wrong("no text"))?;
        let (username, password) = text.split_once(':').ok_or_else(|| wrong("no colon"))?;
        let expires = data.expires_at().and_then(|it| Timestamp::from_second(it.secs()).ok());
        Ok(IssuedLogin {
            username: username.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            expires: expires.ok_or_else(|| wrong("no time at which it expires"))?,
        })
    }
}

#[async_trait]
impl RegistryRules for EcrRegistry {
    async fn turn(&self, call: RegistryCall) {
        for action in EcrAction::of(call) {
            self.quota.turn(*action).await;
        }
    }

    async fn immutable(&self, tags: &[Tag]) -> Result<Option<BTreeSet<Tag>>, RegistryError> {
        let facts = match self.facts().await {
            Err(error) if error.kind == AwsErrorKind::Unauthorised => return Ok(None),
            other => other?,
        };
        let held = tags.iter().filter(|tag| facts.immutable_tags.holds(tag.as_str()));
        Ok(Some(held.cloned().collect()))
    }

    fn most_referrers(&self) -> usize {
        MOST_REFERRERS
    }
}

#[async_trait]
impl BlobPresence for EcrRegistry {
    /// One `BatchCheckLayerAvailability` for each hundred digests.
    async fn present(&self, digests: &[Digest]) -> Result<BTreeSet<Digest>, RegistryError> {
        let distinct: Vec<&Digest> = digests.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeSet::new();
        for batch in distinct.chunks(BATCH) {
            found.extend(self.batch(batch).await?);
        }
        Ok(found)
    }
}

pub(super) fn unreadable(call: &Call, expected: &str, found: impl fmt::Display) -> AwsError {
    AwsError::new(AwsErrorKind::Unreadable, call.to_string())
        .expected(expected)
        .found(found.to_string())
        .fix("look at what answers there: a proxy, or the address in AWS_ENDPOINT_URL_ECR")
}

impl fmt::Debug for EcrRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcrRegistry({}/{})", self.host, self.repository)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer, Asked, StandIn, ok, refuse};
    use boltseal_ports::RegistryErrorKind;
    use serde_json::json;

    async fn registry(
        handler: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> (StandIn, EcrRegistry) {
        let server = StandIn::new(handler).await;
        let host = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
        let registry = EcrRegistry::new(&server.session(), &host, "team/app");
        (server, registry)
    }

    #[tokio::test]
    async fn a_login_is_one_call_and_shows_nothing() {
        let token = STANDARD.encode("AWS:hunter2");
        let (server, registry) = registry(move |it: &Asked| {
            (it.action() == "GetAuthorizationToken").then(|| {
                ok(&json!({"authorizationData": [{"authorizationToken": token,
                    "expiresAt": 1_800_000_000.5, "proxyEndpoint": "https://x"}]}))
            })
        })
        .await;
        let login = registry.login().await.unwrap();
        assert_eq!((login.username.as_str(), login.password.as_str()), ("AWS", "hunter2"));
        assert_eq!(login.expires.as_second(), 1_800_000_000);
        assert!(!format!("{login:?} {registry:?}").contains("hunter2"));
        assert_eq!(server.asked().len(), 1);
    }

    #[tokio::test]
    async fn a_login_that_is_none_is_unreadable_and_not_shown() {
        for data in [
            json!({}),
            json!({"authorizationData": []}),
            json!({"authorizationData": [{"authorizationToken": "hunter2!", "expiresAt": 1}]}),
            json!({"authorizationData": [{"authorizationToken": STANDARD.encode("hunter2")}]}),
            json!({"authorizationData": [{"authorizationToken": STANDARD.encode("A:hunter2")}]}),
        ] {
            let (_server, registry) = registry(move |it: &Asked| {
                it.head.contains("ContainerRegistry").then(|| ok(&data))
            })
            .await;
            let error = registry.login().await.unwrap_err();
            assert_eq!(error.kind, RegistryErrorKind::Unreadable);
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }

    #[tokio::test]
    async fn layers_are_asked_for_by_the_hundred_and_absence_is_proven() {
        let (server, registry) = registry(|it: &Asked| {
            let body = (it.action() == "BatchCheckLayerAvailability").then(|| it.json())?;
            assert_eq!(
                (&body["repositoryName"], &body["registryId"]),
                (&json!("team/app"), &json!("111122223333"))
            );
            let digests = body["layerDigests"].as_array().unwrap();
            assert!(digests.len() <= BATCH);
            let even =
                |it: &&serde_json::Value| it.as_str().unwrap().ends_with(['0', '2', '4', '6', '8']);
            let layers: Vec<_> = digests
                .iter()
                .filter(even)
                .map(|it| json!({"layerDigest": it, "layerAvailability": "AVAILABLE"}))
                .collect();
            let failures: Vec<_> = digests
                .iter()
                .filter(|it| !even(it))
                .map(|it| json!({"layerDigest": it, "failureCode": "MissingLayerDigest"}))
                .collect();
            Some(ok(&json!({"layers": layers, "failures": failures})))
        })
        .await;
        let digests: Vec<Digest> =
            (0..250_u32).map(|n| Digest::sha256_of(&n.to_be_bytes())).collect();
        let mut twice = digests.clone();
        twice.extend(digests.clone());
        let present = registry.present(&twice).await.unwrap();
        let even = |it: &&Digest| it.hex().ends_with(['0', '2', '4', '6', '8']);
        assert_eq!(present, digests.iter().filter(even).cloned().collect());
        assert!(!present.is_empty());
        assert_eq!(server.asked().len(), 3);
    }

    #[tokio::test]
    async fn what_is_not_told_about_each_layer_is_no_absence() {
        for data in [
            json!({}),
            json!({"layers": [], "failures": []}),
            json!({"failures": [{"layerDigest": "x", "failureCode": "InvalidLayerDigest"}]}),
        ] {
            let (_server, registry) = registry(move |it: &Asked| {
                it.head.contains("ContainerRegistry").then(|| ok(&data))
            })
            .await;
            let error = registry.present(&[Digest::sha256_of(b"")]).await.unwrap_err();
            assert_eq!(error.kind, RegistryErrorKind::Unreadable);
        }
    }

    #[tokio::test]
    async fn a_missing_repository_names_the_command_that_makes_it() {
        let (_server, registry) = registry(|it: &Asked| {
            it.head
                .contains("ContainerRegistry")
                .then(|| refuse("RepositoryNotFoundException", "no such repository"))
        })
        .await;
        let error = registry.facts().await.unwrap_err();
        assert_eq!(error.kind, AwsErrorKind::Absent);
        assert!(error.fix.contains("create-repository --repository-name team/app"), "{error:?}");
    }

    #[tokio::test]
    async fn facts_tell_which_tags_never_move() {
        let (_server, registry) = registry(|it: &Asked| {
            (it.action() == "DescribeRepositories").then(|| {
                ok(&json!({"repositories": [{"repositoryArn": "arn:x",
                    "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                    "imageTagMutabilityExclusionFilters": [
                        {"filterType": "WILDCARD", "filter": "latest*"}],
                    "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "arn:key"}}]}))
            })
        })
        .await;
        let facts = registry.facts().await.unwrap();
        assert!(facts.immutable_tags.holds("1.2") && !facts.immutable_tags.holds("latest-arm"));
        assert_eq!(facts.encryption_key.as_deref(), Some("arn:key"));
    }

    #[tokio::test]
    async fn the_time_of_a_push_is_told_or_that_there_was_none() {
        let (_server, registry) = registry(|it: &Asked| {
            (it.action() == "DescribeImages").then(|| {
                if it.body.contains(Digest::sha256_of(b"").hex()) {
                    ok(&json!({"imageDetails": [{"imagePushedAt": 1_700_000_000}]}))
                } else {
                    refuse("ImageNotFoundException", "no")
                }
            })
        })
        .await;
        let pushed = registry.pushed_at(&Digest::sha256_of(b"")).await.unwrap();
        assert_eq!(pushed.unwrap().as_second(), 1_700_000_000);
        assert_eq!(registry.pushed_at(&Digest::sha256_of(b"x")).await.unwrap(), None);
    }
}
