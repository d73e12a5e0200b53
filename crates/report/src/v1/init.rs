use boltseal_core::{Exit, Reason};
use serde::{Serialize, Serializer};

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.init/v1";

/// The result of `init` and `init --check`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Init {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The files, in the order in which they are looked at.
    pub files: Vec<InitFile>,
    /// What they were made of.
    pub settings: Vec<InitSetting>,
    /// What should be known, though it stands in nobody's way.
    pub warnings: Vec<String>,
    /// What to do next: commands, and lines that begin with `#`.
    pub next: Vec<String>,
}

/// A file that `init` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InitFile {
    /// Its path below the folder.
    pub path: String,
    /// What came of it.
    pub state: InitState,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InitState {
    /// It was not there, and is now.
    Written,
    /// It was there and says the same.
    Unchanged,
    /// It was there and says something else; it is as it was.
    Differs,
    /// It was there and said something else; by request it was written again.
    Replaced,
    /// It is not there, and was only looked for.
    Missing,
}

impl InitState {
    /// The name in JSON results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "unchanged",
            Self::Differs => "differs",
            Self::Replaced => "replaced",
            Self::Missing => "missing",
        }
    }
}

impl Serialize for InitState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A value that the files are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InitSetting {
    /// The flag that sets it, without its dashes.
    pub name: &'static str,
    /// The value; several are separated by spaces.
    pub value: String,
    /// Where it is from: `flag`, `boltseal.toml`, `environment`, `git`, `files`, `default`.
    pub origin: &'static str,
}

impl Init {
    /// The document of files that were written, or were there.
    pub fn written(folder: &str, files: Vec<InitFile>) -> Self {
        let reasons = differing(
            &files,
            &Reason::new(Exit::Gate, "init-differs").fix("replace it with --force"),
        );
        let outcome = if reasons.is_empty() { Outcome::Written } else { Outcome::Refused };
        Self::of(folder, files, (outcome, reasons))
    }

    /// The document of files that were only looked at.
    pub fn checked(folder: &str, files: Vec<InitFile>) -> Self {
        let fix = "run boltseal init, with --force where a file is to be replaced";
        let reasons = differing(&files, &Reason::new(Exit::Gate, "init-outdated").fix(fix));
        let outcome = if reasons.is_empty() { Outcome::Current } else { Outcome::Outdated };
        Self::of(folder, files, (outcome, reasons))
    }

    /// The document of files that could not be made.
    pub fn failed(folder: &str, reasons: Vec<Reason>) -> Self {
        Self {
            head: Head::failed(SCHEMA, SubjectOfResult::new(folder, None), reasons),
            files: Vec::new(),
            settings: Vec::new(),
            warnings: Vec::new(),
            next: Vec::new(),
        }
    }

    fn of(folder: &str, files: Vec<InitFile>, (outcome, reasons): (Outcome, Vec<Reason>)) -> Self {
        let exit = reasons.first().map_or(Exit::Proof, |it| it.exit);
        let subject = SubjectOfResult::new(folder, None);
        Self {
            head: Head { schema: SCHEMA, outcome, exit, subject, reasons },
            files,
            settings: Vec::new(),
            warnings: Vec::new(),
            next: Vec::new(),
        }
    }
}

/// A reason for each file that says something else, or is not there.
fn differing(files: &[InitFile], reason: &Reason) -> Vec<Reason> {
    let expected = "what boltseal init writes with these settings";
    let reason = |file: &InitFile, found: &str| {
        reason.clone().expected(expected).found(found).place(file.path.clone())
    };
    let of = |file: &InitFile| match file.state {
        InitState::Differs => Some(reason(file, "something else; it was left as it is")),
        InitState::Missing => Some(reason(file, "no such file")),
        InitState::Written | InitState::Unchanged | InitState::Replaced => None,
    };
    files.iter().filter_map(of).collect()
}

impl Document for Init {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::init(self, paint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(state: InitState) -> InitFile {
        InitFile { path: "iam/main.tf".to_owned(), state }
    }

    #[test]
    fn one_file_that_differs_decides() {
        let good = [InitState::Written, InitState::Unchanged, InitState::Replaced].map(file);
        let document = Init::written(".", good.to_vec());
        assert_eq!((document.head.exit, document.head.outcome), (Exit::Proof, Outcome::Written));
        let all = [good.to_vec(), vec![file(InitState::Differs)]].concat();
        let document = Init::written(".", all);
        assert_eq!((document.head.exit, document.head.outcome), (Exit::Gate, Outcome::Refused));
        assert_eq!(document.head.reasons[0].place, "iam/main.tf");
    }

    #[test]
    fn what_is_not_there_is_not_current() {
        let document = Init::checked(".", vec![file(InitState::Unchanged)]);
        assert_eq!((document.head.exit, document.head.outcome), (Exit::Proof, Outcome::Current));
        for state in [InitState::Missing, InitState::Differs] {
            let document = Init::checked(".", vec![file(InitState::Unchanged), file(state)]);
            assert_eq!(
                (document.head.exit, document.head.outcome),
                (Exit::Gate, Outcome::Outdated)
            );
        }
    }
}
