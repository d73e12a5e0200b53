//! A valid release, changed in one place at a time: what `verify` says of each change.
//!
//! Every change is made twice: in place, so that content contradicts its digest (30), and pushed
//! again under new digests in place of the original, which only the signatures can tell.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, media_type};
use boltseal_testkit::image::{ImageBuilder, LayerBuilder, debian_like};
use boltseal_testkit::registry::{NotFoundBody, Options, Referrers, Server, Snapshot, Store};
use boltseal_testkit::report::trivy;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::harness::Sandbox;

const ALL: &str = "signature,provenance,sbom,vuln,vsa";
const PREDICATE: &str = "dev.sigstore.bundle.predicateType";
const OTHER_TYPE: &str = "https://example.org/other/v1";
const CONTRADICTION: i32 = 30;

/// A change of one piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Signature,
    Payload,
    StatementSubject,
    DuplicateKey,
    PredicateType,
    ManifestSubject,
    Hint,
    Annotation,
}

impl Change {
    const ALL: [Self; 8] = [
        Self::Signature,
        Self::Payload,
        Self::StatementSubject,
        Self::DuplicateKey,
        Self::PredicateType,
        Self::ManifestSubject,
        Self::Hint,
        Self::Annotation,
    ];

    /// The exit code once the change is pushed under new digests.
    const fn exit(self) -> i32 {
        match self {
            Self::Signature | Self::Payload | Self::StatementSubject | Self::DuplicateKey => 11,
            Self::PredicateType | Self::ManifestSubject => 12,
            Self::Hint | Self::Annotation => 0,
        }
    }

    /// What the evidence item says where the change is accepted.
    const fn note(self) -> Option<&'static str> {
        match self {
            Self::Hint => Some("key hint"),
            Self::Annotation => Some("annotation"),
            _ => None,
        }
    }

    /// Makes the change in the manifest or in the bundle.
    fn apply(self, manifest: &mut Value, bundle: &mut Value) {
        match self {
            Self::Signature => flip(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"]),
            Self::Payload => {
                statement(bundle, |it| it["predicate"]["tampered"] = json!(true));
            }
            Self::StatementSubject => statement(bundle, |it| {
                it["subject"][0]["digest"]["sha256"] = json!("0".repeat(64));
            }),
            Self::DuplicateKey => payload(bundle, |text| {
                text.replacen('{', "{\"predicateType\":\"https://example.org/other/v1\",", 1)
            }),
            Self::PredicateType => {
                statement(bundle, |it| it["predicateType"] = json!(OTHER_TYPE));
            }
            Self::ManifestSubject => {
                manifest["subject"]["digest"] = json!(Digest::sha256_of(b"another image"));
            }
            Self::Hint => {
                let material = &mut bundle["verificationMaterial"]["publicKey"];
                assert!(material["hint"].is_string(), "a hint to change");
                material["hint"] = json!("another key");
            }
            Self::Annotation => {
                assert!(manifest["annotations"][PREDICATE].is_string(), "a hint to change");
                manifest["annotations"][PREDICATE] = json!(OTHER_TYPE);
            }
        }
    }
}

/// Another signature of the same length.
fn flip(signature: &mut Value) {
    let mut raw = STANDARD.decode(signature.as_str().expect("a signature")).expect("base64");
    *raw.last_mut().expect("not empty") ^= 1;
    *signature = json!(STANDARD.encode(raw));
}

fn payload(bundle: &mut Value, change: impl FnOnce(&str) -> String) {
    let slot = &mut bundle["dsseEnvelope"]["payload"];
    let raw = STANDARD.decode(slot.as_str().expect("a payload")).expect("base64");
    let before = String::from_utf8(raw).expect("a statement is text");
    let after = change(&before);
    assert_ne!(before, after);
    *slot = json!(STANDARD.encode(after));
}

fn statement(bundle: &mut Value, change: impl FnOnce(&mut Value)) {
    payload(bundle, |text| {
        let mut statement = serde_json::from_str(text).expect("a statement is JSON");
        change(&mut statement);
        statement.to_string()
    });
}

/// A release on a registry, as it was when it was done.
struct Released {
    sandbox: Sandbox,
    server: Server,
    store: Store,
    public: String,
    image: Digest,
    valid: Snapshot,
}

/// A piece of evidence in the store.
struct Stored {
    digest: Digest,
    manifest: Value,
    layer: Digest,
    bundle: Value,
}

