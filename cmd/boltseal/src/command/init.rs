use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_pipeline::Failure;
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{InitArgs, OutputArgs};
use crate::config::{Config, DEFAULT_FILE};
use crate::console::Console;
use crate::init::{Folder, Replacing, Settings, Source, drafts, found, next, warnings};

/// Write the files that a project releases with: boltseal.toml, policy.toml, the workflow of its
/// CI, and least-privilege IAM as JSON and as Terraform.
///
/// It asks nothing: what no flag says is looked for in boltseal.toml, in the variables of the CI
/// system and in .git. A file that says something else is left as it is, which ends with 10. A
/// setting that is nowhere is named, and ends with 2.
#[derive(Args, Debug)]
pub(crate) struct Init {
    #[command(flatten)]
    settings: InitArgs,

    /// The folder of the project.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,

    /// Write over files that say something else.
    #[arg(long, conflicts_with = "check")]
    force: bool,

    /// Write nothing; say which files are not as they would be written. Exit 0 where all are, 10
    /// where one is not.
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    output: OutputArgs,
}

impl Init {
    fn sources(&self, folder: &Folder) -> Result<Vec<Source>, Failure> {
        let path = folder.0.join(DEFAULT_FILE);
        let config =
            if folder.has(DEFAULT_FILE) { Config::read(&path)? } else { Config::default() };
        let mut sources = vec![self.settings.source()];
        sources.extend(found(folder, &config));
        Ok(sources)
    }

    fn files(&self, folder: &Folder, settings: &Settings) -> Result<Vec<v1::InitFile>, Failure> {
        let replacing = if self.force { Replacing::Allowed } else { Replacing::Refused };
        let drafts = drafts(settings, folder);
        let file = |draft| {
            if self.check { folder.look(draft) } else { folder.write(draft, replacing) }
        };
        drafts.iter().map(file).collect()
    }

    fn name(&self) -> String {
        self.dir.display().to_string()
    }
}

#[async_trait(?Send)]
impl Command for Init {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let folder = Folder(self.dir.clone());
        let settings = Settings::of(&self.sources(&folder)?)?;
        let files = self.files(&folder, &settings)?;
        let made = if self.check { v1::Init::checked } else { v1::Init::written };
        let next = if self.check { Vec::new() } else { next(&settings, &folder) };
        let warnings = warnings(&settings);
        let document = made(&self.name(), files);
        Ok(Box::new(v1::Init { settings: settings.shown(), warnings, next, ..document }))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Init::failed(&self.name(), reasons))
    }
}
