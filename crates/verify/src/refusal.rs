use boltseal_core::{Digest, Exit, Reason};
use boltseal_crypto::notation;

/// What makes a Notation signature count whatever is wrong with it.
const AS_THE_POLICY_DEMANDS: &str = "sign as the trust policy demands, or name the signer's \
                                     certificate and identity in it, if you trust them";

/// Why one piece of evidence does not count. Data, not an error: all of them are reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Its time is more than five minutes ahead of the verifier's clock.
    #[error("its time {claimed} is ahead of this machine's clock, {now}")]
    FromTheFuture {
        /// The time that it claims.
        claimed: String,
        /// The verifier's time.
        now: String,
    },
    /// A certificate signed it, and only keys are accepted.
    #[error("signed with a certificate; only keys were given")]
    KeylessSignature,
    /// A log entry or a timestamp in it does not verify against the trusted root.
    #[error("its log entry or timestamp does not verify: {problem}")]
    LogProof {
        /// What the check said.
        problem: String,
    },
    /// Not a bundle, an envelope or a payload.
    #[error("malformed: {problem}")]
    Malformed {
        /// What is wrong.
        problem: String,
    },
    /// A time that should be there and is not, or is no RFC 3339.
    #[error("its {member} is no RFC 3339 time: {found:?}")]
    NoTime {
        /// The member of the predicate.
        member: &'static str,
        /// What it holds.
        found: String,
    },
    /// A Notation signature, and nothing says whose count.
    #[error("a Notation signature; no trust policy was given")]
    NoTrustPolicy,
    /// A Notation signature that the trust policy does not have count: every reason.
    #[error("{}", join(reasons))]
    Notation {
        /// Why not; never empty.
        reasons: Vec<notation::Refusal>,
    },
    /// A Notation signature that the level `audit` lets pass, whoever made it.
    #[error("its signer is not trusted, which the policy only logs: {}", join(found))]
    NotationUnauthentic {
        /// What did not pass.
        found: Vec<notation::Doubt>,
    },
    /// A Notation signature of which nobody can say whether it counts.
    #[error("{}", join(problems))]
    NotationUndetermined {
        /// What could not be found out; never empty.
        problems: Vec<notation::Undetermined>,
    },
    /// It names no source, and one is demanded.
    #[error("names no source repository")]
    NoSource,
    /// The bundle signs a file's digest, not a statement.
    #[error("signs a file, not a statement about an image")]
    NotAStatement,
    /// A Notation signature by somebody else than the one whose own is looked for.
    #[error("signed by {found}, not by {expected}")]
    OtherSigner {
        /// The subject of the certificate, or the profile, that is looked for.
        expected: String,
        /// The one that signed.
        found: String,
    },
    /// Another builder than those that are accepted.
    #[error("built by {found:?}")]
    OtherBuilder {
        /// The builder that it names.
        found: String,
        /// Those that are accepted.
        expected: String,
    },
    /// Built from another ref.
    #[error("built from {found}")]
    OtherRef {
        /// The sources that it names.
        found: String,
        /// The refs that are accepted.
        expected: String,
    },
    /// An accepted signer says that it came from elsewhere.
    #[error("names another source: {found}")]
    OtherSource {
        /// The sources that it names.
        found: String,
        /// The one that is accepted.
        expected: String,
    },
    /// The key that signed it is over, and neither is the image listed under it nor does a
    /// timestamp show that it was made in time.
    #[error("signed by {signer}, whose key expired at {not_after}; it is {now}")]
    SignerExpired {
        /// The key, as its user named it.
        signer: String,
        /// The last moment at which it counted.
        not_after: String,
        /// The verifier's time.
        now: String,
    },
    /// The key that signed it does not count yet.
    #[error("signed by {signer}, whose key counts from {not_before}; it is {now}")]
    SignerNotYetValid {
        /// The key, as its user named it.
        signer: String,
        /// The first moment at which it counts.
        not_before: String,
        /// The verifier's time.
        now: String,
    },
    /// More bytes than are read.
    #[error("{size} bytes, and at most {limit} are read")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// None of the accepted keys made the signature.
    #[error("no accepted key made its signature (tried {tried})")]
    UnknownSigner {
        /// The keys that were tried, as their user named them.
        tried: String,
    },
    /// The scan in it cannot be judged again.
    #[error("its scan report cannot be read: {problem}")]
    UnreadableScan {
        /// What the reader said.
        problem: String,
    },
    /// The statement is about something else.
    #[error("signed for another digest: {found}")]
    WrongSubject {
        /// The subjects that it names.
        found: String,
    },
}

