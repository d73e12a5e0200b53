use std::fmt;

use boltseal_crypto::notation::{CertificateChain, PolicyStatement, TrustStores};

/// Whose Notation signatures count.
#[derive(Clone, Debug)]
pub enum NotationTrust {
    /// Those made with this very chain: a release looks for its own.
    Chain(CertificateChain),
    /// Those that a statement of a trust policy has count.
    Policy {
        /// The statement that is about the repository.
        statement: Box<PolicyStatement>,
        /// The trust stores that it names.
        stores: TrustStores,
    },
    /// Those made by a profile of AWS Signer: a release looks for its own.
    Profile {
        /// The ARN of the profile, without a version.
        arn: String,
        /// The thumbprint of the root that the chain must end at. None where somebody else
        /// vouches that this profile has signed the image: anybody can write an ARN.
        root: Option<String>,
    },
}

impl fmt::Display for NotationTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(chain) => write!(f, "by {}", chain.leaf().subject()),
            Self::Policy { statement, .. } => {
                write!(f, "by the policy {:?}", statement.name())
            }
            Self::Profile { arn, .. } => write!(f, "by {arn}"),
        }
    }
}
