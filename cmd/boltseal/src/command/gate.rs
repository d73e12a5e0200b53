use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_gate::{GateRequest, judge};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{ConfigArgs, GateArgs, OutputArgs, ReportArgs, ReportTarget};
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
        let (reports, unreadable) = report_file::read(&self.reports);
        let decision = judge(&GateRequest {
            unreadable,
            thresholds: self.limits.thresholds(&config.gate),
            max_age: self.limits.max_age(&config.gate),
            waivers,
            ..GateRequest::new(&reports, SystemClock.now())
        });
        Ok(Box::new(v1::Gate::of(&decision)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Gate::failed(reasons))
    }
}
