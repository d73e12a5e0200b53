//! Why a signature does not count, or why nobody can say.

use boltseal_core::Descriptor;
use jiff::Timestamp;

use super::aws_signer::AWS_SIGNER_PLUGIN;
use super::integrity_error::IntegrityError;
use super::signed_attributes::SigningScheme;
use super::timestamp_error::TimestampError;
use super::trust_store::StoreName;

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// An attribute that a plugin needs is missing or says nothing.
    #[error("expected {expected} as {name:?}, found something else or nothing")]
    Attribute {
        /// The attribute.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A certificate of the timestamp's authority is revoked.
    #[error("expected a timestamp by certificates that are not revoked, found {}", list(what))]
    AuthorityRevoked {
        /// What is revoked.
        what: Vec<String>,
    },
    /// The signature's own expiry has come.
    #[error("expected a signature that has not expired, found one that did at {at}")]
    Expired {
        /// The expiry.
        at: Timestamp,
    },
    /// The signer is none of those whom the policy trusts.
    #[error("expected a signer that the policy {policy:?} trusts, found {found:?}")]
    Identity {
        /// The statement of the policy.
        policy: String,
        /// The leaf's subject, or the profile of AWS Signer.
        found: String,
    },
    /// The envelope does not hold together.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
    /// The policy names no store of the kind that counts for this signature.
    #[error("expected a trust store for {scheme} in the policy {policy:?}, found none")]
    NoStore {
        /// The statement of the policy.
        policy: String,
        /// The signing scheme.
        scheme: SigningScheme,
    },
    /// A certificate is not valid now, and there is no timestamp that would say when it signed.
    #[error("expected certificates that are valid at {now}, found {subject:?}, which is not")]
    NotValidNow {
        /// The certificate.
        subject: String,
        /// The time of the verification.
        now: Timestamp,
    },
    /// A certificate was not valid at the authentic signing time.
    #[error("expected certificates that were valid at {at}, found {subject:?}, which was not")]
    NotValidWhenSigned {
        /// The certificate.
        subject: String,
        /// The authentic signing time.
        at: Timestamp,
    },
    /// It is about another artifact.
    #[error(
        "expected a signature of {} ({}, {} bytes), found one of {} ({}, {} bytes)",
        expected.digest, expected.media_type, expected.size,
        found.digest, found.media_type, found.size
    )]
    OtherArtifact {
        /// The artifact asked for.
        expected: Box<Descriptor>,
        /// The one that was signed.
        found: Box<Descriptor>,
    },
    /// AWS Signer's plugin is asked for under the scheme of a publisher.
    #[error(
        "expected the scheme notary.x509.signingAuthority for {AWS_SIGNER_PLUGIN}, found {found}"
    )]
    PluginScheme {
        /// The scheme.
        found: SigningScheme,
    },
    /// Something is revoked.
    #[error("expected nothing that is revoked, found {}", list(what))]
    Revoked {
        /// What is revoked.
        what: Vec<String>,
    },
    /// A trust store that the policy names is not at hand.
    #[error("expected the trust store {store}, found none")]
    StoreMissing {
        /// The store.
        store: StoreName,
    },
    /// The leaf's subject cannot be compared with `x509.subject` identities.
    #[error(
        "expected a subject with C, ST, O and others of X.520, each once, found {found:?}, {why}"
    )]
    Subject {
        /// The subject.
        found: String,
        /// What stands in the way.
        why: &'static str,
    },
    /// The timestamp does not hold.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// The policy demands a timestamp and there is none.
    #[error("expected a timestamp, as the policy {policy:?} demands, found none")]
    TimestampMissing {
        /// The statement of the policy.
        policy: String,
    },
    /// The timestamp may lie outside a certificate's validity.
    #[error("expected a timestamp while {subject:?} was valid, found one of {time}")]
    TimestampOutside {
        /// The certificate.
        subject: String,
        /// The timestamp's time.
        time: Timestamp,
    },
    /// A critical attribute that nobody knows.
    #[error("expected critical attributes that are understood, found {name:?}")]
    UnknownCriticalAttribute {
        /// The attribute, cut at 160 characters.
        name: String,
    },
    /// No certificate of the chain lies in a trust store that counts.
    #[error("expected a certificate of the trust stores in the chain, found none up to {root:?}")]
    Untrusted {
        /// The end of the chain.
        root: String,
    },
}

