//! The predicates that boltseal writes and judges. Members that boltseal does not know are
//! ignored on reading; the exact signed bytes stay what they are.

mod promotion;
mod provenance;
mod resource;
mod vsa;
mod vuln;

pub use promotion::Promotion;
pub use provenance::{BuildDefinition, BuildMetadata, Builder, Provenance, RunDetails};
pub use resource::Resource;
pub use vsa::{GATE_PASSED, InputAttestation, Verdict, Verifier, Vsa, VsaPolicy};
pub use vuln::{Database, Invocation, ReportFacts, ScanMetadata, Scanner, Vuln};
