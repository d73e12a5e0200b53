//! A release on a registry.

use boltseal_core::{Digest, media_type};
use boltseal_testkit::image::BuiltImage;
use boltseal_testkit::registry::{NotFoundBody, Options, Referrers, Server, Snapshot, Store};
use serde_json::{Value, json};

use super::place::{Place, release};
use crate::harness::Sandbox;

const NAME: &str = "app";

/// A release on a registry, as it was when it was done.
pub(super) struct OnRegistry {
    sandbox: Sandbox,
    pub(super) server: Server,
    pub(super) store: Store,
    image: Digest,
    valid: Snapshot,
}

impl OnRegistry {
    /// A registry with the Referrers API.
    pub(super) fn with_api() -> Self {
        Self::on(Referrers::Api)
    }

    /// A registry with the fallback tag.
    pub(super) fn with_fallback() -> Self {
        let place = Self::on(Referrers::None404 { body: NotFoundBody::Plain });
        assert!(place.fallback().is_some());
        place
    }

    fn on(referrers: Referrers) -> Self {
        let sandbox = Sandbox::new();
        let server = Server::start_blocking(Options { referrers, ..Options::default() });
        let image = release(&sandbox, &format!("{}/{NAME}:1", server.host()), &[]);
        let store = server.store();
        let valid = store.snapshot();
        let place = Self { sandbox, server, store, image, valid };
        (&place as &dyn Place).expect_valid();
        place
    }

    fn fallback_tag(&self) -> String {
        self.image.to_string().replace(':', "-")
    }

    /// The fallback index and its digest; `None` where the registry has the Referrers API.
    pub(super) fn fallback(&self) -> Option<(Digest, Value)> {
        let digest = self.store.tag(NAME, &self.fallback_tag())?;
        let bytes = self.store.manifest(NAME, &digest).expect("a stored index");
        Some((digest, serde_json::from_slice(&bytes).expect("JSON")))
    }

    /// Pushes a changed fallback index, where there is one. Answers whether there is.
    fn change_fallback(&self, change: impl FnOnce(&mut Vec<Value>)) -> bool {
        let Some((_, mut index)) = self.fallback() else { return false };
        change(index["manifests"].as_array_mut().expect("a list"));
        let bytes = index.to_string().into();
        let digest = self.store.put_manifest(NAME, bytes, media_type::OCI_INDEX);
        self.store.set_tag(NAME, &self.fallback_tag(), &digest);
        true
    }
}

impl Place for OnRegistry {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn targets(&self) -> Vec<String> {
        let host = self.server.host();
        vec![format!("{host}/{NAME}:1"), format!("{host}/{NAME}@{}", self.image)]
    }

    fn image(&self) -> &Digest {
        &self.image
    }

    fn manifests(&self) -> Vec<Digest> {
        self.store.manifests(NAME)
    }

    fn read(&self, digest: &Digest) -> Vec<u8> {
        let found = self.store.manifest(NAME, digest).or_else(|| self.store.blob(NAME, digest));
        found.expect("a stored manifest or blob").into()
    }

    fn set_manifest(&self, digest: &Digest, bytes: Vec<u8>) {
        self.store.set_manifest_bytes(NAME, digest, bytes.into());
    }

    fn set_blob(&self, digest: &Digest, bytes: Vec<u8>) {
        self.store.set_blob_bytes(NAME, digest, bytes.into());
    }

    fn put_blob(&self, bytes: Vec<u8>) -> Digest {
        self.store.put_blob(NAME, bytes.into())
    }

    fn attach(&self, bytes: Vec<u8>) -> Digest {
        let manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
        let size = bytes.len();
        let digest = self.store.put_manifest(NAME, bytes.into(), media_type::OCI_MANIFEST);
        self.change_fallback(|entries| {
            entries.push(json!({
                "mediaType": media_type::OCI_MANIFEST,
                "digest": digest,
                "size": size,
                "artifactType": manifest["artifactType"],
                "annotations": manifest["annotations"],
            }));
        });
        digest
    }

    fn unlist(&self, digest: &Digest) {
        let others = |it: &Value| it["digest"] != json!(digest);
        if !self.change_fallback(|entries| entries.retain(others)) {
            assert!(self.store.hide_referrer(NAME, digest), "{digest} was listed");
        }
    }

    fn retag(&self, other: &BuiltImage) {
        let digest = other.push_into(&self.server, NAME, None);
        self.store.set_tag(NAME, "1", &digest);
    }

    fn restore(&self) {
        self.store.restore(&self.valid);
    }
}
