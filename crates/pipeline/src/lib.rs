//! The journeys: release, verify, promote, and looking at what is there.
//!
//! Each is a list of named steps; each step is a function from the facts of the step before to
//! its own. The journeys are written against `boltseal-ports` and name no adapter. They decide
//! nothing about trust: that is `boltseal-verify`, whose proof the journeys carry.
//!
//! Work that does not depend on each other overlaps: layers are inspected and sent at the same
//! time, from one reading of their bytes.

mod build_facts;
mod evidence;
mod image;
mod inspect;
mod outcome;
mod preflight;
mod promote;
mod release;
mod sbom;
mod steps;
mod tag_move;
mod verify;

pub use build_facts::{BuildFacts, BuildWorkflow, BuiltHere};
pub use evidence::collect::{Collected, Lookup, MAX_PIECE_BYTES};
pub use evidence::evidence_file::{EvidenceFile, KEYS_MEMBER, POLICY_MEMBER, VSA_MEMBER};
pub use inspect::{GraphNode, InspectResult, inspect};
pub use outcome::{Failure, JourneyOutcome};
pub use preflight::preflight;
pub use promote::{PromoteRequest, PromoteResult, PromoteWorld, promote};
pub use release::{
    BaselineChoice, EvidenceFormats, Intent, NotationSigner, NotationSigning, PlannedAction,
    PlannedCall, PlatformSbom, PostureAttestation, PostureCheck, PostureEffect, ReleaseRequest,
    ReleaseResult, ReleaseWorld, Sbom, SbomsInResult, Scan, When, release,
};
pub use sbom::{SbomRequest, sbom};
pub use steps::Step;
pub use tag_move::TagMove;
pub use verify::{VerifyRequest, VerifyResult, VerifyWorld, verify};

/// One piece of evidence that a journey wrote or adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenEvidence {
    /// The digest that it is about.
    pub subject: boltseal_core::Digest,
    /// Its kind.
    pub kind: boltseal_core::Kind,
    /// How it is stored.
    pub format: boltseal_verify::Format,
    /// The digest of its manifest, or of its legacy layer.
    pub carrier: boltseal_core::Digest,
    /// The key that signed it, as its user named it.
    pub signer: String,
    /// Whether it was there before and says the same.
    pub adopted: bool,
}
