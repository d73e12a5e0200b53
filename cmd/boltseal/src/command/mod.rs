//! The commands: one file each, an argument struct and what it does.

mod completions;
mod doctor;
mod gate;
mod init;
mod inspect;
mod keys;
mod man;
mod policy;
mod policy_test;
mod preflight;
mod promote;
mod release;
mod sbom;
mod verify;
mod verify_blob;

use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_pipeline::Failure;
use boltseal_report::Document;
use clap::{Parser, Subcommand};

use crate::argument::{OutputArgs, ReportTarget};
use crate::console::Console;

/// Inspect, gate, push, seal, verify and promote container images by digest.
///
/// Exit codes: 0 holds a proof; 1 a bug; 2 usage; 10 the gate refused; 11 evidence is there and
/// none passes; 12 evidence is missing; 13 the tag is taken; 20 a policy, key, report or
/// configuration is invalid; 21 could not find out; 22 not authorised; 30 content contradicts its
/// digest or the specification; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "boltseal", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    name: Name,
}

#[derive(Debug, Subcommand)]
enum Name {
    Release(Box<release::Release>),
    Verify(Box<verify::Verify>),
    VerifyBlob(Box<verify_blob::VerifyBlob>),
    Promote(Box<promote::Promote>),
    Inspect(Box<inspect::Inspect>),
    Sbom(Box<sbom::Sbom>),
    Init(Box<init::Init>),
    Gate(Box<gate::Gate>),
    Preflight(Box<preflight::Preflight>),
    #[command(subcommand)]
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Policy(policy::Policy),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Cli {
    /// The command that was named.
    pub(crate) fn into_command(self) -> Box<dyn Command> {
        match self.name {
            Name::Release(command) => command,
            Name::Verify(command) => command,
            Name::VerifyBlob(command) => command,
            Name::Promote(command) => command,
            Name::Inspect(command) => command,
            Name::Sbom(command) => command,
            Name::Init(command) => command,
            Name::Gate(command) => command,
            Name::Preflight(command) => command,
            Name::Doctor(doctor::Doctor::Oidc(command)) => command,
            Name::Doctor(doctor::Doctor::Registry(command)) => command,
            Name::Doctor(doctor::Doctor::Key(command)) => command,
            Name::Keys(keys::Keys::Generate(command)) => Box::new(command),
            Name::Keys(keys::Keys::Public(command)) => Box::new(command),
            Name::Policy(policy::Policy::Check(command)) => Box::new(command),
            Name::Policy(policy::Policy::Export(command)) => Box::new(command),
            Name::Policy(policy::Policy::Test(command)) => command,
            Name::Completions(command) => Box::new(command),
            Name::Man(command) => Box::new(command),
        }
    }
}

/// What a command comes to: a result, which may be a refusal, or why there is none.
pub(crate) type Ending = Result<Box<dyn Document>, Failure>;

/// A command with its arguments.
#[async_trait(?Send)]
pub(crate) trait Command: Send + Sync {
    /// How its result is written.
    fn output(&self) -> &OutputArgs;

    /// In which further forms.
    fn reports(&self) -> &[ReportTarget] {
        &[]
    }

    /// Does it.
    async fn run(&self, console: &Console) -> Ending;

    /// The result that says why there is none.
    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document>;
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_takes_the_output_arguments() {
        let every = ["--format", "json", "--output", "f", "-v"];
        for line in [
            &["release"][..],
            &["verify", "oci:x"],
            &["verify-blob", "f", "--bundle", "b"],
            &["promote", "oci:x", "oci:y"],
            &["inspect", "oci:x"],
            &["sbom", "oci:x"],
            &["init", "--check"],
            &["gate", "r.json"],
            &["preflight", "--documents", "d"],
            &["preflight", "h.example/a:1"],
            &["doctor", "oidc", "--trust-policy", "t.json"],
            &["doctor", "registry", "h.example/a"],
            &["doctor", "key", "k.pub"],
            &["keys", "generate", "--output-key-prefix", "p"],
            &["keys", "public", "--key", "k"],
            &["policy", "check", "policy.toml"],
            &["policy", "export", "policy.toml"],
            &["policy", "test", "policy.toml", "evidence:e.tar"],
            &["completions", "zsh"],
            &["man", "doctor", "key"],
        ] {
            let words = ["boltseal"].iter().chain(line).chain(&every);
            let cli = Cli::try_parse_from(words);
            assert!(cli.is_ok(), "{line:?}: {}", cli.unwrap_err());
        }
    }
}
