use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitStatus, Output};
use std::time::Instant;

use crate::console;
use crate::failure::Failure;

/// One program to run. It is printed as it would be typed, and then its time.
pub(crate) struct Step {
    command: Command,
    line: String,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        Self { command: Command::new(program), line: program.to_string_lossy().into_owned() }
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        for word in words {
            self.command.arg(word.as_ref());
            self.line.push(' ');
            self.line.push_str(&quoted(&word.as_ref().to_string_lossy()));
        }
        self
    }

    /// Sets a variable, and shows it before the program's name. Never for a secret.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let shown = quoted(&value.as_ref().to_string_lossy());
        self.command.env(name, value);
        self.line = format!("{name}={shown} {}", self.line);
        self
    }

    /// It sees nothing of the user's environment but `PATH`; its home is this folder.
    #[cfg(feature = "bench")]
    pub(crate) fn alone(mut self, home: &Path) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.command.env_clear().env("PATH", path).env("HOME", home);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it, its output going to the terminal.
    ///
    /// # Errors
    /// When it cannot be started or does not end with success.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let line = self.line.clone();
        let status = self.status()?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Exit { command: line, status })
    }

    /// Runs it, its output going to the terminal, and returns how it ended.
    pub(crate) fn status(mut self) -> Result<ExitStatus, Failure> {
        console::say(&format!("$ {}", self.line));
        let start = Instant::now();
        let status = self
            .command
            .status()
            .map_err(|source| Failure::Start { command: self.line.clone(), source })?;
        console::say(&format!("  {}", console::seconds(start.elapsed())));
        Ok(status)
    }

    /// The command, not started, and how it would be typed.
    #[cfg(feature = "bench")]
    pub(crate) fn into_command(self) -> (Command, String) {
        (self.command, self.line)
    }

    /// Runs it unseen and returns what it wrote and how it ended.
    pub(crate) fn output(mut self) -> Result<Output, Failure> {
        self.command.output().map_err(|source| Failure::Start { command: self.line, source })
    }
}

/// A word as a shell wants it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=@,+%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed_as_it_is_shown() {
        let step = Step::new("boltseal").args(["gate", "a b", ""]).env("COSIGN_PASSWORD", "");
        assert_eq!(step.line, "COSIGN_PASSWORD='' boltseal gate 'a b' ''");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let failure = Step::new("false").run().unwrap_err();
        assert!(failure.to_string().starts_with("`false` was expected to succeed"), "{failure}");
    }
}
