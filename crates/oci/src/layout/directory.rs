//! A directory that holds an image layout.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use boltseal_ports::RegistryError;
use tempfile::NamedTempFile;

use super::files::{Files, Opened};
use super::index_json::{INDEX_JSON, IndexJson};
use super::lock::{LOCK_FILE, Lock};
use super::meter::Meter;
use super::trouble;
use super::version::{OCI_LAYOUT, OCI_LAYOUT_JSON};

/// What the names of unfinished files begin with.
const TEMPORARY: &str = ".boltseal-tmp-";
/// How much is read from a disk at once.
const READ_AHEAD: usize = 256 * 1024;

/// The directory. Every file in it appears under its name at once and whole: it is written under
/// another name, brought to the disk, and renamed.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    meter: Meter,
    absent: Absent,
}

/// What it means that there is no layout in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// What was named is not there.
    Fault,
    /// It is empty so far. The first write makes it, so that a run that writes nothing leaves
    /// nothing.
    Empty,
}

impl Directory {
    /// A directory that need not exist yet.
    pub(crate) fn new(root: PathBuf, absent: Absent) -> Self {
        Self { root, meter: Meter::default(), absent }
    }

    /// Makes sure that a layout is here or could be made here: a directory with other things in
    /// it is left alone.
    pub(crate) fn check(&self) -> Result<(), RegistryError> {
        let here = self.root.display().to_string();
        if self.absent == Absent::Fault {
            let is_there = self.root.is_dir();
            return if is_there { Ok(()) } else { Err(trouble::no_directory(&self.root)) };
        }
        // In this order: whoever makes a layout writes its oci-layout first.
        let empty = is_empty(&self.root).map_err(|error| trouble::unreachable(&here, &error))?;
        if empty || self.has(OCI_LAYOUT) {
            return Ok(());
        }
        let found = "a directory with other files in it";
        Err(trouble::contradiction(&here, "an OCI image layout", found)
            .fix("name an image layout, or a directory that is empty or does not exist"))
    }

    /// Makes an empty layout where there is none yet; finishes one whose making was interrupted.
    fn make(&self) -> Result<(), RegistryError> {
        let made = || self.has(OCI_LAYOUT) && self.has(INDEX_JSON);
        if self.absent == Absent::Fault || made() {
            return Ok(());
        }
        let here = self.root.display().to_string();
        fs::create_dir_all(&self.root).map_err(|error| trouble::unreachable(&here, &error))?;
        self.check()?;
        let _lock = Lock::take(&self.root)?;
        if !self.has(OCI_LAYOUT) {
            self.put(OCI_LAYOUT, OCI_LAYOUT_JSON)?;
        }
        if !self.has(INDEX_JSON) {
            self.put(INDEX_JSON, &IndexJson::empty().to_bytes())?;
        }
        Ok(())
    }

    /// What stands for a file of a layout that is not made yet.
    fn unmade(&self, name: &str) -> Option<Opened> {
        let bytes = match name {
            _ if self.absent == Absent::Fault => return None,
            OCI_LAYOUT => OCI_LAYOUT_JSON.to_vec(),
            INDEX_JSON => IndexJson::empty().to_bytes(),
            _ => return None,
        };
        let size = bytes.len() as u64;
        Some(Opened { reader: Box::new(io::Cursor::new(bytes)), size })
    }

    /// Changes `index.json` under the lock; writes nothing where nothing changes.
    pub(crate) fn update_index(
        &self,
        change: impl FnOnce(&mut IndexJson),
    ) -> Result<(), RegistryError> {
        self.make()?;
        let _lock = Lock::take(&self.root)?;
        let mut index = IndexJson::read(self)?;
        let before = index.to_bytes();
        change(&mut index);
        let after = index.to_bytes();
        if before == after {
            return Ok(());
        }
        self.put(INDEX_JSON, &after)
    }

    /// Writes a whole file and counts that.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        self.make()?;
        self.put(name, bytes)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        let failed = |error: io::Error| trouble::unreachable(&self.place(name), &error);
        let mut file = temporary_in(&self.root).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        self.keep(file, name)?;
        self.meter.wrote(bytes.len() as u64);
        Ok(())
    }

    /// A file without a name of its own yet. It lies beside `index.json`: among the blobs, what a
    /// killed run leaves behind would stop `umoci gc`.
    pub(crate) fn temporary(&self) -> Result<NamedTempFile, RegistryError> {
        self.make()?;
        temporary_in(&self.root).map_err(|error| trouble::unreachable(&self.place(""), &error))
    }

    /// Brings a file to the disk and gives it its name.
    pub(crate) fn keep(&self, file: NamedTempFile, name: &str) -> Result<(), RegistryError> {
        let failed = |error: io::Error| trouble::unreachable(&self.place(name), &error);
        let path = self.root.join(name);
        let parent = path.parent().unwrap_or(&self.root);
        file.as_file().sync_all().map_err(failed)?;
        fs::create_dir_all(parent).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        sync_directory(parent).map_err(failed)
    }

    /// The size of a file that is there.
    pub(crate) fn size(&self, name: &str) -> Option<u64> {
        let metadata = fs::metadata(self.root.join(name)).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// The directory's path.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn has(&self, name: &str) -> bool {
        self.size(name).is_some()
    }
}

impl Files for Directory {
    fn open(&self, name: &str) -> Result<Option<Opened>, RegistryError> {
        let path = self.root.join(name);
        let failed = |error: io::Error| trouble::unreachable(&self.place(name), &error);
        let metadata = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(self.unmade(name)),
            other => other.map_err(failed)?,
        };
        // A pipe or a device would block or never end.
        if !metadata.is_file() {
            let found = "something that is no file";
            return Err(trouble::contradiction(&self.place(name), "a file", found));
        }
        let file = File::open(&path).map_err(failed)?;
        // Of the file that was opened: another process may have put a new one in its place.
        let size = file.metadata().map_err(failed)?.len();
        let reader = BufReader::with_capacity(READ_AHEAD, file.take(size));
        Ok(Some(Opened { reader: Box::new(reader), size }))
    }

    fn place(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    fn meter(&self) -> &Meter {
        &self.meter
    }
}

/// A file that will be renamed within `directory`. It is removed when dropped.
pub(crate) fn temporary_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other file: whoever may read the layout reads all of it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

/// Whether there is no directory, or nothing but a lock in it: another process may be making the
/// same layout.
fn is_empty(path: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let passing = name == LOCK_FILE || name.to_string_lossy().starts_with(TEMPORARY);
        if !passing {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Brings a rename to the disk, where the system can be asked to.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
