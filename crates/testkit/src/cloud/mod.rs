//! An AWS account in this process, for what no emulator does: it believes no token that is not
//! signed, and lets nobody do what no policy allows.
//!
//! [`Cloud`] starts the services on one port, an ECR-like registry on another, and two issuers of
//! `OpenID` Connect tokens. Requests are signed and checked as AWS checks them, sessions end, and
//! every call is judged by the role's policies and the session's, and noted.
//!
//! ```
//! use boltseal_testkit::cloud::{Cloud, Options};
//! let cloud = Cloud::start(Options::default()).unwrap();
//! assert!(cloud.endpoint().starts_with("http://127.0.0.1:"));
//! assert!(cloud.calls().is_empty());
//! ```

mod account;
mod call;
mod ecr;
mod emulation;
mod environment;
mod gateway;
mod http;
mod iam;
mod inspector;
mod kms;
mod known_role;
mod ledger;
mod oidc;
mod options;
mod realm;
mod role;
mod service;
mod service_error;
mod signer;
mod sigv4;
mod sts;
#[cfg(test)]
mod tests;
mod trouble;
mod upstream;
mod xml;

pub use ecr::{
    Completed, EcrRegistry, EcrRepository, Finding, Findings, LoginLife, Mutability, ScanStep,
    ScanType,
};
pub use emulation::Cloud;
pub use iam::{Asked, MalformedPolicy};
pub use ledger::{Called, Used};
pub use oidc::{Algorithm, Claims, Issuer};
pub use options::Options;
pub use role::Role;
pub use service::Service;
pub use signer::{ProfileStatus, SigningProfile, Spoiling};
pub use upstream::Upstream;
