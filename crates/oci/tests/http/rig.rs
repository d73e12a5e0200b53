//! A registry of the testkit and a client of ours.

use std::sync::Arc;
use std::time::Duration;

use boltseal_core::{Annotations, Descriptor, Digest, Pick, RawManifest, media_type};
use boltseal_oci::http::{Credentials, HttpOptions, HttpRegistry, Login};
use boltseal_ports::{Blob, ManifestRole, Probe, Pushed, Registry as _, RegistryError};
use boltseal_testkit::registry::{Auth, Fault, Options, Recorded, Server, What, When};
use bytes::Bytes;
use serde_json::json;

pub(crate) const NAME: &str = "team/app";
pub(crate) const USER: &str = "ci";
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// One server, and one client of its repository [`NAME`].
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) registry: Arc<HttpRegistry>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::client(options, &anonymous())
    }

    /// A registry that wants a login, and a client that has one.
    pub(crate) fn login(auth: Auth) -> Self {
        Self::client(Options { auth, ..Options::default() }, &logged_in())
    }

    pub(crate) fn client(options: Options, http: &HttpOptions) -> Self {
        let server = Server::start_blocking(options);
        let registry = Arc::new(client(&server, NAME, http));
        Self { server, registry }
    }

    pub(crate) fn fault(&self, when: When, what: What) {
        self.server.fault(Fault { when, what });
    }

    /// `METHOD area status`, in the order of arrival, and forgets them.
    pub(crate) fn requests(&self) -> Vec<String> {
        let seen = self.server.requests();
        self.server.reset_recording();
        seen.iter().map(line).collect()
    }
}

fn line(it: &Recorded) -> String {
    let status = it.status.map_or_else(|| "-".to_owned(), |it| it.to_string());
    format!("{} {:?} {status}", it.method, it.area)
}

/// Nothing of the machine's own configuration, and little patience.
pub(crate) fn anonymous() -> HttpOptions {
    HttpOptions {
        credentials: Credentials::Anonymous,
        patience: Duration::from_secs(3),
        ..HttpOptions::default()
    }
}

pub(crate) fn logged_in() -> HttpOptions {
    let credentials = Credentials::Login(Login::new(USER, PASSWORD));
    HttpOptions { credentials, ..anonymous() }
}

/// A client of the repository [`NAME`] on any host.
pub(crate) fn on(host: &str, http: &HttpOptions) -> HttpRegistry {
    HttpRegistry::new(&format!("{host}/{NAME}").parse().unwrap(), http).unwrap()
}

pub(crate) fn client(server: &Server, name: &str, http: &HttpOptions) -> HttpRegistry {
    HttpRegistry::new(&server.repository(name).parse().unwrap(), http).unwrap()
}

/// Bytes that no two seeds share.
pub(crate) fn content(seed: u8, length: usize) -> Bytes {
    let mut state = u64::from(seed) + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state & 0xff).unwrap()
    };
    (0..length).map(|_| next()).collect()
}

pub(crate) fn layer(bytes: &Bytes) -> Descriptor {
    Descriptor::of(media_type::OCI_LAYER_GZIP, bytes)
}

/// Pushes a blob that was made in this run.
pub(crate) async fn push(registry: &HttpRegistry, bytes: &Bytes) -> Result<Pushed, RegistryError> {
    push_blob(registry, bytes, Probe::Skip).await
}

pub(crate) async fn push_blob(
    registry: &HttpRegistry,
    bytes: &Bytes,
    probe: Probe,
) -> Result<Pushed, RegistryError> {
    let descriptor = layer(bytes);
    registry
        .push_blob(Blob { descriptor: &descriptor, source: bytes, mount_from: None, probe })
        .await
}

/// An image of one layer, not pushed.
pub(crate) fn image(layer_bytes: &Bytes) -> RawManifest {
    let config = Bytes::from_static(b"{}");
    let document = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": Descriptor::of(media_type::OCI_CONFIG, &config),
        "layers": [layer(layer_bytes)],
    });
    RawManifest::new(document.to_string().into(), None).unwrap()
}

/// Pushes an image by digest with its blobs.
pub(crate) async fn push_image(registry: &HttpRegistry, layer_bytes: &Bytes) -> RawManifest {
    push(registry, layer_bytes).await.unwrap();
    push_blob(registry, &Bytes::from_static(b"{}"), Probe::First).await.unwrap();
    let manifest = image(layer_bytes);
    registry.push_manifest(&manifest, ManifestRole::Root).await.unwrap();
    manifest
}

/// Evidence about `subject`: its manifest, and the descriptor that lists it.
pub(crate) fn evidence(subject: &RawManifest, number: usize) -> (RawManifest, Descriptor) {
    let note = format!("piece {number}");
    let annotations = Annotations::from([("note".to_owned(), note)]);
    let document = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": media_type::BUNDLE_V03,
        "config": Descriptor::of(media_type::OCI_EMPTY, media_type::EMPTY_JSON),
        "layers": [Descriptor::of(media_type::OCI_EMPTY, media_type::EMPTY_JSON)],
        "subject": subject.descriptor(),
        "annotations": annotations,
    });
    let manifest = RawManifest::new(document.to_string().into(), None).unwrap();
    let mut descriptor = manifest.descriptor();
    descriptor.artifact_type = Some(media_type::BUNDLE_V03.to_owned());
    descriptor.annotations = annotations;
    (manifest, descriptor)
}

/// Pushes `count` pieces of evidence, and lists them nowhere.
pub(crate) async fn push_evidence(
    registry: &HttpRegistry,
    subject: &RawManifest,
    numbers: std::ops::Range<usize>,
) -> Vec<Descriptor> {
    push_blob(registry, &Bytes::from_static(media_type::EMPTY_JSON), Probe::First).await.unwrap();
    let mut listed = Vec::new();
    for number in numbers {
        let (manifest, descriptor) = evidence(subject, number);
        registry.push_manifest(&manifest, ManifestRole::Referrer).await.unwrap();
        listed.push(descriptor);
    }
    listed
}

pub(crate) fn by_tag(tag: &str) -> Pick {
    Pick::Tag(tag.parse().unwrap())
}

pub(crate) fn by_digest(digest: &Digest) -> Pick {
    Pick::Digest(digest.clone())
}

/// Everything that an error shows.
pub(crate) fn shown(error: &RegistryError) -> String {
    format!("{error:?} {error} {}", error.fix)
}
