//! Amazon ECR's control plane.

mod host;
mod immutable_tags;
mod managed_signing;
mod quota;
mod refusal;
mod registry;
mod scanner;
mod wildcard;

pub use host::EcrHost;
pub use immutable_tags::ImmutableTags;
pub use managed_signing::{ManagedSigning, SigningProgress, SigningState};
pub use quota::{EcrAction, EcrQuota};
pub use registry::{EcrRegistry, RepositoryFacts};
pub use scanner::EcrScanner;
