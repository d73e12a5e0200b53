use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_ports::Clock as _;
use boltseal_report::{Document, v1};
use boltseal_verify::Trust;
use clap::{Args, Subcommand};

use super::policy_test::Test;
use super::{Command, Ending};
use crate::argument::OutputArgs;
use crate::console::Console;
use crate::policy::PolicyFile;
use crate::system_clock::SystemClock;
use crate::wire::Cloud;

/// Look at a policy before it is relied upon.
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    Check(Check),
    Export(Export),
    Test(Box<Test>),
}

/// Read a policy with its keys and waivers, and say what it comes to. Exit 20 where it is invalid.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    policy: PolicyArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// Print the effective policy, the very bytes whose digest a promotion's verdict names.
#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    policy: PolicyArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// The policy.
#[derive(Args, Debug)]
struct PolicyArgs {
    /// The policy.toml.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl PolicyArgs {
    fn name(&self) -> String {
        self.file.display().to_string()
    }

    async fn read(&self, output: v1::PolicyOutput) -> Ending {
        let policy = PolicyFile::read(&self.file)?;
        let demands = policy.demands()?;
        let trust = Trust::in_keys(policy.keys(&Cloud::of_environment()).await?);
        let now = SystemClock.now();
        Ok(Box::new(v1::Policy::of(&self.name(), (&demands, &trust), now, output)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Policy::failed(&self.name(), reasons))
    }
}

#[async_trait(?Send)]
impl Command for Check {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        self.policy.read(v1::PolicyOutput::Summary).await
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        self.policy.failed(reasons)
    }
}

#[async_trait(?Send)]
impl Command for Export {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        self.policy.read(v1::PolicyOutput::Bytes).await
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        self.policy.failed(reasons)
    }
}
