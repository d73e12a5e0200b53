use boltseal_gate::{EcrPromise, Report};

use super::Scan;

/// The reports that a release is judged by, as they come in.
pub(crate) struct Reports {
    /// Whether scans are judged at all; `--scan none` says that they are not.
    pub(crate) judged: bool,
    /// What has come in.
    pub(crate) all: Vec<Report>,
    /// What ECR promised, where it is asked.
    pub(crate) ecr: Option<EcrPromise>,
}

impl Reports {
    /// The report files of a request.
    pub(crate) fn given(scan: Scan) -> Self {
        match scan {
            Scan::None => Self { judged: false, all: Vec::new(), ecr: None },
            Scan::Reports(all) => Self { judged: true, all, ecr: None },
        }
    }
}
