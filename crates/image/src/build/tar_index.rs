//! Where the members of a saved image are.
//!
//! An archive of an OCI layout is read elsewhere, where a link is an error: nobody who packs a
//! layout writes one. `docker save` does, for a layer that two images share, so that here links
//! are followed, within the archive.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::build_error::{BuildError, BuildFault, io_at};
use super::node;

/// The most members of an archive.
const MAX_MEMBERS: usize = 100_000;
/// The most bytes of headers that are read: long names stand in them too.
const MAX_HEADER_BYTES: u64 = 128 * 1024 * 1024;
/// The most links from one member to the next.
const MAX_LINKS: usize = 16;

/// An archive, and the place of every member.
pub(super) struct TarIndex {
    path: PathBuf,
    members: HashMap<String, Member>,
}

enum Member {
    File(Span),
    /// Another name for the member of this name.
    Link(String),
    Other,
}

/// The bytes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    offset: u64,
    size: u64,
}

impl TarIndex {
    /// Reads the headers; the contents are skipped.
    pub(super) fn open(path: &Path) -> Result<Self, BuildError> {
        let (file, length) = node::whole(path)?;
        let refuse = |found: String| BuildFault::Archive(found).at(path);
        if let Some(name) = compression(&file).map_err(io_at(path))? {
            return Err(refuse(format!("one compressed with {name}: decompress it first")));
        }
        let mut archive = tar::Archive::new(Bounded { file, left: MAX_HEADER_BYTES });
        let mut members = HashMap::new();
        for entry in archive.entries_with_seek().map_err(io_at(path))? {
            // Such an error quotes the file's own bytes.
            let entry = entry.map_err(|it| refuse(it.to_string().escape_debug().to_string()))?;
            let kind = entry.header().entry_type();
            let name = text(&entry.path_bytes()).and_then(|it| join("", &it)).map_err(refuse)?;
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let member = Member::of(&entry, &name).map_err(refuse)?;
            if matches!(&member, Member::File(span) if span.ends_after(length)) {
                return Err(refuse(format!("an archive that ends within {name}")));
            }
            if members.contains_key(&name) {
                return Err(refuse(format!("two members named {name}")));
            }
            members.insert(name, member);
            if members.len() > MAX_MEMBERS {
                return Err(refuse(format!("more than {MAX_MEMBERS} members")));
            }
        }
        Ok(Self { path: path.to_owned(), members })
    }

    /// Whether there is a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Where the bytes of a member are, links followed within the archive.
    pub(super) fn find(&self, name: &str) -> Result<Span, BuildError> {
        let refuse = |found: String| BuildFault::Archive(found).at(&self.path);
        let mut at = join("", name).map_err(refuse)?;
        for _ in 0..MAX_LINKS {
            match self.members.get(&at) {
                Some(Member::File(span)) => return Ok(*span),
                Some(Member::Link(target)) => at.clone_from(target),
                Some(Member::Other) => return Err(refuse(format!("{name:?}, which is no file"))),
                None => return Err(refuse(format!("no member {at:?}"))),
            }
        }
        Err(refuse(format!("{name:?}, which is a link without end")))
    }

    /// Reads a member of at most `limit` bytes.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, BuildError> {
        let span = self.find(name)?;
        if span.size > limit {
            let found = format!("{name:?} of {} bytes, more than {limit}", span.size);
            return Err(BuildFault::Archive(found).at(&self.path));
        }
        let mut bytes = Vec::new();
        self.open_span(span)?.read_to_end(&mut bytes).map_err(io_at(&self.path))?;
        Ok(bytes)
    }

    /// Opens the bytes of a member, with a cursor of their own.
    pub(super) fn open_span(&self, span: Span) -> Result<io::Take<File>, BuildError> {
        let mut file = File::open(&self.path).map_err(io_at(&self.path))?;
        file.seek(SeekFrom::Start(span.offset)).map_err(io_at(&self.path))?;
        Ok(file.take(span.size))
    }

    /// The archive's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What a file is compressed with, by its first bytes.
fn compression(mut file: &File) -> io::Result<Option<&'static str>> {
    let mut start = Vec::new();
    file.take(6).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(match &start[..] {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("xz"),
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        _ => None,
    })
}

impl Member {
    /// What an entry of this name is.
    fn of<R: Read>(entry: &tar::Entry<'_, R>, name: &str) -> Result<Self, String> {
        let kind = entry.header().entry_type();
        let target = || text(&entry.link_name_bytes().unwrap_or_default());
        if kind.is_file() || kind.is_contiguous() {
            let (offset, size) = (entry.raw_file_position(), entry.size());
            Ok(Self::File(Span { offset, size }))
        } else if kind.is_symlink() {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            join(folder, &target()?).map(Self::Link)
        } else if kind.is_hard_link() {
            join("", &target()?).map(Self::Link)
        } else {
            Ok(Self::Other)
        }
    }
}

impl Span {
    fn ends_after(self, length: u64) -> bool {
        self.offset.checked_add(self.size).is_none_or(|end| end > length)
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a name that is no UTF-8".to_owned())?;
    Ok(text.to_owned())
}

/// A name seen from a folder, without `.` and `..`. One that leads out of the archive is refused.
fn join(folder: &str, name: &str) -> Result<String, String> {
    let outside = || format!("a member that leads out of the archive: {name:?}");
    if name.starts_with('/') {
        return Err(outside());
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(outside)?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Reads headers, up to a bound.
struct Bounded {
    file: File,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            let text = format!("more than {MAX_HEADER_BYTES} bytes of headers");
            return Err(io::Error::other(text));
        }
        let read = (&self.file).take(self.left).read(buffer)?;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An archive of a file, two links and a long name, one of whose bytes is another.
    fn damaged(at: usize, with: u8) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let long = "n".repeat(150);
        for name in ["manifest.json", long.as_str()] {
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            builder.append_data(&mut header, name, &b"abc"[..]).unwrap();
        }
        for (kind, name, target) in [
            (tar::EntryType::Symlink, "a/layer.tar", "../b/layer.tar"),
            (tar::EntryType::Link, "b/layer.tar", "manifest.json"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            builder.append_link(&mut header, name, target).unwrap();
        }
        let mut bytes = builder.into_inner().unwrap();
        let at = at % bytes.len();
        bytes[at] = with;
        bytes
    }

    fn index_of(bytes: &[u8]) -> (tempfile::NamedTempFile, Result<TarIndex, BuildError>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let index = TarIndex::open(file.path());
        (file, index)
    }

    #[test]
    fn follows_links_within_the_archive() {
        let (_file, index) = index_of(&damaged(0, b'm'));
        assert_eq!(index.unwrap().read("a/layer.tar", 3).unwrap(), b"abc");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn never_panics(at in any::<usize>(), with in any::<u8>(), cut in 0_usize..8192) {
            let mut bytes = damaged(at, with);
            bytes.truncate(cut);
            if let (_file, Ok(index)) = index_of(&bytes) {
                for name in index.members.keys() {
                    drop(index.read(name, 1000));
                }
            }
        }
    }

    #[test]
    fn names_stay_inside() {
        assert_eq!(join("a/b", "../c/./d").unwrap(), "a/c/d");
        assert_eq!(join("", "./a//b").unwrap(), "a/b");
        for (folder, bad) in [("", "/etc"), ("a", "../../b"), ("", "..")] {
            assert!(join(folder, bad).is_err(), "{folder} {bad}");
        }
    }
}
