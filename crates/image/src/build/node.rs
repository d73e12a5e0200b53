//! What is put into a layer's archive: files, directories, links and devices.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::Path;

use tar::{Builder, EntryType, Header};

use super::build_error::{BuildError, BuildFault, io_at};

/// An archive without times and owners.
pub(super) struct Archive<W: Write> {
    builder: Builder<W>,
}

impl<W: Write> Archive<W> {
    /// An empty archive.
    pub(super) fn new(writer: W) -> Self {
        Self { builder: Builder::new(writer) }
    }

    /// A file of `size` bytes.
    pub(super) fn append_file(
        &mut self,
        path: &Path,
        mode: u32,
        size: u64,
        source: impl Read,
    ) -> Result<(), BuildFault> {
        let mut header = header(EntryType::Regular, mode);
        header.set_size(size);
        let mut exact = Exact { source, left: size };
        let appended = self.builder.append_data(&mut header, path, &mut exact);
        if appended.as_ref().is_err_and(|it| it.kind() == io::ErrorKind::UnexpectedEof) {
            return Err(BuildFault::Changed(size));
        }
        appended.map_err(BuildFault::Io)?;
        // One byte more would be a file that grows.
        match exact.source.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(BuildFault::Changed(size)),
            Err(error) => Err(BuildFault::Io(error)),
        }
    }

    /// A directory.
    pub(super) fn append_directory(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let mut header = header(EntryType::Directory, mode);
        // With the slash that other tools write.
        self.builder.append_data(&mut header, path.join(""), io::empty())
    }

    /// A symbolic link, with its target as it is.
    pub(super) fn append_link(&mut self, path: &Path, target: &Path) -> io::Result<()> {
        let mut header = header(EntryType::Symlink, 0o777);
        self.builder.append_link(&mut header, path, target)
    }

    /// A device or a pipe.
    pub(super) fn append_device(&mut self, path: &Path, metadata: &Metadata) -> io::Result<()> {
        let Some((kind, (major, minor))) = device(metadata) else {
            return Ok(());
        };
        let mut header = header(kind, mode(metadata));
        header.set_device_major(major)?;
        header.set_device_minor(minor)?;
        self.builder.append_data(&mut header, path, io::empty())
    }

    /// Ends the archive.
    pub(super) fn finish(self) -> io::Result<W> {
        self.builder.into_inner()
    }
}

fn header(kind: EntryType, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    header
}

/// A file, open, and its size.
pub(super) fn whole(path: &Path) -> Result<(File, u64), BuildError> {
    if !fs::metadata(path).map_err(io_at(path))?.is_file() {
        return Err(io_at(path)(io::Error::other("something that is no file")));
    }
    let file = File::open(path).map_err(io_at(path))?;
    let size = file.metadata().map_err(io_at(path))?.len();
    Ok((file, size))
}

/// The permission bits, with those that change the user.
#[cfg(unix)]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

/// Where files have no such bits everybody may read and start everything.
#[cfg(not(unix))]
pub(super) fn mode(_metadata: &Metadata) -> u32 {
    0o755
}

/// The kind and the number of a device; `None` for a socket, which no archive can hold and which
/// is nothing without the process behind it.
#[cfg(unix)]
fn device(metadata: &Metadata) -> Option<(EntryType, (u32, u32))> {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let kind = metadata.file_type();
    // As the C library splits the number.
    let number = metadata.rdev();
    let major = (number >> 8 & 0xfff) | (number >> 32 & 0xffff_f000);
    let minor = (number & 0xff) | (number >> 12 & 0xffff_ff00);
    let number = (u32::try_from(major).ok()?, u32::try_from(minor).ok()?);
    if kind.is_char_device() {
        Some((EntryType::Char, number))
    } else if kind.is_block_device() {
        Some((EntryType::Block, number))
    } else if kind.is_fifo() {
        Some((EntryType::Fifo, (0, 0)))
    } else {
        None
    }
}

#[cfg(not(unix))]
fn device(_metadata: &Metadata) -> Option<(EntryType, (u32, u32))> {
    None
}

/// Reads so many bytes, and fails where there are fewer.
struct Exact<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.source.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
