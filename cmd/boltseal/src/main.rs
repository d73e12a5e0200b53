//! The command line of boltseal: arguments, wiring, rendering, exit codes. It decides nothing.

#![expect(
    clippy::doc_markdown,
    reason = "the comments of arguments are the help text, where backticks would be noise"
)]

mod argument;
mod command;
mod config;
mod console;
mod exit;
mod file;
mod init;
mod local_signer;
mod manual;
mod policy;
mod posture_file;
mod process;
mod reasons;
mod report_file;
mod report_output;
mod system_clock;
mod trust_store;
mod usage;
mod waiver_file;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match command::Cli::try_parse() {
        Ok(cli) => exit::code(process::run(cli.into_command())),
        Err(error) => {
            // Help goes to standard output, a wrong command line to standard error.
            let _ = error.print();
            if error.use_stderr() {
                exit::code(boltseal_core::Exit::Usage)
            } else {
                ExitCode::SUCCESS
            }
        }
    }
}
