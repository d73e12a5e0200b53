//! What an account must hold so that one CI job, and nobody else, releases to one repository:
//! policies, settings, and Terraform that makes all of it.

mod hcl;
mod json_text;
mod key;
mod lifecycle;
mod provider;
mod release_grant;
mod repository;
mod terraform;
mod trust;

pub use json_text::json_text;
pub use release_grant::{JobTrust, ReleaseGrant, SIGNING_ALGORITHM};
