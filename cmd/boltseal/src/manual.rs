//! The manual pages, made of the same text as `--help`.

use std::io::{self, Write};

use boltseal_core::Exit;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// A page of section 1.
#[derive(Debug)]
pub(crate) struct Page {
    /// `boltseal-doctor-oidc`.
    pub(crate) name: String,
    /// The command as it is typed after `boltseal`; empty for boltseal itself.
    pub(crate) command: String,
    /// The page.
    pub(crate) roff: String,
}

/// The name of the page about a command.
pub(crate) fn name(command: &[String]) -> String {
    [&["boltseal".to_owned()], command].concat().join("-")
}

/// A page for boltseal and for each of its commands.
pub(crate) fn pages(mut cli: Command) -> Vec<Page> {
    cli.build();
    let mut pages = Vec::new();
    collect(&cli, &[], &mut pages);
    pages
}

fn collect(command: &Command, words: &[String], pages: &mut Vec<Page>) {
    let below = command.get_subcommands().filter(|it| it.get_name() != "help");
    let below: Vec<(Vec<String>, &Command)> =
        below.map(|it| ([words, &[it.get_name().to_owned()]].concat(), it)).collect();
    let see_also: Vec<String> = below.iter().map(|(words, _)| name(words)).collect();
    pages.push(page(command, words, &see_also));
    for (words, it) in below {
        collect(it, &words, pages);
    }
}

fn page(command: &Command, words: &[String], see_also: &[String]) -> Page {
    let mut roff = Vec::new();
    render(command, &name(words), see_also, &mut roff).expect("memory can be written to");
    let roff = String::from_utf8_lossy(&roff).into_owned();
    Page { name: name(words), command: words.join(" "), roff }
}

fn render(
    command: &Command,
    name: &str,
    see_also: &[String],
    into: &mut dyn Write,
) -> io::Result<()> {
    let version = concat!("boltseal ", env!("CARGO_PKG_VERSION"));
    // Without a date, so that the same version makes the same page.
    let man = Man::new(command.clone().disable_help_subcommand(true))
        .title(name.to_uppercase())
        .section("1")
        .date("")
        .source(version)
        .manual("boltseal");
    man.render_title(into)?;
    man.render_name_section(into)?;
    synopsis(command).to_writer(into)?;
    man.render_description_section(into)?;
    man.render_options_section(into)?;
    exit_status().to_writer(into)?;
    if !see_also.is_empty() {
        self::see_also(see_also).to_writer(into)?;
    }
    Ok(())
}

/// As `--help` says it: with all options in it, nobody could read it.
fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for line in usage.trim_start_matches("Usage:").lines() {
        roff.text([roman(line.trim())]);
        roff.control("br", []);
    }
    roff
}

fn exit_status() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        roff.control("TP", []);
        roff.text([bold(exit.code().to_string())]);
        roff.text([roman(exit.meaning())]);
    }
    roff
}

fn see_also(names: &[String]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let names: Vec<String> = names.iter().map(|it| format!("{it}(1)")).collect();
    roff.text([roman(names.join(", "))]);
    roff
}
