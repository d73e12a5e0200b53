use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Reason, Target};
use boltseal_pipeline::Failure;
use boltseal_ports::Clock;
use boltseal_report::{Document, v1};
use boltseal_verify::{Demands, Trust};
use clap::Args;
use jiff::Timestamp;

use super::verify::examine;
use super::{Command, Ending};
use crate::argument::{
    Asked, Expectation, OutputArgs, RegistryArgs, ReportArgs, ReportTarget, read_root,
};
use crate::console::Console;
use crate::policy::{Case, PolicyFile};
use crate::system_clock::SystemClock;
use crate::usage::usage;
use crate::wire::{self, Cloud};

/// Judge images by a policy, and compare what it says with what is expected: for the CI of a
/// repository with policies.
///
/// Each TARGET must come to --expect, each case of --cases to its own. Passes where all do; exit 10
/// where one does not, 21 where one could not be judged.
#[derive(Args, Debug)]
pub(crate) struct Test {
    /// The policy.toml.
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// What to judge, as verify takes it: evidence:FILE, oci:DIR:TAG, HOST/REPO@DIGEST.
    #[arg(value_name = "TARGET")]
    targets: Vec<Target>,

    /// What each TARGET must come to: verified, refused, undetermined, or with the code of a
    /// reason, such as refused:unknown-signer.
    #[arg(long, value_name = "OUTCOME", default_value = "verified")]
    expect: Expectation,

    /// Judge each TARGET as at this time, such as 2026-11-01T00:00:00Z; now unless said otherwise.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,

    /// A TOML file with a [[case]] of target, expect and at for each image.
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

#[async_trait(?Send)]
impl Command for Test {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.reports.targets
    }

    async fn run(&self, _console: &Console) -> Ending {
        let cases = self.all_cases()?;
        let bench = Bench::open(self).await?;
        let mut results = Vec::new();
        for case in &cases {
            results.push(bench.judge(case).await);
        }
        Ok(Box::new(v1::PolicyTest::of(&self.name(), results)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::PolicyTest::failed(&self.name(), reasons))
    }
}

impl Test {
    fn name(&self) -> String {
        self.policy.display().to_string()
    }

    /// The targets, then the cases of the file.
    fn all_cases(&self) -> Result<Vec<Case>, Failure> {
        let case = |target: &Target| Case {
            target: target.clone(),
            expect: self.expect.clone(),
            at: self.at,
        };
        let mut cases: Vec<Case> = self.targets.iter().map(case).collect();
        if let Some(path) = &self.cases {
            cases.extend(Case::read(path)?);
        }
        if cases.is_empty() {
            return Err(usage(
                "case-missing",
                "something to judge: a TARGET, or --cases FILE",
                "neither",
                "name an evidence file that release wrote: evidence:FILE",
            ));
        }
        Ok(cases)
    }
}

/// A policy that was read, and how places are opened.
struct Bench<'t> {
    demands: Demands,
    trust: Trust,
    cloud: Cloud,
    registry: &'t RegistryArgs,
}

impl<'t> Bench<'t> {
    async fn open(test: &'t Test) -> Result<Self, Failure> {
        let policy = PolicyFile::read(&test.policy)?;
        let demands = policy.demands()?;
        let cloud = Cloud::new(&test.registry);
        let keys = policy.keys(&cloud).await?;
        let root: Option<Arc<_>> = policy.trusted_root().map(|it| read_root(&it)).transpose()?;
        let trust = Trust { keys, root, notation: None };
        Ok(Self { demands, trust, cloud, registry: &test.registry })
    }

    async fn judge(&self, case: &Case) -> v1::CaseResult {
        let (expected, at) = (case.expect.to_string(), case.at.map(|it| it.to_string()));
        let target = case.target.to_string();
        match self.verify(case).await {
            Ok(document) => {
                let is_met = case.expect.is_met(document.head.outcome, &document.head.reasons);
                v1::CaseResult::judged(target, at, (expected, is_met), document.head)
            }
            Err(failure) => v1::CaseResult::failed(target, at, expected, failure.reasons()),
        }
    }

    /// What the policy says. An image that is not there is not refused by the policy.
    async fn verify(&self, case: &Case) -> Result<v1::Verify, Failure> {
        let place = wire::open(&case.target, self.registry, &self.cloud)?;
        let asked = Asked { trust: self.trust.clone(), demands: self.demands.clone() };
        let clock: &dyn Clock = match &case.at {
            Some(at) => &Stopped(*at),
            None => &SystemClock,
        };
        let examined = examine(&place, asked, &self.cloud, clock).await;
        match examined.result.failure {
            Some(failure) => Err(failure),
            None => Ok(examined.document(&case.target)),
        }
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}
