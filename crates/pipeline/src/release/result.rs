use boltseal_core::{Digest, Platform, Target};
use boltseal_gate::Decision;
use boltseal_ports::Traffic;
use boltseal_posture::Posture;

use super::{PlannedCall, PostureEffect};
use crate::{EvidenceFile, JourneyOutcome, Step, TagMove, WrittenEvidence};

/// What a release came to.
#[derive(Debug)]
pub struct ReleaseResult {
    /// The outcome.
    pub outcome: JourneyOutcome,
    /// The destination, as its user named it.
    pub reference: Target,
    /// The image's digest.
    pub digest: Digest,
    /// Whether the image is at the destination, by digest; a refusal after the push says so.
    pub pushed: bool,
    /// The tags that point at the release now, in the order in which they were moved.
    pub tags: Vec<TagMove>,
    /// The gate's decision, where it came to one.
    pub gate: Option<Decision>,
    /// The posture of the destination, where it was looked at, and what a refusal does.
    pub posture: Option<(PostureEffect, Posture)>,
    /// The pieces of evidence, written or adopted.
    pub evidence: Vec<WrittenEvidence>,
    /// What the image's own provenance says, once it is signed: the predicate.
    pub provenance: Option<serde_json::Value>,
    /// The `CycloneDX` document of each platform, where the request keeps them.
    pub sboms: Vec<PlatformSbom>,
    /// The steps.
    pub steps: Vec<Step>,
    /// All requests and bytes.
    pub traffic: Traffic,
    /// Of a dry run, every call that the release would make, in order.
    pub plan: Vec<PlannedCall>,
    /// What should be looked at, though it changed nothing.
    pub warnings: Vec<String>,
    /// The evidence file's content; there for every good end but a plan.
    pub evidence_file: Option<EvidenceFile>,
}

/// The `CycloneDX` document of one platform of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformSbom {
    /// The platform.
    pub platform: Platform,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The document.
    pub document: serde_json::Value,
}
