use boltseal_core::{Digest, Tag, Target};
use boltseal_ports::{
    Clock, Meter, Registry, Reporter, RevocationAuthority, Signer, TagWriter, Traffic,
};
use boltseal_verify::{Demands, Judgement, Trust};

use crate::{
    EvidenceFile, EvidenceFormats, JourneyOutcome, Step, TagMove, VerifyWorld, WrittenEvidence,
};

/// What to promote, and what it must have.
pub struct PromoteRequest {
    /// The source, as its user named it.
    pub source: Target,
    /// The destination, as its user named it.
    pub destination: Target,
    /// Tags that must not be held by another digest.
    pub tags: Vec<Tag>,
    /// Tags that may move, after all others.
    pub moving_tags: Vec<Tag>,
    /// Whose evidence counts.
    pub trust: Trust,
    /// What of it must be there, and what it must say.
    pub demands: Demands,
    /// In which formats the promotion's own evidence is written.
    pub formats: EvidenceFormats,
}

/// The world that a promotion needs.
pub struct PromoteWorld<'a> {
    /// Where the image is.
    pub source: &'a dyn Registry,
    /// Where it goes.
    pub destination: &'a dyn Registry,
    /// The destination's tags.
    pub tags: &'a dyn TagWriter,
    /// Who knows what has been revoked; none where nobody may be asked.
    pub revocation: Option<&'a dyn RevocationAuthority>,
    /// The key that signs the promotion.
    pub signer: &'a dyn Signer,
    /// What else sends and receives, to be counted.
    pub meters: &'a [&'a dyn Meter],
    /// The time.
    pub clock: &'a dyn Clock,
    /// Takes progress.
    pub reporter: &'a dyn Reporter,
}

impl<'a> PromoteWorld<'a> {
    /// What a verification at one of both ends needs.
    pub(crate) const fn at(&self, registry: &'a dyn Registry) -> VerifyWorld<'a> {
        VerifyWorld { registry, revocation: self.revocation, clock: self.clock }
    }
}

/// What a promotion came to.
#[derive(Debug)]
pub struct PromoteResult {
    /// The outcome.
    pub outcome: JourneyOutcome,
    /// The destination, as its user named it.
    pub reference: Target,
    /// The digest, once it was resolved.
    pub digest: Option<Digest>,
    /// The verification of the source.
    pub judgement: Option<Judgement>,
    /// Whether the image is at the destination, by digest.
    pub pushed: bool,
    /// The tags that point at it now.
    pub tags: Vec<TagMove>,
    /// Evidence that was copied (adopted) or written.
    pub evidence: Vec<WrittenEvidence>,
    /// The steps.
    pub steps: Vec<Step>,
    /// All requests and bytes, at both ends.
    pub traffic: Traffic,
    /// What should be looked at, though it changed nothing.
    pub warnings: Vec<String>,
    /// The evidence file's content, for every good end.
    pub evidence_file: Option<EvidenceFile>,
}
