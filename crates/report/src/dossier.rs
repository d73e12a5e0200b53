use std::collections::BTreeSet;

use boltseal_core::{Digest, Exit, Finding, Severity};
use boltseal_gate::{Counting, Diff, Since};
use boltseal_pipeline::PlatformSbom;
use serde_json::Value;

use crate::text::kind;
use crate::v1::{
    GateBody, Head, Journey, MovedTag, Outcome, PieceSummary, PreflightBody, StepSummary,
    WrittenPiece,
};

/// One view of all results, which reports are made of. It borrows from a document and adds
/// nothing to it.
pub struct Dossier<'d> {
    pub(crate) head: &'d Head,
    pub(crate) gate: Option<&'d GateBody>,
    pub(crate) posture: Option<&'d PreflightBody>,
    pub(crate) evidence: Vec<EvidenceLine<'d>>,
    pub(crate) course: Option<Course<'d>>,
    pub(crate) provenance: Option<&'d Value>,
    pub(crate) sboms: &'d [PlatformSbom],
    /// The kinds of evidence that were required.
    pub(crate) required: &'d [String],
    /// What was really checked, in words.
    pub(crate) checked: &'d [String],
    /// What should be looked at, though it changed nothing.
    pub(crate) notes: Vec<&'d str>,
}

/// What a journey that writes did.
#[derive(Clone, Copy)]
pub(crate) struct Course<'d> {
    pub(crate) source: Option<&'d str>,
    pub(crate) pushed: bool,
    pub(crate) tags: &'d [String],
    pub(crate) moved: &'d [MovedTag],
    pub(crate) evidence_file: Option<&'d str>,
    pub(crate) requests: u64,
    pub(crate) steps: &'d [StepSummary],
}

/// One piece of evidence, written or looked at.
#[derive(Clone)]
pub(crate) struct EvidenceLine<'d> {
    pub(crate) subject: &'d Digest,
    pub(crate) kind: String,
    pub(crate) predicate_type: &'d str,
    pub(crate) digest: Option<&'d Digest>,
    pub(crate) format: &'d str,
    pub(crate) signer: &'d str,
    /// `written`, `was there`, or what a verification says.
    pub(crate) state: &'static str,
    pub(crate) note: &'d str,
}

impl<'d> Dossier<'d> {
    /// What is known of a result of which nothing is known but its head.
    pub(crate) const fn of(head: &'d Head) -> Self {
        Self {
            head,
            gate: None,
            posture: None,
            evidence: Vec::new(),
            course: None,
            provenance: None,
            sboms: &[],
            required: &[],
            checked: &[],
            notes: Vec::new(),
        }
    }

    /// The same with what a journey did.
    pub(crate) fn with_journey<Own>(head: &'d Head, journey: &'d Journey<Own>) -> Self {
        let course = Course {
            source: journey.source.as_deref(),
            pushed: journey.pushed,
            tags: &journey.tags,
            moved: &journey.moved,
            evidence_file: journey.evidence_file.as_deref(),
            requests: journey.requests,
            steps: &journey.steps,
        };
        Self {
            course: Some(course),
            evidence: journey.evidence.iter().map(EvidenceLine::from).collect(),
            notes: journey.warnings.iter().map(String::as_str).collect(),
            ..Self::of(head)
        }
    }