impl Stored {
    fn predicate_type(&self) -> &str {
        self.manifest["annotations"][PREDICATE].as_str().expect("a predicate type")
    }
}

impl Released {
    fn on(referrers: Referrers) -> Self {
        let sandbox = Sandbox::new();
        let server = Server::start_blocking(Options { referrers, ..Options::default() });
        let image = debian_like();
        image.write_layout(&sandbox.path("src"), Some("1")).expect("a layout");
        sandbox.write("report.json", trivy(&image, &[]));
        let keys = sandbox.key_pair("k");
        let to = format!("{}/app:1", server.host());
        let words = ["release", "oci:src", "--to", &to, "--key", &keys.private, "--scan"];
        sandbox.boltseal(&[&words[..], &["report.json"]].concat()).exits(0);
        let store = server.store();
        let (valid, image) = (store.snapshot(), image.digest());
        let released = Self { sandbox, store, server, public: keys.public, image, valid };
        for target in released.targets() {
            assert_eq!(released.verify(&target).0, 0, "{target} is valid before any change");
        }
        assert_eq!(released.pieces().len(), 5);
        released
    }

    fn on_both() -> [Self; 2] {
        [Referrers::Api, Referrers::None404 { body: NotFoundBody::Plain }].map(Self::on)
    }

    fn targets(&self) -> [String; 2] {
        let host = self.server.host();
        [format!("{host}/app:1"), format!("{host}/app@{}", self.image)]
    }

    fn verify(&self, target: &str) -> (i32, Value) {
        let words = ["verify", target, "--key", &self.public, "--require", ALL];
        let run = self.sandbox.boltseal(&[&words[..], &["--format", "json"]].concat());
        (run.code, run.json())
    }

    /// Verifies with a change applied, and undoes the change.
    #[track_caller]
    fn expect(&self, target: &str, code: i32, what: &str) -> Value {
        let (found, document) = self.verify(target);
        self.store.restore(&self.valid);
        assert_eq!(found, code, "{what} at {target}: {document:#}");
        let outcome = if code == 0 { "verified" } else { "refused" };
        assert_eq!(document["outcome"], outcome, "{what} at {target}: {document:#}");
        document
    }

    fn json_of(&self, digest: &Digest) -> Value {
        let bytes = self.store.manifest("app", digest).expect("a stored manifest");
        serde_json::from_slice(&bytes).expect("a manifest is JSON")
    }

    fn pieces(&self) -> Vec<Stored> {
        let of_image = |digest: Digest| {
            let manifest = self.json_of(&digest);
            let about = manifest["subject"]["digest"] == json!(self.image);
            about.then(|| self.piece(digest, manifest))
        };
        self.store.manifests("app").into_iter().filter_map(of_image).collect()
    }

    fn piece(&self, digest: Digest, manifest: Value) -> Stored {
        let layer: Digest = serde_json::from_value(manifest["layers"][0]["digest"].clone())
            .expect("evidence has one layer");
        let bytes = self.store.blob("app", &layer).expect("the bundle is stored");
        let bundle = serde_json::from_slice(&bytes).expect("a bundle is JSON");
        Stored { digest, manifest, layer, bundle }
    }

    /// Exchanges bytes and keeps the digests.
    fn change_in_place(&self, piece: &Stored, change: Change) {
        let (mut manifest, mut bundle) = (piece.manifest.clone(), piece.bundle.clone());
        change.apply(&mut manifest, &mut bundle);
        if manifest != piece.manifest {
            self.store.set_manifest_bytes("app", &piece.digest, manifest.to_string().into());
        }
        if bundle != piece.bundle {
            self.store.set_blob_bytes("app", &piece.layer, bundle.to_string().into());
        }
    }

    /// Puts a changed piece in the place of the original, with every digest right. Answers its
    /// digest.
    fn push_again(&self, piece: &Stored, change: Change) -> Digest {
        let (mut manifest, mut bundle) = (piece.manifest.clone(), piece.bundle.clone());
        change.apply(&mut manifest, &mut bundle);
        let bundle = Bytes::from(bundle.to_string());
        manifest["layers"][0]["size"] = json!(bundle.len());
        manifest["layers"][0]["digest"] = json!(self.store.put_blob("app", bundle));
        let bytes = Bytes::from(manifest.to_string());
        let size = bytes.len();
        assert!(self.store.remove_manifest("app", &piece.digest));
        let digest = self.store.put_manifest("app", bytes, media_type::OCI_MANIFEST);
        self.change_fallback(|entries| {
            let entry = entries.iter_mut().find(|it| it["digest"] == json!(piece.digest));
            let entry = entry.expect("the piece is in the fallback index");
            entry["digest"] = json!(digest);
            entry["size"] = json!(size);
            entry["annotations"] = manifest["annotations"].clone();
        });
        digest
    }