impl Refusal {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FromTheFuture { .. } => "from-the-future",
            Self::KeylessSignature => "keyless-signature",
            Self::LogProof { .. } => "log-proof-invalid",
            Self::Malformed { .. } => "malformed",
            Self::NoTime { .. } => "no-time",
            Self::NoTrustPolicy => "no-trust-policy",
            Self::Notation { reasons } => {
                reasons.first().map_or("notation-refused", notation::Refusal::code)
            }
            Self::NotationUnauthentic { .. } => "notation-signer-untrusted",
            Self::NotationUndetermined { problems } => {
                problems.first().map_or("notation-undetermined", notation::Undetermined::code)
            }
            Self::OtherSigner { .. } => "other-signer",
            Self::NoSource => "no-source",
            Self::NotAStatement => "not-a-statement",
            Self::OtherBuilder { .. } => "other-builder",
            Self::OtherRef { .. } => "other-ref",
            Self::OtherSource { .. } => "other-source",
            Self::SignerExpired { .. } => "signer-expired",
            Self::SignerNotYetValid { .. } => "signer-not-yet-valid",
            Self::TooLarge { .. } => "too-large",
            Self::UnknownSigner { .. } => "unknown-signer",
            Self::UnreadableScan { .. } => "scan-unreadable",
            Self::WrongSubject { .. } => "wrong-subject",
        }
    }

    /// What would make the piece pass.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::FromTheFuture { .. } => {
                "set this machine's clock, or find out whose clock was wrong"
            }
            Self::KeylessSignature => "name the key that signs this image with --key",
            Self::LogProof { .. } => "give the trusted root of the log that was used",
            Self::Malformed { .. } | Self::NoTime { .. } | Self::NotAStatement => {
                "release the image again; find out who pushed this piece"
            }
            Self::NoTrustPolicy => {
                "say whose signatures count: --trust-policy FILE with --trust-store DIR"
            }
            Self::Notation { reasons } => {
                reasons.first().map_or(AS_THE_POLICY_DEMANDS, notation::Refusal::fix)
            }
            Self::NotationUnauthentic { .. } => AS_THE_POLICY_DEMANDS,
            Self::NotationUndetermined { problems } => {
                problems.first().map_or(AS_THE_POLICY_DEMANDS, notation::Undetermined::fix)
            }
            Self::OtherSigner { .. } => "sign with the chain or the profile that was given",
            Self::NoSource => {
                "release from a job whose identity names the source, or leave [source] out of the \
                 policy"
            }
            Self::OtherBuilder { .. } => "add the builder to [source] builders, if you trust it",
            Self::OtherRef { .. } => {
                "release from one of these refs, or add this one to the policy"
            }
            Self::OtherSource { .. } => {
                "find out why an accepted signer says so; release what was built from the right \
                 repository"
            }
            Self::SignerExpired { .. } => {
                "release again with a current key, list the image under the signer's digests, or \
                 give the trusted root of the authority whose timestamp it has"
            }
            Self::SignerNotYetValid { .. } => {
                "set this machine's clock, or wait until the key counts"
            }
            Self::TooLarge { .. } => "attach a smaller piece",
            Self::UnknownSigner { .. } => "name the key that signed it with --key, if you trust it",
            Self::UnreadableScan { .. } => {
                "release again with a report that boltseal reads, or leave [gate] out of the policy"
            }
            Self::WrongSubject { .. } => "verify the digest that was signed, or release this one",
        }
    }

    /// Whether it is no refusal at all, since nobody can say.
    pub const fn is_undetermined(&self) -> bool {
        matches!(self, Self::NotationUndetermined { .. })
    }

    /// What the piece should have been.
    fn expected(&self, kind: &str) -> String {
        match self {
            Self::OtherBuilder { expected, .. } => format!("{kind} evidence that names {expected}"),
            Self::OtherRef { expected, .. } | Self::OtherSource { expected, .. } => {
                format!("{kind} evidence of an image from {expected}")
            }
            Self::NoSource => format!("{kind} evidence that names its source"),
            Self::SignerExpired { .. } | Self::SignerNotYetValid { .. } => {
                format!("{kind} evidence signed by a key that counts now")
            }
            Self::UnreadableScan { .. } => format!("{kind} evidence that can be judged again"),
            _ => format!("{kind} evidence signed by an accepted key for this digest"),
        }
    }

    /// The reason that this refusal is, for the piece in `carrier`.
    pub fn to_reason(&self, kind: &str, carrier: &Digest) -> Reason {
        let exit = if self.is_undetermined() { Exit::Undetermined } else { Exit::Untrusted };
        Reason::new(exit, self.code())
            .expected(self.expected(kind))
            .found(self.to_string())
            .place(carrier.to_string())
            .fix(self.fix())
    }
}

fn join(items: &[impl ToString]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notation_refusal_says_what_mends_this_one() {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let expired = notation::Refusal::Expired { at };
        let untrusted = notation::Refusal::Untrusted { root: "CN=x".to_owned() };
        let of = |reasons| Refusal::Notation { reasons };
        assert!(
            of(vec![expired.clone(), untrusted.clone()]).fix().contains("sign the image again")
        );
        assert!(of(vec![untrusted, expired]).fix().contains("trust policy"));
        let plugin = notation::Undetermined::Plugin { name: "com.example".to_owned() };
        let unknown = Refusal::NotationUndetermined { problems: vec![plugin] };
        assert!(unknown.fix().contains("plugin") && !unknown.fix().contains("revocation"));
    }
}
