//! Posture: who may push to a repository, and what else about it, its registry, its signing key
//! and the role of the CI would let a release be replaced or lost.
//!
//! Everything is judged from [`Documents`]: what AWS answered, as the AWS CLI prints it, or what
//! Terraform plans. Nothing here asks AWS, reads a file or knows the time. A call that was not
//! made is not a good answer, and one that was refused is a finding.
//!
//! ```
//! use boltseal_posture::{Documents, Outcome, Request, Saved, judge};
//!
//! let policy = br#"{"registryId": "111122223333", "repositoryName": "app", "policyText":
//!   "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"ecr:PutImage\"}]}"}"#;
//! let documents = Documents::read([Saved::file("get-repository-policy.json", policy)]).unwrap();
//! let request = Request::new("2026-06-01T00:00:00Z".parse().unwrap());
//! let posture = judge(&documents, &request).unwrap();
//! assert_eq!(posture.outcome, Outcome::Refused);
//! assert_eq!(posture.rights.push[0].principal, "*");
//! assert_eq!(posture.findings[0].id, "push-public");
//! ```

mod arn;
mod case;
mod catalogue;
mod checks;
mod documents;
mod finding;
mod grant;
mod judge;
mod lifecycle;
mod mutability;
mod pattern;
mod plan;
mod policy;
mod request;
mod rights;
mod shown;
mod site;
mod trust;
mod verdict;
mod who;
mod world;

pub use checks::Expiry;
pub use documents::{
    Call, DocumentError, DocumentProblem, Documents, Looked, MAX_DOCUMENT_BYTES, Refusal, Saved,
};
pub use finding::{Finding, Fix};
pub use judge::judge;
pub use mutability::{TagFate, tag_fate};
pub use plan::{MAX_PLAN_BYTES, Plan, PlanError};
pub use policy::PolicyError;
pub use request::{EvidenceTags, PublicPull, Request};
pub use rights::{Allowed, AllowedError, Certainty, Right, Rights};
pub use trust::{
    Admission, Candidate, Claims, Issuer, Missed, StatementAdmission, TrustPolicy, TrustReport,
};
pub use verdict::{Outcome, Posture};
