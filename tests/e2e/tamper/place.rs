//! A valid release where it lies, open to every change, and as it was again after each.

use boltseal_core::{Digest, Kind};
use boltseal_testkit::image::{BuiltImage, debian_like};
use boltseal_testkit::report::trivy;
use serde_json::{Value, json};

use super::change::{Change, PREDICATE};
use super::refusal::Ending;
use crate::harness::{KeyPair, Sandbox};
use crate::scene::ALL;

/// Where a release lies. Changes last until [`Place::restore`].
pub(super) trait Place {
    /// The sandbox that the release was made in, with the key pair `k`.
    fn sandbox(&self) -> &Sandbox;

    /// The ways to name the image.
    fn targets(&self) -> Vec<String>;

    /// The image.
    fn image(&self) -> &Digest;

    /// The digests of all manifests.
    fn manifests(&self) -> Vec<Digest>;

    /// The bytes of a manifest or a blob.
    fn read(&self, digest: &Digest) -> Vec<u8>;

    /// Exchanges the bytes of a manifest and keeps its digest.
    fn set_manifest(&self, digest: &Digest, bytes: Vec<u8>);

    /// Exchanges the bytes of a blob and keeps its digest.
    fn set_blob(&self, digest: &Digest, bytes: Vec<u8>);

    /// Adds a blob.
    fn put_blob(&self, bytes: Vec<u8>) -> Digest;

    /// Adds a manifest that refers to the image, and lists it.
    fn attach(&self, bytes: Vec<u8>) -> Digest;

    /// Takes a manifest off the lists; it stays stored.
    fn unlist(&self, digest: &Digest);

    /// Gives the image's tag to another image, which is there with all it is made of.
    fn retag(&self, other: &BuiltImage);

    /// Undoes all changes.
    fn restore(&self);

    /// Makes changes so far what is verified.
    fn settle(&self) {}
}

/// A piece of evidence in a place.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) digest: Digest,
    pub(super) manifest: Value,
    pub(super) layer: Digest,
    pub(super) bundle: Value,
}

impl Stored {
    pub(super) fn predicate_type(&self) -> &str {
        self.manifest["annotations"][PREDICATE].as_str().expect("a predicate type")
    }
}

/// What can be done in every place.
impl dyn Place + '_ {
    /// The evidence about the image: five pieces.
    pub(super) fn pieces(&self) -> Vec<Stored> {
        let of_image = |digest: Digest| {
            let manifest = self.json_of(&digest);
            let about = manifest["subject"]["digest"] == json!(self.image());
            about.then(|| self.piece(digest, manifest))
        };
        let pieces: Vec<_> = self.manifests().into_iter().filter_map(of_image).collect();
        assert_eq!(pieces.len(), 5);
        pieces
    }

    /// The piece with this predicate type.
    pub(super) fn piece_of(&self, kind: &Kind) -> Stored {
        let mut pieces = self.pieces().into_iter();
        pieces.find(|it| it.predicate_type() == kind.predicate_type()).expect("such a piece")
    }

    fn piece(&self, digest: Digest, manifest: Value) -> Stored {
        let layer: Digest = serde_json::from_value(manifest["layers"][0]["digest"].clone())
            .expect("evidence has one layer");
        let bundle = serde_json::from_slice(&self.read(&layer)).expect("a bundle is JSON");
        Stored { digest, manifest, layer, bundle }
    }

    /// A manifest or a blob as JSON.
    pub(super) fn json_of(&self, digest: &Digest) -> Value {
        serde_json::from_slice(&self.read(digest)).expect("JSON")
    }

    /// Exchanges bytes and keeps the digests.
    pub(super) fn change_in_place(&self, piece: &Stored, change: Change) {
        let (mut manifest, mut bundle) = (piece.manifest.clone(), piece.bundle.clone());
        change.apply(&mut manifest, &mut bundle);
        if manifest != piece.manifest {
            self.set_manifest(&piece.digest, manifest.to_string().into());
        }
        if bundle != piece.bundle {
            self.set_blob(&piece.layer, bundle.to_string().into());
        }
    }

    /// Puts a changed piece in the place of the original, with every digest right. Answers its
    /// digest.
    pub(super) fn push_again(&self, piece: &Stored, change: Change) -> Digest {
        let (mut manifest, mut bundle) = (piece.manifest.clone(), piece.bundle.clone());
        change.apply(&mut manifest, &mut bundle);
        self.unlist(&piece.digest);
        self.attach_bundle(manifest, bundle.to_string().into())
    }

    /// Adds a piece of evidence with this bundle, its manifest like another's.
    pub(super) fn attach_bundle(&self, mut manifest: Value, bundle: Vec<u8>) -> Digest {
        manifest["layers"][0]["size"] = json!(bundle.len());
        manifest["layers"][0]["digest"] = json!(self.put_blob(bundle));
        self.attach(manifest.to_string().into())
    }

    /// Verifies, with all five kinds required, compares and undoes all changes.
    #[track_caller]
    pub(super) fn expect(&self, target: &str, ending: &Ending, what: &str) -> Value {
        self.settle();
        let document = self.verify(target);
        self.restore();
        ending.check(&document, &format!("{what} at {target}"));
        document
    }

    /// The result of a verification with all five kinds required.
    #[track_caller]
    pub(super) fn verify(&self, target: &str) -> Value {
        let words = ["verify", target, "--key", "k.pub", "--require", ALL, "--format", "json"];
        self.sandbox().boltseal(&words).json()
    }

    /// Nothing is wrong before any change.
    pub(super) fn expect_valid(&self) {
        for target in self.targets() {
            self.expect(&target, &Ending::Accepted, "before any change");
        }
    }
}

/// A release from the layout `src` to `to`, with all its evidence.
pub(super) fn release(sandbox: &Sandbox, to: &str, more: &[&str]) -> Digest {
    let image = debian_like();
    image.write_layout(&sandbox.path("src"), Some("1")).expect("a layout");
    sandbox.write("report.json", trivy(&image, &[]));
    let KeyPair { private, public } = sandbox.key_pair("k");
    assert_eq!(public, "k.pub");
    let words = ["release", "oci:src", "--to", to, "--key", &private, "--scan", "report.json"];
    sandbox.boltseal(&[&words[..], more].concat()).exits(0);
    image.digest()
}