    fn fallback_tag(&self) -> String {
        self.image.to_string().replace(':', "-")
    }

    /// The fallback index and its digest; `None` where the registry has the Referrers API.
    fn fallback(&self) -> Option<(Digest, Value)> {
        let digest = self.store.tag("app", &self.fallback_tag())?;
        let index = self.json_of(&digest);
        Some((digest, index))
    }

    /// Pushes a changed fallback index, where there is one. Answers whether there is.
    fn change_fallback(&self, change: impl FnOnce(&mut Vec<Value>)) -> bool {
        let Some((_, mut index)) = self.fallback() else { return false };
        change(index["manifests"].as_array_mut().expect("a list"));
        let bytes = Bytes::from(index.to_string());
        let digest = self.store.put_manifest("app", bytes, media_type::OCI_INDEX);
        self.store.set_tag("app", &self.fallback_tag(), &digest);
        true
    }
}

#[test]
fn tampered_in_place_contradicts_its_digest() {
    for released in Released::on_both() {
        for piece in released.pieces() {
            for (at, change) in Change::ALL.into_iter().enumerate() {
                released.change_in_place(&piece, change);
                let what = format!("{change:?} of {} in place", piece.predicate_type());
                let target = &released.targets()[at % 2];
                released.expect(target, CONTRADICTION, &what);
            }
        }
    }
}

#[test]
fn tampered_and_pushed_again_is_told_by_what_was_signed() {
    for released in Released::on_both() {
        for piece in released.pieces() {
            for (at, change) in Change::ALL.into_iter().enumerate() {
                let digest = released.push_again(&piece, change);
                let what = format!("{change:?} of {}, pushed again", piece.predicate_type());
                let target = &released.targets()[at % 2];
                let document = released.expect(target, change.exit(), &what);
                if let Some(note) = change.note() {
                    is_reported(&document, &digest, note, &what);
                }
            }
        }
    }
}

/// The item of a verified piece carries a remark about it.
#[track_caller]
fn is_reported(document: &Value, digest: &Digest, note: &str, what: &str) {
    let items = document["evidence"].as_array().expect("a list of evidence");
    let item = items.iter().find(|it| it["digest"] == json!(digest));
    let item = item.unwrap_or_else(|| panic!("{what}: no {digest} in {document:#}"));
    assert_eq!(item["status"], "verified", "{what}: {item:#}");
    let reason = item["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(note), "{what}: {note:?} is not in {reason:?}");
}

#[test]
fn tampered_listings_leave_a_piece_out() {
    let mut with_fallback = 0;
    for released in Released::on_both() {
        for piece in released.pieces() {
            let listed = |it: &Value| it["digest"] == json!(piece.digest);
            if released.change_fallback(|entries| entries.retain(|it| !listed(it))) {
                with_fallback += 1;
            } else {
                assert!(released.store.hide_referrer("app", &piece.digest));
            }
            let what = format!("{} is not listed", piece.predicate_type());
            released.expect(&released.targets()[0], 12, &what);
        }
    }
    assert_eq!(with_fallback, 5);
}

#[test]
fn tampered_in_place_a_fallback_index_contradicts_its_digest() {
    let released = Released::on(Referrers::None404 { body: NotFoundBody::Empty });
    let (digest, mut index) = released.fallback().expect("a fallback index");
    index["manifests"].as_array_mut().expect("a list").pop();
    released.store.set_manifest_bytes("app", &digest, index.to_string().into());
    released.expect(&released.targets()[0], CONTRADICTION, "the fallback index in place");
}

#[test]
fn tampered_tags_lead_to_an_image_without_evidence() {
    for released in Released::on_both() {
        let layer = LayerBuilder::new().file("etc/motd", "another image\n");
        let other = ImageBuilder::new().layer(layer).build();
        let digest = other.push_into(&released.server, "app", None);
        released.store.set_tag("app", "1", &digest);
        released.expect(&released.targets()[0], 12, "the tag's target");

        let bytes = Bytes::copy_from_slice(other.raw().bytes());
        for target in released.targets() {
            released.store.set_manifest_bytes("app", &released.image, bytes.clone());
            released.expect(&target, CONTRADICTION, "the image's manifest in place");
        }
    }
}