    /// The command whose result it is.
    pub(crate) fn command(&self) -> &'static str {
        self.head.command()
    }

    /// As its user named it; the command, where nothing was named.
    pub(crate) fn reference(&self) -> &str {
        self.head.subject.reference.as_deref().unwrap_or_else(|| self.command())
    }

    /// The digest, once it is known.
    pub(crate) const fn digest(&self) -> Option<&Digest> {
        self.head.subject.digest.as_ref()
    }

    /// The image by digest, such as `HOST/REPO@sha256:...`, once it is known.
    pub(crate) fn image(&self) -> Option<String> {
        let reference = self.head.subject.reference.as_deref()?;
        Some(format!("{}@{}", place_of(reference), self.digest()?))
    }

    /// The place without tag and digest: what stays the same from release to release.
    pub(crate) fn place(&self) -> Option<&str> {
        self.head.subject.reference.as_deref().map(place_of)
    }

    /// Whether it is a good end.
    pub(crate) fn is_good(&self) -> bool {
        self.head.exit == Exit::Proof
    }

    /// Whether it is a dry run in which no report was judged.
    pub(crate) fn is_unjudged_plan(&self) -> bool {
        self.head.outcome == Outcome::Planned && self.gate.is_none()
    }

    /// `passed`, `refused` or `undetermined`.
    pub(crate) const fn verdict(&self) -> &'static str {
        match self.head.outcome {
            Outcome::Refused => "refused",
            Outcome::Undetermined => "undetermined",
            _ => "passed",
        }
    }

    /// The findings that count; none where nothing was counted.
    pub(crate) fn findings(&self) -> &'d [Counting] {
        self.gate.map_or(&[], |gate| &gate.findings)
    }

    /// All findings that the image has: those that count first, then those that the baseline has
    /// as well. What is left out here reads elsewhere as fixed.
    pub(crate) fn present(&self) -> impl Iterator<Item = &'d Counting> {
        let carried = self.gate.map_or(&[][..], |gate| &gate.carried);
        self.findings().iter().chain(carried)
    }

    /// The findings against those of an earlier release, where there was to be a baseline.
    pub(crate) fn diff(&self) -> Option<&'d Diff> {
        self.gate?.diff.as_ref()
    }

    /// The same, where there was a release to compare with.
    pub(crate) fn compared(&self) -> Option<&'d Diff> {
        self.diff().filter(|diff| diff.baseline.is_some())
    }

    /// Whether all reports that were given were read and judged. Where they were not, a short
    /// list of findings is no good news.
    pub(crate) fn is_counted(&self) -> bool {
        let is_open = |exit: Exit| {
            matches!(exit, Exit::Invalid | Exit::Undetermined | Exit::Unauthorised | Exit::Bug)
        };
        let counted = self.gate.is_some_and(|gate| gate.counts.is_some());
        counted && !self.head.reasons.iter().any(|reason| is_open(reason.exit))
    }

    /// What anyone can run to see a good end for himself.
    pub(crate) fn verify_command(&self) -> Option<String> {
        let signer = self.evidence.iter().map(|it| it.signer).find(|it| !it.is_empty())?;
        let image = self.image().filter(|_| self.is_good())?;
        let public = signer.strip_suffix(".key").map(|name| format!("{name}.pub"));
        Some(format!("boltseal verify {image} --key {}", public.as_deref().unwrap_or(signer)))
    }

    /// The names of the scanners, with their versions.
    pub(crate) fn scanners(&self) -> Vec<String> {
        let reports = self.gate.map_or(&[][..], |gate| &gate.reports);
        let named = reports.iter().map(|it| {
            let version = it.scanner.version.as_deref().unwrap_or_default();
            format!("{} {version}", it.scanner.name).trim().to_owned()
        });
        named.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl<'d> From<&'d WrittenPiece> for EvidenceLine<'d> {
    fn from(piece: &'d WrittenPiece) -> Self {
        Self {
            subject: &piece.subject,
            kind: kind(Some(&piece.predicate_type)),
            predicate_type: &piece.predicate_type,
            digest: Some(&piece.digest),
            format: &piece.format,
            signer: &piece.signer,
            state: if piece.adopted { "was there" } else { "written" },
            note: "",
        }
    }
}

impl<'d> From<&'d PieceSummary> for EvidenceLine<'d> {
    fn from(piece: &'d PieceSummary) -> Self {
        Self {
            subject: &piece.subject,
            kind: kind(piece.predicate_type.as_deref()),
            predicate_type: piece.predicate_type.as_deref().unwrap_or_default(),
            digest: piece.digest.as_ref(),
            format: piece.format.as_deref().unwrap_or_default(),
            signer: piece.signer.as_deref().unwrap_or_default(),
            state: piece.status,
            note: piece.reason.as_deref().unwrap_or_default(),
        }
    }
}

/// The order of a list of findings: those that count first, the worst of them first.
pub(crate) fn worst_first(it: &Counting) -> (bool, Severity, &str, &str) {
    let Finding { severity, id, package, .. } = &it.finding;
    (it.since == Some(Since::Carried), *severity, id, package)
}

/// A reference without its tag and digest: `HOST/REPO`, `oci:DIR`.
fn place_of(reference: &str) -> &str {
    let (name, _) = reference.split_once('@').unwrap_or((reference, ""));
    let scheme = ["oci:", "oci-archive:", "docker-archive:", "evidence:"];
    let start = match scheme.into_iter().find(|it| name.starts_with(it)) {
        Some(scheme) => scheme.len(),
        None => name.rfind('/').unwrap_or(0),
    };
    let end = name[start..].find(':').map_or(name.len(), |colon| start + colon);
    &name[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_neither_tag_nor_digest() {
        for (reference, place) in [
            ("h.example:5000/a/b:1", "h.example:5000/a/b"),
            ("h.example/a@sha256:00", "h.example/a"),
            ("h.example/a:1@sha256:00", "h.example/a"),
            ("oci:out:1", "oci:out"),
            ("oci:out@sha256:00", "oci:out"),
            ("app", "app"),
        ] {
            assert_eq!(place_of(reference), place);
        }
    }
}
