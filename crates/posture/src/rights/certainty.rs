use serde::Serialize;

/// How much is known about a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The documents that were seen grant it. A principal of another account needs a policy of its
    /// own account as well.
    Granted,
    /// A policy of IAM, not seen, may grant it.
    Possible,
}
