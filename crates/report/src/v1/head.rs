use boltseal_core::{Digest, Exit, Reason, sort_reasons};
use serde::{Serialize, Serializer};

/// What every result has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Head {
    /// `boltseal.COMMAND/v1`.
    pub schema: &'static str,
    /// The outcome.
    pub outcome: Outcome,
    /// The exit code of the run, a number in JSON.
    #[serde(serialize_with = "as_number")]
    pub exit: Exit,
    /// What it is about.
    pub subject: SubjectOfResult,
    /// Why not, in the precedence of their exit codes; empty for the good outcomes.
    pub reasons: Vec<Reason>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
fn as_number<S: Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(exit.code())
}

/// What a result is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SubjectOfResult {
    /// As its user named it.
    pub reference: Option<String>,
    /// Its digest, once it is known.
    pub digest: Option<Digest>,
}

impl SubjectOfResult {
    /// A subject that its user named.
    pub fn new(reference: &str, digest: Option<Digest>) -> Self {
        Self { reference: Some(reference.to_owned()), digest }
    }
}

impl Head {
    /// The command whose result it is, such as `gate`.
    pub fn command(&self) -> &'static str {
        let name = self.schema.strip_prefix("boltseal.").unwrap_or(self.schema);
        name.split('/').next().unwrap_or(name)
    }

    /// The head of a good result.
    pub fn good(schema: &'static str, outcome: Outcome, subject: SubjectOfResult) -> Self {
        Self { schema, outcome, exit: Exit::Proof, subject, reasons: Vec::new() }
    }

    /// The head of a result for these reasons. The first by precedence decides exit code and
    /// outcome; no reason at all is a bug, and said as one.
    pub fn failed(
        schema: &'static str,
        subject: SubjectOfResult,
        mut reasons: Vec<Reason>,
    ) -> Self {
        if reasons.is_empty() {
            reasons.push(
                Reason::new(Exit::Bug, "bug")
                    .expected("a reason for this outcome")
                    .found("none")
                    .fix("report this as a bug of boltseal"),
            );
        }
        let exit = sort_reasons(&mut reasons);
        let outcome = match exit {
            Exit::Undetermined | Exit::Unauthorised | Exit::Bug => Outcome::Undetermined,
            _ => Outcome::Refused,
        };
        Self { schema, outcome, exit, subject, reasons }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The promotion was there before, complete and verified.
    AlreadyPromoted,
    /// The release was there before, complete and verified.
    AlreadyReleased,
    /// Files are as they would be written.
    Current,
    /// A key pair was generated.
    Generated,
    /// It was looked at; nothing was judged.
    Inspected,
    /// A document was made.
    Made,
    /// Files are not as they would be written.
    Outdated,
    /// The gate passed.
    Passed,
    /// A dry run came to the point of writing.
    Planned,
    /// Promoted.
    Promoted,
    /// A public key was read.
    Read,
    /// Refused.
    Refused,
    /// Released.
    Released,
    /// It could not be found out.
    Undetermined,
    /// Verified.
    Verified,
    /// Files were written, or were there.
    Written,
}

impl Outcome {
    /// The name in JSON results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlreadyPromoted => "already-promoted",
            Self::AlreadyReleased => "already-released",
            Self::Current => "current",
            Self::Generated => "generated",
            Self::Inspected => "inspected",
            Self::Made => "made",
            Self::Outdated => "outdated",
            Self::Passed => "passed",
            Self::Planned => "planned",
            Self::Promoted => "promoted",
            Self::Read => "read",
            Self::Refused => "refused",
            Self::Released => "released",
            Self::Undetermined => "undetermined",
            Self::Verified => "verified",
            Self::Written => "written",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(exits: &[Exit]) -> Head {
        let reasons = exits.iter().map(|exit| Reason::new(*exit, "x")).collect();
        Head::failed("boltseal.verify/v1", SubjectOfResult::default(), reasons)
    }

    #[test]
    fn the_first_reason_by_precedence_decides() {
        let mixed = head(&[Exit::Gate, Exit::Missing, Exit::Undetermined, Exit::Untrusted]);
        assert_eq!((mixed.exit, mixed.outcome), (Exit::Undetermined, Outcome::Undetermined));
        let order: Vec<u8> = mixed.reasons.iter().map(|reason| reason.exit.code()).collect();
        assert_eq!(order, [21, 11, 12, 10]);
        assert_eq!(head(&[Exit::Missing]).outcome, Outcome::Refused);
        assert_eq!(head(&[Exit::Unauthorised]).outcome, Outcome::Undetermined);
    }

    #[test]
    fn no_reason_is_a_bug_and_never_a_success() {
        let bug = head(&[]);
        assert_eq!((bug.exit, bug.outcome), (Exit::Bug, Outcome::Undetermined));
        assert_eq!(bug.reasons[0].code, "bug");
    }
}
