//! The documents of a live account.

use async_trait::async_trait;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use boltseal_core::json;
use boltseal_ports::{
    AccountDetails, DocumentRefusal, PostureDepth, PostureScope, PostureSource, SavedDocument,
};
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use serde_json::Value;

use super::cli_json::write_times;
use super::iam::{Iam, refused};
use crate::capture::Capture;
use crate::service::Service;
use crate::{Arn, EcrHost, Hosts, KeyUri, Region, Session};

const IMAGES_A_PAGE: i32 = 1_000;
const MAX_PAGES: usize = 50;

/// Fetches the documents of a registry's account with the run's own credentials. Every refused
/// call is a document that says so; nothing here fails.
pub struct LivePosture {
    session: Session,
    ecr: aws_sdk_ecr::Client,
    host: EcrHost,
    iam: Iam,
}

type Answer = Result<Value, DocumentRefusal>;

impl LivePosture {
    /// Of the registry `host`. Asks nothing yet.
    pub fn new(session: &Session, host: &EcrHost) -> Self {
        let config = session.config_in(Service::Ecr, &host.region, host.hosts());
        Self {
            session: session.clone(),
            ecr: aws_sdk_ecr::Client::new(&config),
            host: host.clone(),
            iam: Iam::new(session, host.partition()),
        }
    }

