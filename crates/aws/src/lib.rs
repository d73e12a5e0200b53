//! Amazon Web Services: credentials for a CI run, ECR's control plane, keys in KMS, AWS Signer,
//! scanning by ECR and Inspector, and the documents that posture is judged by.
//!
//! Everything goes through one [`Aws`]: one pool of connections over rustls, the endpoints of the
//! environment, one count of requests, and one patience, by which a service that throttles is
//! left alone. It moves no image: ECR's data plane speaks the distribution specification, which is
//! not here. It judges nothing either. Each failure says what was expected, what AWS answered and
//! what would make it pass, and none holds a token or a key.
//!
//! ```
//! use boltseal_aws::{AwsEnvironment, EcrHost};
//! let host = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
//! let bad = AwsEnvironment::of(|name| {
//!     (name == "AWS_ENDPOINT_URL").then(|| format!("http://{host}"))
//! });
//! assert!(bad.is_err(), "tokens are sent over TLS, or stay on this machine");
//! ```

mod account;
mod arn;
mod aws;
mod call;
mod capture;
mod connector;
mod ecr;
mod environment;
mod error;
mod fault;
mod grant;
mod inspector;
mod kms;
mod patience;
mod posture;
mod region;
mod service;
mod session;
mod signer;
#[cfg(test)]
mod stand_in;

pub use account::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError};
pub use aws::{Aws, AwsOptions};
pub use ecr::{
    EcrAction, EcrHost, EcrQuota, EcrRegistry, EcrScanner, ImmutableTags, ManagedSigning,
    RepositoryFacts, SigningProgress, SigningState,
};
pub use environment::{AwsEnvironment, Hosts};
pub use error::{AwsError, AwsErrorKind};
pub use grant::{JobTrust, ReleaseGrant, SIGNING_ALGORITHM, json_text};
pub use inspector::InspectorScanner;
pub use kms::{KeyDescription, KeyUri, KeyUriError, KmsSigner};
pub use posture::LivePosture;
pub use region::{Partition, Region, RegionError};
pub use session::{
    Caller, DEFAULT_AUDIENCE, IamPolicy, KeyResource, MAX_SESSION_POLICY, PosturePart,
    ReleaseScope, RoleRequest, ScanAccess, Session, SessionPolicy, SessionPolicyError,
    posture_policy, provider_arn, release_policy, session_name, session_policy, trust_condition,
};
pub use signer::{AwsSigner, RevocationQuery, SignerRevocation, revoked_entities};
