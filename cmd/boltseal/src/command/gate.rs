use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_gate::{Baseline, GateRequest, Report, judge};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{BaselineSource, ConfigArgs, GateArgs, OutputArgs, ReportArgs, ReportTarget};
use crate::console::Console;
use crate::system_clock::SystemClock;
use crate::{report_file, waiver_file};

/// Judge scanner reports: severity counts against thresholds. No image is needed.
///
/// Reads trivy, grype, CycloneDX with vulnerabilities, ECR's DescribeImageScanFindings and SARIF;
/// the format is detected. Each report must pass.
#[derive(Args, Debug)]
pub(crate) struct Gate {
    /// Report files.
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,

    #[command(flatten)]
    config: ConfigArgs,

    #[command(flatten)]
    limits: GateArgs,

    /// A report of an earlier release: findings that it has as well do not count. Repeatable.
    #[arg(long, value_name = "REPORT", help_heading = "Gate")]
    baseline: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    written: ReportArgs,
}

#[async_trait(?Send)]
impl Command for Gate {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.written.targets
    }

    async fn run(&self, _console: &Console) -> Ending {
        let config = self.config.read()?;
        let waivers = waiver_file::read(self.limits.waivers(&config.gate))?;
        let (reports, mut unreadable) = report_file::read(&self.reports);
        let (before, unknown) = report_file::read(&self.baseline);
        unreadable.extend(unknown);
        let baseline = (!before.is_empty()).then(|| self.baseline(before));
        let decision = judge(&GateRequest {
            unreadable,
            thresholds: self.limits.thresholds(&config.gate),
            max_age: self.limits.max_age(&config.gate),
            waivers,
            baseline: baseline.as_ref(),
            ..GateRequest::new(&reports, SystemClock.now())
        });
        let mut document = v1::Gate::of(&decision);
        if let Some(release) = config.gate.baseline.filter(|_| self.baseline.is_empty()) {
            document.body.notes.push(unused(&release));
        }
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Gate::failed(reasons))
    }
}

impl Gate {
    /// The reports of an earlier release, by the names of their files: nothing vouches for them.
    fn baseline(&self, reports: Vec<Report>) -> Baseline {
        let names: Vec<_> = self.baseline.iter().map(|it| it.display().to_string()).collect();
        Baseline { release: Some(names.join(", ")), reports, problem: None }
    }
}

/// Why a baseline of the configuration does not count here.
fn unused(release: &BaselineSource) -> String {
    format!(
        "every finding counts: the baseline {release} of the configuration is for boltseal release, \
         which reads and verifies that release's evidence; here name its report with --baseline \
         REPORT"
    )
}
