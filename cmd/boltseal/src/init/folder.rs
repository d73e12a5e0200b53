use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use boltseal_core::{Exit, Reason};
use boltseal_pipeline::Failure;
use boltseal_report::v1::{InitFile, InitState};
use tempfile::NamedTempFile;

use super::Draft;
use crate::file;

/// No file of these is larger.
const MAX_BYTES: u64 = 1 << 20;

/// The folder that the files are in.
#[derive(Clone, Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// The text of a file; none where there is none, or no text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        file::text(&self.0.join(name), MAX_BYTES)
    }

    /// Whether there is something of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.join(name).symlink_metadata().is_ok()
    }

    /// What is there, beside what would be written.
    pub(crate) fn look(&self, draft: &Draft) -> Result<InitFile, Failure> {
        let path = self.0.join(&draft.path);
        // What is no file, such as a pipe, might never end.
        if path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir()) {
            return Ok(InitFile { path: draft.path.clone(), state: InitState::Differs });
        }
        let state = match file::read(&path, MAX_BYTES) {
            Ok(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) if draft.is_said_by(text) => InitState::Unchanged,
                _ => InitState::Differs,
            },
            Err(error) if error.kind() == ErrorKind::FileTooLarge => InitState::Differs,
            // A link that leads nowhere is something that is there.
            Err(error) if error.kind() == ErrorKind::NotFound && !self.has(&draft.path) => {
                InitState::Missing
            }
            Err(error) if error.kind() == ErrorKind::NotFound => InitState::Differs,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Ok(InitFile { path: draft.path.clone(), state })
    }

    /// Writes what is not there, and by request what says something else.
    pub(crate) fn write(&self, draft: &Draft, replaces: Replacing) -> Result<InitFile, Failure> {
        let found = self.look(draft)?;
        let path = self.0.join(&draft.path);
        let state = match (found.state, replaces) {
            (InitState::Missing, _) => {
                create(&path, &draft.content).map_err(|it| unwritable(&path, &it))?;
                InitState::Written
            }
            (InitState::Differs, Replacing::Allowed) => {
                replace(&path, &draft.content).map_err(|it| unwritable(&path, &it))?;
                InitState::Replaced
            }
            (state, _) => state,
        };
        Ok(InitFile { state, ..found })
    }
}

/// Whether a file that says something else may be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replacing {
    Allowed,
    Refused,
}

fn create(path: &Path, content: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content.as_bytes())
}

/// Whole or not at all; a link is replaced, and not what it leads to.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    if let Ok(known) = path.metadata() {
        file.as_file().set_permissions(known.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let reason = Reason::new(Exit::Invalid, "init-unreadable").expected("a file that can be read");
    refused(reason, path, error)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let expected = "a place for the file that can be written";
    refused(Reason::new(Exit::Invalid, "init-unwritable").expected(expected), path, error)
}

fn refused(reason: Reason, path: &Path, error: &io::Error) -> Failure {
    let fix = "name another folder with --dir, or make room for the file";
    Failure::from(reason.found(error.to_string()).place(path.display().to_string()).fix(fix))
}