    /// Makes one call, and keeps its answer as it came.
    async fn raw<T, E, F>(
        &self,
        service: Service,
        attempt: impl Fn(Capture) -> F + Send + Sync,
    ) -> Answer
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        let capture = Capture::default();
        let sent = self.session.send(service, || attempt(capture.clone())).await;
        sent.map_err(refused)?;
        let mut value = json::parse(&capture.take()).map_err(|error| DocumentRefusal {
            code: "Unreadable".to_owned(),
            message: error.to_string(),
        })?;
        write_times(&mut value);
        Ok(value)
    }

    fn of_repository<'a>(&'a self, name: &'a str) -> Vec<Pending<'a>> {
        let account = self.host.account.as_str();
        vec![
            pending("describe-repositories", name, async move {
                let asked = self.ecr.describe_repositories();
                let asked = asked.registry_id(account).repository_names(name);
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("get-repository-policy", name, async move {
                let asked = self.ecr.get_repository_policy();
                let asked = asked.registry_id(account).repository_name(name);
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("get-lifecycle-policy", name, async move {
                let asked = self.ecr.get_lifecycle_policy();
                let asked = asked.registry_id(account).repository_name(name);
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
        ]
    }

    fn of_registry(&self) -> Vec<Pending<'_>> {
        vec![
            pending("get-registry-policy", "", async move {
                let asked = self.ecr.get_registry_policy();
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("get-registry-scanning-configuration", "", async move {
                let asked = self.ecr.get_registry_scanning_configuration();
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
        ]
    }

    /// What only a full look wants.
    fn in_full<'a>(&'a self, name: &'a str) -> Vec<Pending<'a>> {
        vec![
            pending("get-signing-configuration", "", async move {
                let asked = self.ecr.get_signing_configuration();
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("batch-get-repository-scanning-configuration", name, async move {
                let asked = self.ecr.batch_get_repository_scanning_configuration();
                let asked = asked.repository_names(name);
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("describe-images", name, self.images(name)),
            pending("describe-pull-through-cache-rules", "", async move {
                let asked = self.ecr.describe_pull_through_cache_rules().max_results(1_000);
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("describe-registry", "", async move {
                let asked = self.ecr.describe_registry();
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
            pending("get-account-setting", "BLOB_MOUNTING", async move {
                let asked = self.ecr.get_account_setting().name("BLOB_MOUNTING");
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send()).await
            }),
        ]
    }

    /// `DescribeImages`, all pages as one.
    async fn images(&self, name: &str) -> Answer {
        let mut images = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let asked = self.ecr.describe_images().registry_id(self.host.account.as_str());
            let asked = asked.repository_name(name).max_results(IMAGES_A_PAGE).set_next_token(next);
            let page =
                self.raw(Service::Ecr, |it| asked.clone().customize().interceptor(it).send());
            let mut page = page.await?;
            if let Some(Value::Array(more)) = page.get_mut("imageDetails").map(Value::take) {
                images.extend(more);
            }
            next = page.get("nextToken").and_then(Value::as_str).map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(serde_json::json!({ "imageDetails": images }));
            }
        }
        let message = format!("more than {MAX_PAGES} pages of {IMAGES_A_PAGE} images");
        Err(DocumentRefusal { code: "TooMuch".to_owned(), message })
    }

    /// `key` is a KMS key's id, ARN or alias, or an `awskms://` URI.
    fn of_key<'a>(&'a self, key: &'a str) -> Vec<Pending<'a>> {
        let id = key.parse::<KeyUri>().map_or_else(|_| key.to_owned(), |uri| uri.key_id());
        let region = id.parse::<Arn>().ok().and_then(|arn| arn.region.parse::<Region>().ok());
        let region = region.unwrap_or_else(|| self.host.region.clone());
        let config = self.session.config_in(Service::Kms, &region, Hosts::default());
        let kms = aws_sdk_kms::Client::new(&config);
        let policy = kms.get_key_policy();
        let asked = kms.describe_key().key_id(&id);
        let described = async move {
            self.raw(Service::Kms, |it| asked.clone().customize().interceptor(it).send()).await
        };
        // Asked once: a policy is not had by an alias, so both want to know the key.
        let described = described.boxed().shared();
        let key_id = key_of(id, described.clone());
        vec![
            pending("describe-key", key, described),
            pending("get-key-policy", key, async move {
                let asked = policy.key_id(key_id.await?).policy_name("default");
                self.raw(Service::Kms, |it| asked.clone().customize().interceptor(it).send()).await
            }),
        ]
    }

    fn of_roles<'a>(&'a self, scope: &'a PostureScope) -> Vec<Pending<'a>> {
        let role = |role: &'a String| {
            let name = role.rsplit('/').next().unwrap_or(role);
            pending("get-role", role, self.iam.role(name))
        };
        let mut documents: Vec<_> = scope.roles.iter().map(role).collect();
        if scope.account == AccountDetails::Ask {
            documents.push(pending("get-account-authorization-details", "", self.iam.account()));
        }
        documents
    }
}

/// The id of a key, which its description tells where `id` is an alias.
async fn key_of(
    id: String,
    described: impl Future<Output = Answer>,
) -> Result<String, DocumentRefusal> {
    if !id.contains("alias/") {
        return Ok(id);
    }
    let answer = described.await?;
    let found = answer.pointer("/KeyMetadata/KeyId").and_then(Value::as_str);
    found.map(ToOwned::to_owned).ok_or_else(|| DocumentRefusal {
        code: "Unreadable".to_owned(),
        message: "an answer without a key".to_owned(),
    })
}

/// A document that is being fetched.
type Pending<'a> = BoxFuture<'a, SavedDocument>;

fn pending<'a>(
    name: &'static str,
    about: &str,
    answer: impl Future<Output = Answer> + Send + 'a,
) -> Pending<'a> {
    let about = about.to_owned();
    Box::pin(async move {
        let answer = answer.await.map(|value| value.to_string().into_bytes());
        SavedDocument { name, about, answer }
    })
}

#[async_trait]
impl PostureSource for LivePosture {
    /// All calls at once: none depends on another, except a key's policy on what an alias means.
    async fn documents(&self, scope: &PostureScope) -> Vec<SavedDocument> {
        let mut documents = self.of_repository(&scope.repository);
        documents.extend(self.of_registry());
        if scope.depth == PostureDepth::Full {
            documents.extend(self.in_full(&scope.repository));
        }
        documents.extend(scope.keys.iter().flat_map(|key| self.of_key(key)));
        documents.extend(self.of_roles(scope));
        join_all(documents).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer as Served, Asked, StandIn, ok, refuse, refuse_xml};
    use serde_json::json;

    fn posture(server: &StandIn) -> LivePosture {
        let host = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
        LivePosture::new(&server.session(), &host)
    }

    fn scope(depth: PostureDepth) -> PostureScope {
        PostureScope {
            repository: "team/app".to_owned(),
            keys: vec!["awskms:///alias/release".to_owned()],
            roles: vec!["arn:aws:iam::111122223333:role/path/ci".to_owned()],
            depth,
            account: AccountDetails::Skip,
        }
    }

    fn xml(action: &str, inner: &str) -> Served {
        let body = format!(
            "<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"
        );
        Served { status: 200, body }
    }

    fn account(asked: &Asked) -> Option<Served> {
        Some(match asked.action() {
            "DescribeRepositories" => ok(&json!({"repositories": [{"createdAt": 1_700_000_000}]})),
            "GetRepositoryPolicy" => refuse("RepositoryPolicyNotFoundException", "none"),
            "GetRegistryPolicy" => refuse("AccessDeniedException", "no"),
            "DescribeKey" => ok(&json!({"KeyMetadata": {"KeyId": "1234", "new": 1}})),
            "GetKeyPolicy" => ok(&json!({"Policy": "{}", "id": asked.json()["KeyId"]})),
            "GetRole" => xml("GetRole", "<Role><RoleName>ci</RoleName></Role>"),
            "DescribeImages" => match asked.json().get("nextToken") {
                None => ok(&json!({"imageDetails": [{"n": 1}], "nextToken": "b"})),
                Some(_) => ok(&json!({"imageDetails": [{"n": 2}]})),
            },
            "AssumeRoleWithWebIdentity" => return None,
            _ => ok(&json!({})),
        })
    }

    fn of<'a>(documents: &'a [SavedDocument], name: &str) -> &'a SavedDocument {
        documents.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("{name}"))
    }

    fn value(document: &SavedDocument) -> Value {
        serde_json::from_slice(document.answer.as_ref().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn every_call_is_a_document_and_a_refusal_is_one_too() {
        let server = StandIn::new(account).await;
        let documents = posture(&server).documents(&scope(PostureDepth::Full)).await;
        let names: Vec<_> = documents.iter().map(|it| it.name).collect();
        assert_eq!(
            names,
            [
                "describe-repositories",
                "get-repository-policy",
                "get-lifecycle-policy",
                "get-registry-policy",
                "get-registry-scanning-configuration",
                "get-signing-configuration",
                "batch-get-repository-scanning-configuration",
                "describe-images",
                "describe-pull-through-cache-rules",
                "describe-registry",
                "get-account-setting",
                "describe-key",
                "get-key-policy",
                "get-role",
            ]
        );
        let repositories = value(of(&documents, "describe-repositories"));
        assert_eq!(repositories["repositories"][0]["createdAt"], "2023-11-14T22:13:20Z");
        for (name, code) in [
            ("get-repository-policy", "RepositoryPolicyNotFoundException"),
            ("get-registry-policy", "AccessDeniedException"),
        ] {
            assert_eq!(of(&documents, name).answer.as_ref().unwrap_err().code, code);
        }
        assert_eq!(
            value(of(&documents, "describe-images")),
            json!({"imageDetails": [{"n": 1}, {"n": 2}]})
        );
        assert_eq!(value(of(&documents, "describe-key"))["KeyMetadata"]["new"], 1);
        assert_eq!(value(of(&documents, "get-key-policy"))["id"], "1234");
        assert_eq!(of(&documents, "get-role").about, "arn:aws:iam::111122223333:role/path/ci");
        assert_eq!(value(of(&documents, "get-role")), json!({"Role": {"RoleName": "ci"}}));
    }

    #[tokio::test]
    async fn a_release_looks_at_less() {
        let server = StandIn::new(account).await;
        let mut scope = scope(PostureDepth::Release);
        scope.roles.clear();
        posture(&server).documents(&scope).await;
        assert_eq!(server.asked().len(), 7, "an alias is looked up once");
        scope.keys = vec!["1234abcd-12ab-34cd-56ef-1234567890ab".to_owned()];
        posture(&server).documents(&scope).await;
        assert_eq!(server.asked().len(), 14);
    }

    #[tokio::test]
    async fn a_role_is_asked_for_by_a_signed_form() {
        let server = StandIn::new(account).await;
        posture(&server).documents(&scope(PostureDepth::Release)).await;
        let asked = server.asked();
        let role = asked.iter().find(|it| it.action() == "GetRole").unwrap();
        assert!(role.body.ends_with("RoleName=ci"), "{}", role.body);
        let signature = role.header("authorization").unwrap();
        assert!(signature.contains("/us-east-1/iam/aws4_request"), "{signature}");
        assert_eq!(role.header("x-amz-security-token"), Some("hunter2-session"));
    }

    #[tokio::test]
    async fn account_details_are_joined_from_their_pages() {
        let server = StandIn::new(|it: &Asked| {
            (it.action() == "GetAccountAuthorizationDetails").then(|| {
                let page = |user: &str, end: &str| {
                    let action = "GetAccountAuthorizationDetails";
                    xml(
                        action,
                        &format!(
                            "<UserDetailList><member><UserName>{user}</UserName></member>\
                         </UserDetailList><Policies/>{end}"
                        ),
                    )
                };
                if it.body.contains("Marker=next%2F1") {
                    page("b", "<IsTruncated>false</IsTruncated>")
                } else {
                    page("a", "<IsTruncated>true</IsTruncated><Marker>next/1</Marker>")
                }
            })
        })
        .await;
        let details = posture(&server).iam.account().await.unwrap();
        assert_eq!(
            details,
            json!({"UserDetailList": [{"UserName": "a"}, {"UserName": "b"}], "Policies": []})
        );
    }

    #[tokio::test]
    async fn a_role_that_is_not_there_is_an_answer() {
        let server = StandIn::new(|it: &Asked| {
            (it.action() == "GetRole").then(|| refuse_xml("NoSuchEntity", "no role ci"))
        })
        .await;
        let refusal = posture(&server).iam.role("ci").await.unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.message.as_str()),
            ("NoSuchEntity", "no role ci")
        );
    }
}
