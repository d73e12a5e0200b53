use boltseal_core::{Digest, Target};
use boltseal_gate::Decision;
use boltseal_ports::Traffic;

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
    /// The pieces of evidence, written or adopted.
    pub evidence: Vec<WrittenEvidence>,
    /// The steps.
    pub steps: Vec<Step>,
    /// All requests and bytes.
    pub traffic: Traffic,
    /// What should be looked at, though it changed nothing.
    pub warnings: Vec<String>,
    /// The evidence file's content; there for every good end but a plan.
    pub evidence_file: Option<EvidenceFile>,
}
