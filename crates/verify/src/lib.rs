//! Evidence + trust + requirements -> verified, refused or undetermined.
//!
//! This crate is the only one that can make a [`Verified`] value, and nothing exits with 0
//! without one. It is pure: it takes the exact bytes that were fetched and the time, and touches
//! neither network nor files nor clock. It does not collect evidence; the pipeline does.
//!
//! The order of its work is that of the journey: [`authenticate`] finds out who signed each
//! piece, and whether it is about this digest; [`judge`] compares what passed with what is
//! required.

mod authenticate;
mod blob;
mod companion;
mod demands;
mod evidence;
mod format;
mod judge;
mod judgement;
mod notation;
mod notation_trust;
mod pattern;
mod piece;
mod refusal;
mod release;
mod rescan;
mod signature_annotation;
mod source;
mod trust;
mod validity;
mod verdict;
mod verified;

pub use authenticate::authenticate;
pub use blob::{Blob, BlobArtifact, verify_blob};
pub use companion::{Companion, Companions, Comparison};
pub use demands::{Demands, ScanDemand};
pub use evidence::{Evidence, Gap};
pub use format::Format;
pub use judge::{judge, judge_by};
pub use judgement::{Judgement, Outcome, PieceReport, Status, SummaryReport};
pub use notation::NotationPiece;
pub use notation_trust::NotationTrust;
pub use piece::{Authentic, Piece, PieceContent};
pub use refusal::Refusal;
pub use release::{Accepted, Release};
pub use rescan::attested_scans;
pub use signature_annotation::{REPOSITORY_ANNOTATION, TAGS_ANNOTATION, tag_not_bound};
pub use source::SourceDemand;
pub use trust::{NamedKey, Trust};
pub use validity::Validity;
pub use verified::Verified;

/// How far ahead of the verifier's clock a signed time may be, in seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 5 * 60;
