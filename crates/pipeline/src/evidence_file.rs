//! The evidence file: all evidence of a release in one OCI archive, for a reader without network.

use boltseal_core::{Descriptor, RawManifest};
use bytes::Bytes;

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
    /// The image's own manifest; it is listed in the index, under the tags' names.
    pub root: RawManifest,
    /// The names that the image is listed under.
    pub names: Vec<String>,
    /// The manifests of an index's children.
    pub children: Vec<RawManifest>,
    /// The manifests of the evidence.
    pub referrers: Vec<RawManifest>,
    /// The blobs of the evidence.
    pub blobs: Vec<(Descriptor, Bytes)>,
    /// Extra members: path and content.
    pub members: Vec<(String, Vec<u8>)>,
}
