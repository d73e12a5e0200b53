//! The result documents, version 1. Members are only ever added; a member that changes its
//! meaning makes a version 2.

mod completions;
mod doctor;
mod gate;
mod head;
mod init;
mod inspect;
mod journey;
mod keys;
mod manual;
mod plan;
mod policy;
mod policy_test;
mod preflight;
mod promote;
mod release;
mod sbom;
mod steps;
mod verify;
mod verify_blob;

pub use completions::Completions;
pub use doctor::{Check, CheckStatus, Doctor};
pub use gate::{Gate, GateBody, ReleaseGate};
pub use head::{Head, Outcome, SubjectOfResult};
pub use init::{Init, InitFile, InitSetting, InitState};
pub use inspect::{Inspect, LayerOfImage, Node, PlatformOfIndex};
pub use journey::{Journey, MovedTag, WrittenPiece};
pub use keys::{Keys, PublicKeyFacts};
pub use manual::Manual;
pub use plan::{Plan, PlanCall, PlanPolicies, PlanSession};
pub use policy::{Policy, PolicyOutput, SignerOfPolicy};
pub use policy_test::{CaseResult, PolicyTest};
pub use preflight::{Preflight, PreflightBody};
pub use promote::{Examined, Promote};
pub use release::{Gated, Release, ReleasePosture};
pub use sbom::Sbom;
pub use steps::StepSummary;
pub use verify::{PieceSummary, Verify};
pub use verify_blob::VerifyBlob;
