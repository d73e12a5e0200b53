//! The evidence file: all evidence of a release in one OCI archive, for a reader without network.

use std::collections::BTreeSet;

use boltseal_core::{Descriptor, Digest, RawManifest, Tag};
use boltseal_crypto::{Bundle, Content, Envelope, PublicKey};
use bytes::Bytes;

use crate::evidence::collect::Collected;

/// The member that holds the effective policy, whose digest the verification summary names.
pub const POLICY_MEMBER: &str = "boltseal/policy.json";
/// The member that holds the verification summary of the image as a bare DSSE envelope.
pub const VSA_MEMBER: &str = "boltseal/vsa.dsse.json";
/// The folder of the public keys that signed. They are never trusted by themselves.
pub const KEYS_MEMBER: &str = "boltseal/keys/";

/// What goes into an evidence file: the image's manifests (not its layers), every piece of
/// evidence that verifies, and the extra members named above.
#[derive(Clone, Debug)]
pub struct EvidenceFile {
    /// The image's own manifest; it is listed in the index, under the names.
    pub root: RawManifest,
    /// The names that the image is listed under.
    pub names: Vec<String>,
    /// The manifests of an index's children.
    pub children: Vec<RawManifest>,
    /// The manifests of the evidence.
    pub referrers: Vec<RawManifest>,
    /// cosign's tags, with the manifests that list the evidence under them.
    pub tagged: Vec<(Tag, RawManifest)>,
    /// The blobs of the evidence.
    pub blobs: Vec<(Descriptor, Bytes)>,
    /// Extra members: path and content.
    pub members: Vec<(String, Vec<u8>)>,
}

impl EvidenceFile {
    /// The pieces of `collected` whose carriers were accepted.
    pub(crate) fn of(
        accepted: &BTreeSet<Digest>,
        collected: &Collected,
        root: RawManifest,
    ) -> Self {
        let (names, children, members) = (Vec::new(), Vec::new(), Vec::new());
        let (referrers, tagged, blobs) = (Vec::new(), Vec::new(), Vec::new());
        let file = Self { root, names, children, referrers, tagged, blobs, members };
        file.and_accepted(collected, accepted)
    }

    /// Adds the pieces of `collected` with these carriers.
    pub(crate) fn and_accepted(
        mut self,
        collected: &Collected,
        accepted: &BTreeSet<Digest>,
    ) -> Self {
        for carrier in collected.carriers.iter().filter(|it| accepted.contains(it.digest())) {
            if !self.referrers.contains(carrier) {
                self.referrers.push(carrier.clone());
                self.add_blobs_of(carrier, collected);
            }
        }
        let holds_one = |manifest: &RawManifest| accepted.iter().any(|it| names_blob(manifest, it));
        for tagged in collected.tagged.iter().filter(|(_, manifest)| holds_one(manifest)) {
            if !self.tagged.contains(tagged) {
                self.tagged.push(tagged.clone());
                self.add_blobs_of(&tagged.1, collected);
            }
        }
        self
    }

    fn add_blobs_of(&mut self, carrier: &RawManifest, collected: &Collected) {
        for (descriptor, bytes) in &collected.blobs {
            let known = self.blobs.iter().any(|(it, _)| it.digest == descriptor.digest);
            if names_blob(carrier, &descriptor.digest) && !known {
                self.blobs.push((descriptor.bare(), bytes.clone()));
            }
        }
    }

    pub(crate) fn with_children(mut self, children: Vec<RawManifest>) -> Self {
        self.children = children;
        self
    }

    pub(crate) fn with_names(mut self, names: Vec<String>) -> Self {
        self.names = names;
        self
    }

    /// The effective policy.
    pub(crate) fn with_policy(mut self, policy: Vec<u8>) -> Self {
        self.members.push((POLICY_MEMBER.to_owned(), policy));
        self
    }

    /// The public keys, each under a name made of its hash.
    pub(crate) fn with_keys<'k>(mut self, keys: impl Iterator<Item = &'k PublicKey>) -> Self {
        for key in keys {
            let name = Digest::sha256_of(key.spki_der());
            let member = (format!("{KEYS_MEMBER}{}.pub", name.hex()), key.to_pem().into_bytes());
            if !self.members.contains(&member) {
                self.members.push(member);
            }
        }
        self
    }

    /// The bare envelope of the summary whose statement has this digest.
    pub(crate) fn with_summary(mut self, statement: Option<&Digest>) -> Self {
        let envelope = self.blobs.iter().find_map(|(_, bytes)| {
            let envelope = envelope_of(bytes)?;
            let is_it = Some(&Digest::sha256_of(&envelope.payload)) == statement;
            is_it.then(|| envelope.to_json())
        });
        if let Some(envelope) = envelope {
            self.members.push((VSA_MEMBER.to_owned(), envelope));
        }
        self
    }
}

/// The envelope in a bundle, or bare under one of cosign's tags.
fn envelope_of(bytes: &[u8]) -> Option<Envelope> {
    match Bundle::parse(bytes).map(|bundle| bundle.content) {
        Ok(Content::Dsse(envelope)) => Some(envelope),
        Ok(_) => None,
        Err(_) => Envelope::parse(bytes).ok(),
    }
}

fn names_blob(manifest: &RawManifest, digest: &Digest) -> bool {
    let Ok(boltseal_core::Manifest::Image(parsed)) = manifest.parse() else { return false };
    parsed.config.digest == *digest || parsed.layers.iter().any(|layer| layer.digest == *digest)
}
