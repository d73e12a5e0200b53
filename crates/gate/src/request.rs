use boltseal_core::Reason;
use jiff::Timestamp;

use crate::{Baseline, EcrScan, GateSubject, MaxAge, Report, Thresholds, Waivers};

/// Everything that the gate judges, and by what.
#[derive(Clone, Debug)]
pub struct GateRequest<'a> {
    /// The reports that could be read. Each must pass.
    pub reports: &'a [Report],
    /// Why other reports could not be read; these become reasons of the decision.
    pub unreadable: Vec<Reason>,
    /// The image; [`None`] for `boltseal gate REPORT...`, which judges reports alone.
    pub subject: Option<GateSubject<'a>>,
    /// How many findings are allowed.
    pub thresholds: Thresholds,
    /// What somebody decided to live with.
    pub waivers: Waivers,
    /// How old a scan may be.
    pub max_age: MaxAge,
    /// What an earlier release was known to have: only what is new counts. [`None`] where every
    /// finding does.
    pub baseline: Option<&'a Baseline>,
    /// What ECR promised, where a report comes from there.
    pub ecr: Option<EcrPromise>,
    /// The time now.
    pub now: Timestamp,
}

impl<'a> GateRequest<'a> {
    /// A request with default thresholds and maximum age, without waivers and without an image.
    pub fn new(reports: &'a [Report], now: Timestamp) -> Self {
        Self {
            reports,
            unreadable: Vec::new(),
            subject: None,
            thresholds: Thresholds::default(),
            waivers: Waivers::none(),
            max_age: MaxAge::default(),
            baseline: None,
            ecr: None,
            now,
        }
    }
}

/// What makes zero findings of ECR believable: that the scan came after the push, and that the
/// answer has the shape of the scan type that the repository is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EcrPromise {
    /// When the image was pushed.
    pub pushed_at: Option<Timestamp>,
    /// The repository's scan type.
    pub scan: Option<EcrScan>,
}
