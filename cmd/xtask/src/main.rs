//! Everything a contributor types, as `cargo xtask COMMAND`.
//!
//! Each command prints every program it runs and how long that took, and stops at the first that
//! fails. A missing prerequisite is an error that names it and how to get it, never a silent skip.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod check;
mod cloud;
mod console;
mod debian;
mod demo;
mod failure;
#[cfg(feature = "bench")]
mod measure;
mod npm;
mod peer;
mod product;
mod published;
mod schema;
mod step;
mod test;
mod tool;
mod wheel;
mod workspace;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about, version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Release, verify and promote a real image, then show a gate that refuses.
    Demo(demo::Arguments),
    /// Set up and run all tests, or one part of them.
    ///
    /// Without a part: hermetic, then peers.
    Test(test::Arguments),
    /// Measure the budgets beside the floor and the peers.
    ///
    /// Without a part: requests, then time, then memory. A figure over its budget is printed as
    /// such; the command fails where something cannot be measured.
    Bench(bench::Arguments),
    /// Format, clippy with warnings as errors, cargo-deny and typos.
    Check,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Check => check::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::say(&format!("xtask: {failure}"));
            ExitCode::FAILURE
        }
    }
}
