use boltseal_gate::{Baseline, EcrPromise, Report};

use super::Scan;

/// The reports that a release is judged by, as they come in.
pub(crate) struct Reports {
    /// Whether scans are judged at all; `--scan none` says that they are not.
    pub(crate) judged: bool,
    /// What has come in.
    pub(crate) all: Vec<Report>,
    /// What ECR promised, where it is asked.
    pub(crate) ecr: Option<EcrPromise>,
    /// What an earlier release was known to have, where only new findings count.
    pub(crate) baseline: Option<Baseline>,
}

impl Reports {
    /// The report files of a request.
    pub(crate) fn given(scan: Scan) -> Self {
        let (judged, all) = match scan {
            Scan::None => (false, Vec::new()),
            Scan::Reports(all) => (true, all),
        };
        Self { judged, all, ecr: None, baseline: None }
    }
}
