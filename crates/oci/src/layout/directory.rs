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
}

impl Directory {
    /// A directory that need not exist yet.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, meter: Meter::default() }
    }

    /// Makes an empty layout of a directory that is absent or empty; finishes one whose making
    /// was interrupted. A directory with other things in it is left alone.
    pub(crate) fn create(&self) -> Result<(), RegistryError> {
        let here = self.root.display().to_string();
        let failed = |error: io::Error| trouble::unreachable(&here, &error);
        fs::create_dir_all(&self.root).map_err(failed)?;
        // In this order: whoever makes a layout writes its oci-layout first.
        let empty = is_empty(&self.root).map_err(failed)?;
        let marked = self.has(OCI_LAYOUT);
        if marked && self.has(INDEX_JSON) {
            return Ok(());
        }
        if !marked && !empty {
            let found = "a directory with other files in it";
            return Err(trouble::contradiction(&here, "an OCI image layout", found)
                .fix("name an image layout, or a directory that is empty or does not exist"));
        }
        let _lock = Lock::take(&self.root)?;
        if !self.has(OCI_LAYOUT) {
            self.write(OCI_LAYOUT, OCI_LAYOUT_JSON)?;
        }
        if !self.has(INDEX_JSON) {
            self.write(INDEX_JSON, &IndexJson::empty().to_bytes())?;
        }
        Ok(())
    }

    /// Changes `index.json` under the lock; writes nothing where nothing changes.
    pub(crate) fn update_index(
        &self,
        change: impl FnOnce(&mut IndexJson),
    ) -> Result<(), RegistryError> {
        let _lock = Lock::take(&self.root)?;
        let mut index = IndexJson::read(self)?;
        let before = index.to_bytes();
        change(&mut index);
        let after = index.to_bytes();
        if before == after {
            return Ok(());
        }
        self.write(INDEX_JSON, &after)
    }

    /// Writes a whole file and counts that.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        let failed = |error: io::Error| trouble::unreachable(&self.place(name), &error);
        let mut file = self.temporary()?;
        file.write_all(bytes).map_err(failed)?;
        self.keep(file, name)?;
        self.meter.wrote(bytes.len() as u64);
        Ok(())
    }

    /// A file without a name of its own yet. It lies beside `index.json`: among the blobs, what a
    /// killed run leaves behind would stop `umoci gc`.
    pub(crate) fn temporary(&self) -> Result<NamedTempFile, RegistryError> {
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

    /// Whether there is such a directory.
    pub(crate) fn exists(&self) -> bool {
        self.root.is_dir()
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
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed)?,
        };
        // A pipe or a device would block or never end.
        if !metadata.is_file() {
            let found = "something that is no file";
            return Err(trouble::contradiction(&self.place(name), "a file", found));
        }
        let file = File::open(&path).map_err(failed)?;
        let size = metadata.len();
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

/// Whether nothing but a lock is in a directory: another process may be making the same layout.
fn is_empty(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
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
