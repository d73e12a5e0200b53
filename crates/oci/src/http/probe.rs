//! What a registry can do, found out by doing it.

use boltseal_core::{Descriptor, Digest, RawManifest, Repository, media_type};
use boltseal_ports::{Blob, Probe as Look, RegistryError, RegistryErrorKind};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::access::Access;
use super::endpoint::api_path;
use super::exchange::{Exchange, Request};
use super::referrer::{Api, ask};
use super::{manifest, upload};

/// That the registry has understood the `subject` of a manifest.
const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

/// One ability of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ability {
    /// What it is, such as `referrers-api`.
    pub name: &'static str,
    /// Whether the registry has it.
    pub verdict: AbilityVerdict,
    /// What it answered.
    pub found: String,
}

/// Whether a registry has an ability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbilityVerdict {
    /// It has.
    Has,
    /// It has not, and says so properly.
    HasNot,
    /// It answers something that means neither.
    Odd,
}

/// What came of looking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// In the order in which they were tried.
    pub found: Vec<Ability>,
    /// What was written, and whether it is gone again.
    pub wrote: Vec<String>,
}

/// The work in progress.
pub(super) struct Prober<'e> {
    exchange: &'e Exchange,
    repository: &'e Repository,
    seen: Abilities,
    /// Manifests that were stored, the last one first to go.
    stored: Vec<Digest>,
}

impl<'e> Prober<'e> {
    pub(super) fn new(exchange: &'e Exchange, repository: &'e Repository) -> Self {
        let (seen, stored) = (Abilities::default(), Vec::new());
        Self { exchange, repository, seen, stored }
    }

    /// Tries everything with blobs and manifests that hold `mark`, which nothing else does, and
    /// removes them as far as the registry lets it.
    ///
    /// # Errors
    /// Where it cannot be written to at all: nobody may, or nobody answers.
    pub(super) async fn run(mut self, mark: &str) -> Result<Abilities, RegistryError> {
        let layer = Bytes::from(format!("a probe of boltseal, {mark}\n"));
        let stored = self.monolithic_post(&layer).await?;
        self.upload(&layer, stored).await?;
        self.upload(&Bytes::from_static(media_type::EMPTY_JSON), false).await?;
        self.mount().await?;
        let subject = self.manifest("oci-manifest", &subject(&layer)).await?;
        if let Some(subject) = &subject {
            self.referrers(subject, &layer).await?;
            self.manifest("oci-index", &index(subject)).await?;
        }
        self.manifest("docker-manifest", &docker(&layer)).await?;
        self.remove(&layer).await;
        Ok(self.seen)
    }

    fn note(&mut self, name: &'static str, verdict: AbilityVerdict, found: impl Into<String>) {
        self.seen.found.push(Ability { name, verdict, found: found.into() });
    }

    /// Whether a whole blob may come with the `POST`.
    async fn monolithic_post(&mut self, blob: &Bytes) -> Result<bool, RegistryError> {
        let mut url = self.exchange.endpoint.uploads();
        url.query_pairs_mut().append_pair("digest", &Digest::sha256_of(blob).to_string());
        let request = Request::new(Method::POST, url, Access::Push)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(blob.clone());
        let answer = self.exchange.call(&request).await?;
        let verdict = match answer.status {
            StatusCode::CREATED => AbilityVerdict::Has,
            StatusCode::ACCEPTED | StatusCode::METHOD_NOT_ALLOWED => AbilityVerdict::HasNot,
            _ => AbilityVerdict::Odd,
        };
        self.note("monolithic-post", verdict, answer.summary());
        Ok(verdict == AbilityVerdict::Has)
    }

    /// The way that everything takes: one `POST` and one `PUT`.
    async fn upload(&mut self, bytes: &Bytes, stored: bool) -> Result<(), RegistryError> {
        let descriptor = Descriptor::of("application/octet-stream", bytes);
        let probe = if stored { Look::First } else { Look::Skip };
        let blob = Blob { descriptor: &descriptor, source: bytes, mount_from: None, probe };
        let pushed = upload::push(self.exchange, self.repository, blob).await?;
        if !self.seen.found.iter().any(|it| it.name == "upload") {
            let found = format!("one POST and one PUT: {pushed:?}").to_lowercase();
            self.note("upload", AbilityVerdict::Has, found);
        }
        Ok(())
    }

    /// Whether a blob can be had by naming a repository that has it.
    async fn mount(&mut self) -> Result<(), RegistryError> {
        let path = api_path(self.repository);
        let empty = Digest::sha256_of(media_type::EMPTY_JSON);
        let mut url = self.exchange.endpoint.uploads();
        url.query_pairs_mut().append_pair("mount", &empty.to_string()).append_pair("from", &path);
        let request = Request::new(Method::POST, url, Access::Push);
        let answer = self.exchange.call(&request).await?;
        let verdict = match answer.status {
            StatusCode::CREATED => AbilityVerdict::Has,
            StatusCode::ACCEPTED => AbilityVerdict::HasNot,
            _ => AbilityVerdict::Odd,
        };
        self.note("blob-mount", verdict, answer.summary());
        Ok(())
    }

