//! `man` and `completions`.

use crate::harness::{Sandbox, codes};

/// Each command that `--help` names has its page, and a page names all exit codes.
#[test]
fn every_command_has_a_page() {
    let sandbox = Sandbox::new();
    let run = sandbox.boltseal(&["man", "--dir", "man1", "--format", "json"]).exits(0);
    let files = run.json()["files"].as_array().unwrap().len();
    let help = sandbox.boltseal(&["--help"]).exits(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help");
    let mut seen = 0;
    for name in names {
        let page = sandbox.read(&format!("man1/boltseal-{name}.1"));
        for part in [".TH BOLTSEAL-", "SH NAME", "SH SYNOPSIS", "\"EXIT STATUS\"", "\\fB130"] {
            assert!(page.contains(part), "no {part} in the page of {name}: {page}");
        }
        seen += 1;
    }
    assert!(seen >= 12 && files > seen, "{seen} commands, {files} pages");
}

#[test]
fn a_page_is_found_by_the_words_of_its_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.boltseal(&["man", "doctor", "oidc"]).exits(0).stdout;
    assert!(page.contains("trust policy"), "{page}");
    assert_eq!(sandbox.boltseal(&["man", "doctor", "oidc"]).stdout, page, "the same every time");
    sandbox.boltseal(&["man", "oidc"]).exits(2).complains("doctor oidc");
}

#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    let run = sandbox.boltseal(&["man", "--dir", "file/man1", "--format", "json"]).exits(20);
    assert_eq!(codes(&run.json()), ["manual-unwritable"]);
}

#[test]
fn each_shell_has_its_script() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.boltseal(&["completions", shell]).exits(0).stdout;
        assert!(script.contains("preflight") && script.contains("allowed-account"), "{shell}");
    }
    sandbox.boltseal(&["completions", "tcsh"]).exits(2).complains("zsh");
}
