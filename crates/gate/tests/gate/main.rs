//! The gate from the outside: documents in the scanners' own shapes in, decisions out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::needless_pass_by_value, reason = "a literal of json! is passed as it is written")]

mod baseline;
mod coverage;
mod cyclonedx;
mod decision;
mod document;
mod ecr;
mod grype;
mod image;
mod policy;
mod robust;
mod sample;
mod sarif;
mod trivy;
mod waiver;
