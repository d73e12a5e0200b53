use std::path::PathBuf;

use boltseal_pipeline::Failure;
use clap::Args;

use crate::config::Config;

/// The configuration file.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConfigArgs {
    /// The configuration file; ./boltseal.toml where there is one. Flags override it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    /// Reads the file that was named, or `./boltseal.toml` where it is there.
    pub(crate) fn read(&self) -> Result<Config, Failure> {
        match &self.config {
            Some(path) => Config::read(path),
            None => Config::read_default(),
        }
    }
}
