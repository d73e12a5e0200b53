//! What somebody found out about revocation. Nothing here asks anybody.

use jiff::Timestamp;

/// The answer to a [`RevocationQuestion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Asked, and nothing is revoked.
    Checked,
    /// Asked, and the answer did not come or could not be read.
    CouldNotFindOut {
        /// Why.
        why: String,
    },
    /// Nobody was asked, as when working offline.
    NotChecked,
    /// Asked, and something is revoked.
    Revoked {
        /// What: subjects of certificates, ARNs of a job or a profile, hashes.
        what: Vec<String>,
    },
}

/// What would have to be asked before a signature counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationQuestion {
    /// AWS Signer's `GetRevocationStatus`.
    AwsSigner(Box<SignerRevocationQuery>),
    /// The certificates with these subjects name an OCSP responder or a CRL.
    Certificates(Vec<String>),
    /// No certificate can be asked about: the answer [`Revocation::NotChecked`] is good enough.
    Nothing,
}

/// The parameters of AWS Signer's `GetRevocationStatus`, to be sent to the data endpoint of the
/// profile's region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerRevocationQuery {
    /// `signatureTimestamp`
    pub signature_timestamp: Timestamp,
    /// `platformId`
    pub platform_id: &'static str,
    /// `profileVersionArn`
    pub profile_version_arn: String,
    /// `jobArn`
    pub job_arn: String,
    /// `certificateHashes`: for each certificate the SHA-384 of its signed part and of its
    /// issuer's, in hexadecimal, leaf first; the root counts as its own issuer.
    pub certificate_hashes: Vec<String>,
    /// The region in the profile's ARN.
    pub region: String,
}