impl Refusal {
    /// A stable code in kebab case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Attribute { .. } => "notation-attribute-invalid",
            Self::AuthorityRevoked { .. } => "notation-timestamp-revoked",
            Self::Expired { .. } => "notation-expired",
            Self::Identity { .. } => "notation-identity-untrusted",
            Self::Integrity(_) => "notation-envelope-invalid",
            Self::NoStore { .. } => "notation-store-unnamed",
            Self::NotValidNow { .. } | Self::NotValidWhenSigned { .. } => {
                "notation-certificate-not-valid"
            }
            Self::OtherArtifact { .. } => "notation-other-artifact",
            Self::PluginScheme { .. } => "notation-plugin-scheme",
            Self::Revoked { .. } => "notation-revoked",
            Self::StoreMissing { .. } => "notation-store-missing",
            Self::Subject { .. } => "notation-subject-incomparable",
            Self::Timestamp(_) => "notation-timestamp-invalid",
            Self::TimestampMissing { .. } => "notation-timestamp-missing",
            Self::TimestampOutside { .. } => "notation-timestamp-outside",
            Self::UnknownCriticalAttribute { .. } => "notation-attribute-unknown",
            Self::Untrusted { .. } => "notation-root-untrusted",
        }
    }

    /// What would make it count.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::Attribute { .. }
            | Self::Integrity(_)
            | Self::PluginScheme { .. }
            | Self::Timestamp(_)
            | Self::UnknownCriticalAttribute { .. } => {
                "sign the image again; find out who attached this envelope"
            }
            Self::AuthorityRevoked { .. } | Self::Revoked { .. } => {
                "find out why it was revoked; sign the image again by what is not"
            }
            Self::Expired { .. } => "sign the image again: this signature was to end then",
            Self::Identity { .. }
            | Self::NoStore { .. }
            | Self::StoreMissing { .. }
            | Self::Untrusted { .. } => {
                "if you trust the signer, name its identity and a store in the trust policy, and \
                 put its certificate into that store"
            }
            Self::NotValidNow { .. } | Self::NotValidWhenSigned { .. } => {
                "sign the image again with certificates that are valid, and look at the clocks"
            }
            Self::OtherArtifact { .. } => "verify the image that was signed, or sign this one",
            Self::Subject { .. } => {
                "have a certificate issued whose subject can be compared, or trust any identity \
                 that its store vouches for: \"*\""
            }
            Self::TimestampMissing { .. } => {
                "sign the image again with a timestamp, or have the trust policy ask for one \
                 afterCertExpiry only"
            }
            Self::TimestampOutside { .. } => {
                "sign the image again while its certificates are valid"
            }
        }
    }
}

impl Undetermined {
    /// A stable code in kebab case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AuthorityRevocation { .. } => "notation-timestamp-revocation-unknown",
            Self::Plugin { .. } => "notation-plugin-unknown",
            Self::PluginVersion { .. } => "notation-plugin-too-new",
            Self::Revocation { .. } => "notation-revocation-unknown",
        }
    }

    /// What would tell.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::AuthorityRevocation { .. } => {
                "let the trust policy log authenticTimestamp, or have the image timestamped by an \
                 authority whose certificates name no place to ask"
            }
            Self::Revocation { .. } => {
                "try again where the revocation can be asked about, or let the trust policy log \
                 or skip that check"
            }
            Self::Plugin { .. } | Self::PluginVersion { .. } => {
                "verify this signature with notation and the plugin that it asks for, or sign the \
                 image without one"
            }
        }
    }
}

/// Why nobody can say whether a signature counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undetermined {
    /// Whether the timestamp's authority is revoked.
    #[error("expected to know whether the timestamp's authority is revoked, found {why}")]
    AuthorityRevocation {
        /// Why it is not known.
        why: String,
    },
    /// A plugin that is not played here.
    #[error("expected the verification plugin {AWS_SIGNER_PLUGIN} or none, found {name:?}")]
    Plugin {
        /// The plugin, cut at 160 characters.
        name: String,
    },
    /// A newer version of AWS Signer's plugin than is played here.
    #[error("expected {AWS_SIGNER_PLUGIN} 1.0.350 or older to suffice, found {needed:?} needed")]
    PluginVersion {
        /// The version, cut at 160 characters.
        needed: String,
    },
    /// Whether something is revoked.
    #[error("expected to know whether the signer is revoked, found {why}")]
    Revocation {
        /// Why it is not known.
        why: String,
    },
}

fn list(what: &[String]) -> String {
    what.join(", ")
}
