use async_trait::async_trait;
use boltseal_core::{Exit, Reason};
use boltseal_report::{Document, v1};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, Command, Ending};
use crate::argument::OutputArgs;
use crate::console::Console;

/// Print the script by which a shell completes the command line.
///
/// bash: `boltseal completions bash > ~/.local/share/bash-completion/completions/boltseal`;
/// zsh: into a file `_boltseal` in a folder of `fpath`;
/// fish: `boltseal completions fish > ~/.config/fish/completions/boltseal.fish`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for Completions {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "boltseal", &mut script);
        let script = String::from_utf8(script).map_err(|_| {
            Reason::new(Exit::Bug, "completions-encoding")
                .expected("a script as text")
                .found("bytes that are no text")
                .place(self.shell.to_string())
                .fix("report this as a bug of boltseal")
        })?;
        Ok(Box::new(v1::Completions::made(&self.shell.to_string(), script)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Completions::failed(&self.shell.to_string(), reasons))
    }
}
