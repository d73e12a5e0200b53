//! `cargo xtask bench [requests | time | memory]`

use clap::Subcommand;

use crate::failure::Failure;

#[derive(clap::Args)]
#[command(subcommand_value_name = "PART", subcommand_help_heading = "Parts")]
#[command(disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
}

/// A part of the measurements.
#[derive(Clone, Copy, Subcommand)]
pub(crate) enum Part {
    /// Requests of each journey, as boltseal says and as the registry counts.
    Requests,
    /// Time on an image of 8 layers, beside the floor and the usual chain of tools.
    Time {
        /// How often each is measured.
        #[arg(long, default_value_t = RUNS, value_parser = clap::value_parser!(u32).range(1..=100))]
        runs: u32,
    },
    /// Peak memory on an image of more than 4 GiB.
    Memory,
}

pub(crate) const RUNS: u32 = 5;

/// Measures. What is in the feature is in this program.
#[cfg(feature = "bench")]
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    crate::measure::run(arguments.part)
}

/// Starts the same command in an optimised program that has the feature: neither the floor nor a
/// registry of this process may be slower than what is measured against them.
#[cfg(not(feature = "bench"))]
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    use crate::step::Step;
    use crate::workspace;

    Step::new(workspace::cargo())
        .args(["run", "--release", "--locked", "--package", "xtask", "--features", "bench"])
        .args(["--", "bench"])
        .args(arguments.part.map_or_else(Vec::new, Part::words))
        .folder(workspace::root())
        .run()
}

#[cfg(not(feature = "bench"))]
impl Part {
    /// As it is typed.
    fn words(self) -> Vec<String> {
        match self {
            Self::Requests => vec!["requests".to_owned()],
            Self::Time { runs } => vec!["time".to_owned(), "--runs".to_owned(), runs.to_string()],
            Self::Memory => vec!["memory".to_owned()],
        }
    }
}
