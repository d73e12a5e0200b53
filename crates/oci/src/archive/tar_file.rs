//! A tar file that holds an image layout.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use boltseal_ports::RegistryError;

use super::member::{self, Member};
use super::section::Section;
use crate::layout::files::{Files, Opened};
use crate::layout::meter::Meter;
use crate::layout::trouble;

const READ_AHEAD: usize = 256 * 1024;

/// The file, open, with the place of every member.
#[derive(Debug)]
pub struct TarFile {
    path: PathBuf,
    file: Arc<File>,
    members: HashMap<String, Member>,
    meter: Meter,
}

impl TarFile {
    /// Opens the file and reads its headers.
    pub(crate) fn open(path: &Path) -> Result<Self, RegistryError> {
        let place = path.display().to_string();
        let failed = |error: io::Error| trouble::unreachable(&place, &error);
        if !fs::metadata(path).map_err(failed)?.is_file() {
            let found = "something that is no file";
            return Err(trouble::contradiction(&place, "a tar archive", found));
        }
        let file = File::open(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            members: member::index(path, &file)?,
            file: Arc::new(file),
            meter: Meter::default(),
        })
    }

    /// The names of all members, directories left out.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }
}

impl Files for TarFile {
    fn open(&self, name: &str) -> Result<Option<Opened>, RegistryError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Member::Other) => {
                let found = "a link or a device";
                Err(trouble::contradiction(&self.place(name), "a file", found))
            }
            Some(Member::File { offset, size }) => {
                let section = Section::new(Arc::clone(&self.file), *offset, *size);
                Ok(Some(Opened {
                    reader: Box::new(BufReader::with_capacity(READ_AHEAD, section)),
                    size: *size,
                }))
            }
        }
    }

    fn place(&self, name: &str) -> String {
        let path = self.path.display();
        if name.is_empty() { path.to_string() } else { format!("{path}:{name}") }
    }

    fn meter(&self) -> &Meter {
        &self.meter
    }
}
