//! A file in a layer, as catalogers see it.

use std::fs::File;
use std::ops::Range;

use object::read::{ReadCache, ReadRef};

use crate::path;

/// What is known of a file before its content is kept.
#[derive(Clone, Copy)]
pub(crate) struct FileHead<'a> {
    pub(crate) path: &'a [u8],
    /// The permission bits.
    pub(crate) mode: u64,
    /// The first bytes, at most [`FileHead::START`].
    pub(crate) start: &'a [u8],
}

impl<'a> FileHead<'a> {
    /// How many of the first bytes are shown.
    pub(crate) const START: u64 = 8;

    /// A name without a file.
    pub(crate) const fn named(path: &'a [u8]) -> Self {
        Self { path, mode: 0, start: &[] }
    }

    /// The last component of the path.
    pub(crate) fn name(&self) -> &'a [u8] {
        path::name(self.path)
    }

    /// The component before it.
    pub(crate) fn directory_name(&self) -> &'a [u8] {
        path::name(path::parent(self.path))
    }
}

/// The bytes of a file: in memory, or, of a large one, in a temporary file.
#[derive(Clone, Copy)]
pub(crate) enum FileBytes<'a> {
    Memory(&'a [u8]),
    Spooled(&'a ReadCache<File>),
}

impl<'a> FileBytes<'a> {
    /// All bytes of a record.
    ///
    /// # Panics
    /// For a file that is not in memory, which a record always is.
    pub(crate) fn all(self) -> &'a [u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Spooled(_) => unreachable!("only executables are spooled"),
        }
    }
}

impl<'a> ReadRef<'a> for FileBytes<'a> {
    fn len(self) -> Result<u64, ()> {
        match self {
            Self::Memory(bytes) => ReadRef::len(bytes),
            Self::Spooled(file) => ReadRef::len(file),
        }
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        match self {
            Self::Memory(bytes) => bytes.read_bytes_at(offset, size),
            Self::Spooled(file) => file.read_bytes_at(offset, size),
        }
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        match self {
            Self::Memory(bytes) => bytes.read_bytes_at_until(range, delimiter),
            Self::Spooled(file) => file.read_bytes_at_until(range, delimiter),
        }
    }
}
