use std::fs;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use boltseal_core::{Exit, Reason};
use boltseal_pipeline::Failure;
use boltseal_report::{Document, v1};
use clap::{Args, CommandFactory as _};

use super::{Cli, Command, Ending};
use crate::argument::OutputArgs;
use crate::console::Console;
use crate::manual::{self, Page};
use crate::usage::usage;

/// Print a manual page: `boltseal man release | man -l -`.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The command, such as `release` or `doctor oidc`; without one, the page of boltseal itself.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,

    /// Write all pages into this folder instead, such as ~/.local/share/man/man1.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,
}

impl Man {
    fn name(&self) -> String {
        match &self.dir {
            Some(dir) => dir.display().to_string(),
            None => manual::name(&self.command),
        }
    }

    /// The page that was asked for.
    fn page(&self, pages: Vec<Page>) -> Result<Page, Failure> {
        let commands = pages.iter().map(|page| page.command.clone());
        let known: Vec<String> = commands.filter(|it| !it.is_empty()).collect();
        let name = self.name();
        let asked = pages.into_iter().find(|page| page.name == name);
        asked.ok_or_else(|| {
            usage(
                "command-unknown",
                format!("one of {}", known.join(", ")),
                self.command.join(" "),
                "name a command as it is typed, or none for the page of boltseal itself",
            )
        })
    }
}

fn write(pages: &[Page], dir: &Path) -> Result<Vec<String>, Failure> {
    let unwritable = |path: &Path, error: &std::io::Error| {
        let reason = Reason::new(Exit::Invalid, "manual-unwritable")
            .expected("a folder that can be written")
            .found(error.to_string())
            .place(path.display().to_string())
            .fix("name another folder with --dir, or one that you may write");
        Failure::from(reason)
    };
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let files = pages.iter().map(|page| {
        let file = dir.join(format!("{}.1", page.name));
        fs::write(&file, &page.roff).map_err(|error| unwritable(&file, &error))?;
        Ok(file.display().to_string())
    });
    files.collect()
}

#[async_trait(?Send)]
impl Command for Man {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let pages = manual::pages(Cli::command());
        let Some(dir) = &self.dir else {
            let page = self.page(pages)?;
            return Ok(Box::new(v1::Manual::page(&page.name, page.roff)));
        };
        Ok(Box::new(v1::Manual::written(&self.name(), write(&pages, dir)?)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Manual::failed(&self.name(), reasons))
    }
}
