//! Where the members of a tar file are.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use boltseal_ports::RegistryError;
use tar::EntryType;

use crate::layout::trouble;

/// The most members of an archive.
const MAX_MEMBERS: usize = 100_000;
/// The most bytes of headers that are read: long names stand in them too.
const MAX_HEADER_BYTES: u64 = 128 * 1024 * 1024;

/// What a compressed archive begins with.
const COMPRESSED: [(&[u8], &str); 4] =
    [(b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ", "xz"), (b"BZh", "bzip2")];

/// A member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// A plain file.
    File {
        /// Where its bytes begin.
        offset: u64,
        /// How many they are.
        size: u64,
    },
    /// A link, a device or another thing that has no bytes of its own.
    Other,
}

/// Finds all members in one pass over the headers; the contents are skipped.
pub(crate) fn index(path: &Path, file: &File) -> Result<HashMap<String, Member>, RegistryError> {
    let place = path.display().to_string();
    let unreadable = |error: io::Error| trouble::unreachable(&place, &error);
    let length = file.metadata().map_err(unreadable)?.len();
    refuse_compressed(&place, file)?;
    let refuse = |found: &str| trouble::contradiction(&place, "a tar archive", found);
    let mut archive = tar::Archive::new(Bounded::new(file));
    let entries = archive.entries_with_seek().map_err(unreadable)?;
    let mut members = HashMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| refuse(&no_header(&error)))?;
        let kind = entry.header().entry_type();
        let path = entry.path_bytes();
        let name = normal(&path).map_err(|problem| refuse(&problem))?;
        if kind.is_dir() || is_extension(kind) {
            continue;
        }
        let (offset, size) = (entry.raw_file_position(), entry.size());
        let plain = kind.is_file() || kind.is_contiguous();
        let member = if plain { Member::File { offset, size } } else { Member::Other };
        if plain && offset.checked_add(size).is_none_or(|end| end > length) {
            return Err(refuse(&format!("an archive that ends within {name}")));
        }
        if members.insert(name.clone(), member).is_some() {
            return Err(refuse(&format!("two members named {name}")));
        }
        if members.len() > MAX_MEMBERS {
            return Err(refuse(&format!("more than {MAX_MEMBERS} members")));
        }
    }
    Ok(members)
}

fn refuse_compressed(place: &str, mut file: &File) -> Result<(), RegistryError> {
    let unreadable = |error: io::Error| trouble::unreachable(place, &error);
    let mut start = Vec::new();
    file.take(6).read_to_end(&mut start).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let found = COMPRESSED.iter().find(|(magic, _)| start.starts_with(magic));
    let Some((_, name)) = found else {
        return Ok(());
    };
    let expected = "a tar archive that is not compressed";
    Err(trouble::contradiction(place, expected, format!("one compressed with {name}"))
        .fix("decompress it first: its members are read where they lie"))
}

/// Such an error quotes the file's own bytes.
fn no_header(error: &io::Error) -> String {
    format!("a header that is none: {}", error.to_string().escape_debug())
}

/// Members that speak of others, or of the archive.
fn is_extension(kind: EntryType) -> bool {
    kind.is_pax_global_extensions() || kind.is_pax_local_extensions()
}

/// A member's name without `.` and empty components. A name that leads out of the archive is
/// refused, though nothing is ever unpacked: such an archive was made to harm somebody.
fn normal(path: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(path).map_err(|_| "a name that is no UTF-8".to_owned())?;
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err(format!("a member that leads out of the archive: {text:?}"));
    }
    let parts = text.split('/').filter(|part| !part.is_empty() && *part != ".");
    Ok(parts.collect::<Vec<_>>().join("/"))
}

/// Reads headers, up to a bound.
struct Bounded<'a> {
    file: &'a File,
    left: u64,
}

impl<'a> Bounded<'a> {
    const fn new(file: &'a File) -> Self {
        Self { file, left: MAX_HEADER_BYTES }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            let text = format!("more than {MAX_HEADER_BYTES} bytes of headers");
            return Err(io::Error::other(text));
        }
        let read = self.file.take(self.left).read(buffer)?;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Seek for Bounded<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_inside() {
        assert_eq!(normal(b"./blobs//sha256/./a").unwrap(), "blobs/sha256/a");
        for bad in [&b"/etc/passwd"[..], b"a/../../b", b"..", b"\xff"] {
            assert!(normal(bad).is_err(), "{bad:?}");
        }
    }

    /// A small archive with one of its bytes changed.
    fn damaged(at: usize, with: u8) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let long = "n".repeat(150);
        for name in ["index.json", long.as_str()] {
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            builder.append_data(&mut header, name, &b"abc"[..]).unwrap();
        }
        let mut bytes = builder.into_inner().unwrap();
        let at = at % bytes.len();
        bytes[at] = with;
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn never_panics(at in any::<usize>(), with in any::<u8>(), cut in 0_usize..4096) {
            let mut bytes = damaged(at, with);
            bytes.truncate(cut);
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &bytes).unwrap();
            let length = bytes.len() as u64;
            for member in index(file.path(), file.as_file()).into_iter().flatten() {
                if let (_, Member::File { offset, size }) = member {
                    prop_assert!(offset + size <= length);
                }
            }
        }
    }
}