    /// Whether a manifest of this kind is taken, by its digest.
    async fn manifest(
        &mut self,
        name: &'static str,
        content: &Value,
    ) -> Result<Option<RawManifest>, RegistryError> {
        let Some(raw) = written(content) else { return Ok(None) };
        let put = manifest::put(self.exchange, &raw.digest().to_string(), &raw).await;
        let answer = match put {
            Ok(answer) => answer,
            Err(error) if error.kind == RegistryErrorKind::Rejected => {
                self.note(name, AbilityVerdict::HasNot, error.found);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if answer.status != StatusCode::CREATED {
            self.note(name, AbilityVerdict::HasNot, answer.summary());
            return Ok(None);
        }
        self.stored.push(raw.digest().clone());
        self.note(name, AbilityVerdict::Has, answer.summary());
        if content.get("subject").is_some() {
            let says = answer.header(&OCI_SUBJECT).map(str::to_owned);
            let verdict = if says.is_some() { AbilityVerdict::Has } else { AbilityVerdict::HasNot };
            self.note("oci-subject-header", verdict, says.unwrap_or_else(|| "none".to_owned()));
        }
        Ok(Some(raw))
    }

    /// Whether what refers to a manifest is listed, and by what.
    async fn referrers(
        &mut self,
        subject: &RawManifest,
        layer: &Bytes,
    ) -> Result<(), RegistryError> {
        let referrer = self.manifest("referrer", &referrer(subject, layer)).await?;
        let (verdict, found) = match ask(self.exchange, subject.digest()).await? {
            Api::Missing => {
                (AbilityVerdict::HasNot, "there is none: the fallback tag is used".to_owned())
            }
            Api::Odd(error) => (AbilityVerdict::Odd, error.found),
            Api::Listed(listed) => {
                let own = referrer.as_ref().map(RawManifest::digest);
                if own.is_some_and(|own| listed.iter().any(|it| it.digest == *own)) {
                    (AbilityVerdict::Has, "it lists what was just stored".to_owned())
                } else {
                    (
                        AbilityVerdict::Odd,
                        "it answers, and does not list what was just stored".to_owned(),
                    )
                }
            }
        };
        self.note("referrers-api", verdict, found);
        Ok(())
    }

    /// Removes what was stored; what the registry keeps is said.
    async fn remove(&mut self, layer: &Bytes) {
        let manifests = std::mem::take(&mut self.stored);
        let mut deletes = None;
        for digest in manifests.iter().rev() {
            let url = self.exchange.endpoint.manifest(&digest.to_string());
            let (gone, found) = self.delete(Request::new(Method::DELETE, url, Access::Push)).await;
            self.seen.wrote.push(format!("manifest {digest}: {}", told(gone, &found)));
            deletes = deletes.or(Some((gone, found)));
        }
        let digest = Digest::sha256_of(layer);
        let url = self.exchange.endpoint.blob(&digest);
        let (gone, found) = self.delete(Request::new(Method::DELETE, url, Access::Push)).await;
        let what = format!("blob {digest} ({} bytes)", layer.len());
        self.seen.wrote.push(format!("{what}: {}", told(gone, &found)));
        let shared = "blob {}, the empty configuration that all evidence has: kept";
        self.seen.wrote.push(shared.to_owned());
        if let Some((gone, found)) = deletes {
            let verdict = if gone { AbilityVerdict::Has } else { AbilityVerdict::HasNot };
            self.note("delete-manifest", verdict, found);
        }
    }

    async fn delete(&self, request: Request) -> (bool, String) {
        match self.exchange.call(&request).await {
            Ok(answer) => {
                let gone = matches!(answer.status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT);
                (gone || answer.status == StatusCode::OK, answer.summary())
            }
            Err(error) => (false, error.found),
        }
    }
}

fn told(gone: bool, found: &str) -> String {
    if gone { "removed".to_owned() } else { format!("left there ({found}); nothing refers to it") }
}

fn written(content: &Value) -> Option<RawManifest> {
    RawManifest::new(content.to_string().into(), None).ok()
}

fn described(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::sha256_of(bytes).to_string(),
        "size": bytes.len()})
}

fn subject(layer: &Bytes) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": media_type::OCI_EMPTY,
        "config": described(media_type::OCI_EMPTY, media_type::EMPTY_JSON),
        "layers": [described("application/octet-stream", layer)],
    })
}

fn referrer(of: &RawManifest, layer: &Bytes) -> Value {
    let mut manifest = subject(layer);
    manifest["subject"] = json!({"mediaType": of.media_type(), "digest": of.digest().to_string(),
        "size": of.bytes().len()});
    manifest
}

fn index(of: &RawManifest) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [{"mediaType": of.media_type(), "digest": of.digest().to_string(),
            "size": of.bytes().len()}],
    })
}

fn docker(layer: &Bytes) -> Value {
    let config = "application/vnd.docker.container.image.v1+json";
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::DOCKER_MANIFEST,
        "config": described(config, media_type::EMPTY_JSON),
        "layers": [described("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
    })
}
