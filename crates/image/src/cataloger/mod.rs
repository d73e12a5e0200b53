//! The catalogers: each reads one kind of file, and says what it installs.
//!
//! A layer is read once, and every file passes every cataloger on the way. One that wants a file
//! is given its bytes; those are kept only as long as it looks at them.

mod apk;
mod auditable;
mod catalog;
mod dpkg;
mod executable;
mod file;
#[cfg(test)]
mod fixture;
mod go;
mod npm;
pub(crate) mod os_release;
mod program;
mod python;
mod stanza;

pub(crate) use catalog::Catalog;
pub(crate) use file::{FileBytes, FileHead};

use crate::Limits;
use crate::record::Findings;

/// Reads one kind of file.
pub(crate) trait Cataloger: Sync {
    /// Whether this file is to be read, and as what.
    fn wants(&self, file: &FileHead<'_>) -> Option<Role>;

    /// Reads the file at `path`. What is wrong with it becomes a problem among the findings,
    /// beside whatever else the file says.
    fn read(&self, path: &[u8], bytes: FileBytes<'_>, findings: &mut Findings);

    /// Records that hold all packages of a system: a link that leads to one of them must not
    /// pass unseen.
    fn databases(&self) -> &'static [&'static [u8]] {
        &[]
    }
}

/// What a cataloger reads a file as, which decides how long it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A program. It may be large, and one that is too large becomes a problem.
    Executable,
    /// A record that installers write, known by its path. One that is too large is an error:
    /// a whole database might be in it.
    Record,
}

impl Role {
    const fn limit(self, limits: &Limits) -> u64 {
        match self {
            Self::Executable => limits.executable_bytes,
            Self::Record => limits.record_bytes,
        }
    }
}

/// All of them.
static ALL: [&dyn Cataloger; 6] = [
    &apk::Apk,
    &dpkg::Dpkg,
    &executable::Executables,
    &npm::Npm,
    &os_release::OsReleaseFile,
    &python::Python,
];
