use boltseal_core::{Counts, Digest, Exit, Finding, Platform, Reason};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::scanner::time_or_null;
use crate::{Diff, Format, MaxAge, ScannerFacts, Thresholds};

/// What the gate decided. Serialised it has the keys that the JSON result of `boltseal gate`
/// promises: `outcome`, `counts`, `thresholds`, `waived`, `platforms`, `reports`, `reasons`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The verdict.
    pub outcome: Outcome,
    /// The findings, waived ones left out: of each severity the most that any report has.
    pub counts: Counts,
    /// How many were allowed.
    pub thresholds: Thresholds,
    /// How old a scan was allowed to be.
    pub max_scan_age: MaxAge,
    /// The findings that count, each with the report that has it, in the reports' order.
    pub findings: Vec<Counting>,
    /// Findings that do not count because an earlier release has them as well, all of them.
    pub carried: Vec<Counting>,
    /// Findings that do not count because of a waiver.
    pub waived: Vec<Waived>,
    /// The findings against those of an earlier release, where there was a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<Diff>,
    /// The verdict's numbers for each platform; empty where no image was given.
    pub platforms: Vec<PlatformDecision>,
    /// The reports, in the order in which they were given.
    pub reports: Vec<ReportJudgement>,
    /// Every reason against, in the order of [`Exit::PRECEDENCE`]. Empty exactly when it passed.
    pub reasons: Vec<Reason>,
    /// What else should be known: waivers that expired or were not needed, what the reports leave
    /// open.
    pub notes: Vec<String>,
}

impl Decision {
    /// What the run ends with: [`Exit::Proof`], or the exit of the first reason.
    pub fn exit(&self) -> Exit {
        self.reasons.first().map_or(Exit::Proof, |reason| reason.exit)
    }
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every report passes.
    Passed,
    /// At least one does not, or is not valid.
    Refused,
    /// It could not be found out.
    Undetermined,
}

impl Outcome {
    /// The outcome of a run that ends with `exit`.
    pub(crate) const fn of(exit: Exit) -> Self {
        match exit {
            Exit::Proof => Self::Passed,
            Exit::Undetermined | Exit::Unauthorised | Exit::Interrupted => Self::Undetermined,
            _ => Self::Refused,
        }
    }
}

/// A finding that counts against the limits, or would without a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counting {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The report that has it.
    pub file: String,
    /// How it stands against the earlier release, where there was a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// How a finding stands against an earlier release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// The earlier release did not have it, or not as bad.
    New,
    /// Both have it. It counts only where a waiver for it has expired.
    Carried,
}

impl Since {
    /// The name in JSON results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Carried => "carried",
        }
    }
}

/// A finding that does not count because somebody decided to live with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The report that has it.
    pub file: String,
    /// Why it does not count.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it does not count.
    #[serde(serialize_with = "date")]
    pub expires: Date,
    /// Whether the earlier release has it as well, where there was a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// The numbers of one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformDecision {
    /// The platform.
    #[serde(serialize_with = "platform_or_null")]
    pub platform: Option<Platform>,
    /// The digest of its manifest.
    pub digest: Digest,
    /// Of each severity the most that any report about it has.
    pub counts: Counts,
    /// The files of the reports about it.
    pub reports: Vec<String>,
}

/// What was read in one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportJudgement {
    /// The file, as it was named.
    pub file: String,
    /// Its format.
    pub format: Format,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The image that it says it is about, by name.
    pub image: Option<String>,
    /// Its findings, waived ones left out.
    pub counts: Counts,
    /// Its findings that do not count because the baseline has them as well.
    pub carried: Counts,
    /// How many findings were waived.
    pub waived: u64,
    /// How many findings the report itself suppresses.
    pub suppressed: u64,
    /// Who scanned.
    pub scanner: ScannerFacts,
    /// When.
    #[serde(serialize_with = "time_or_null")]
    pub scanned_at: Option<Timestamp>,
    /// How long ago, in seconds; negative for a time that is still to come.
    pub age_seconds: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serialize_with wants")]
fn date<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

#[expect(clippy::ref_option, reason = "the signature that serialize_with wants")]
fn platform_or_null<S: Serializer>(
    platform: &Option<Platform>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match platform {
        Some(platform) => serializer.collect_str(platform),
        None => serializer.serialize_none(),
    }
}
