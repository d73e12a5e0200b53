//! What came of a verification.

use jiff::Timestamp;

use super::aws_signer::SigningJob;
use super::refusal::{Refusal, Undetermined};
use super::signed_attributes::SigningScheme;
use super::verification_level::Check;

/// What came of a verification: one of three.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Verdict {
    /// The signature counts, as the policy has it.
    Accepted(Box<Accepted>),
    /// It does not count.
    Refused {
        /// Why not: every reason, never empty.
        reasons: Vec<Refusal>,
        /// What could not be found out besides.
        undetermined: Vec<Undetermined>,
    },
    /// Nobody can say: what could not be found out, never empty.
    Undetermined(Vec<Undetermined>),
}

/// A signature that counts. Only [`super::Intact::judge`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub(super) signer: Signer,
    pub(super) logged: Vec<Finding>,
}

impl Accepted {
    /// Who signed.
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// What did not pass, and the policy only wants to have reported.
    pub fn logged(&self) -> &[Finding] {
        &self.logged
    }

    /// Whether the signer is one whom the policy trusts. Under the level `audit` a signature
    /// counts without: then anybody may have made it.
    pub fn is_authentic(&self) -> bool {
        !self.logged.iter().any(|finding| finding.check == Check::Authenticity)
    }
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// What was found.
    pub doubt: Doubt,
}

/// What was found by a check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It fails.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be made.
    #[error(transparent)]
    Undetermined(#[from] Undetermined),
}

/// Who made a signature that counts, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The leaf's subject.
    pub subject: String,
    /// The subject of the chain's end.
    pub root: String,
    /// SHA-256 of each certificate in lower-case hexadecimal, leaf first.
    pub thumbprints: Vec<String>,
    /// The signing scheme.
    pub scheme: SigningScheme,
    /// When it was signed, as the signer says; authentic under the scheme of an authority.
    pub signing_time: Timestamp,
    /// The time of a verified timestamp.
    pub timestamp: Option<Timestamp>,
    /// From when on the signature does not count.
    pub expiry: Option<Timestamp>,
    /// The identity of the policy that matched: `*`, `x509.subject: …` or an ARN.
    pub identity: Option<String>,
    /// For AWS Signer: its profile and job.
    pub job: Option<SigningJob>,
}
