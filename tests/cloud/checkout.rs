//! A made-up repository as a runner finds it, and what stands for programs that are not here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::program::Program;

/// Copies a file or a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).expect("a file in a folder of our own");
        return;
    }
    fs::create_dir_all(to).expect("a folder of our own");
    for entry in fs::read_dir(from).expect("a folder that is there").flatten() {
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Commits all that is in a folder, which becomes a repository where it is none.
pub(crate) fn commit(folder: &Path, origin: &str) {
    let git = |words: &[&str]| Program::on_path("git").run(folder, &[], words);
    if !folder.join(".git").exists() {
        git(&["init", "-q", "-b", "main"]).exits(0);
        git(&["remote", "add", "origin", origin]).exits(0);
    }
    git(&["add", "--all"]).exits(0);
    let author = ["-c", "user.name=t", "-c", "user.email=t@t.example"];
    git(&[&author[..], &["commit", "-q", "--allow-empty", "-m", "all"]].concat()).exits(0);
}

/// A program in a file: a script of shell that stands for one that is not on this machine.
pub(crate) fn stub(file: &Path, script: &str) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder of our own");
    fs::write(file, format!("#!/bin/sh\n{script}\n")).expect("a folder of our own");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("a folder of our own");
}
