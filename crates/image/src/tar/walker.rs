//! From entry to entry.

use std::io::{self, BufRead};

use super::extension::Extension;
use super::header::{BLOCK, Header};
use super::{Entry, Kind};
use crate::{LayerFault, Limits, path};

/// Bytes of pax records or of one long name (as in Go's reader).
const MAX_EXTENSION: u64 = 1024 * 1024;

/// Reads entries one after the other; content that nobody reads is passed over.
pub(crate) struct Walker<R> {
    reader: R,
    offset: u64,
    /// Bytes of the entry's content that are still unread.
    content: u64,
    /// Bytes that fill the entry's last block.
    padding: u64,
    entries: u64,
    limits: Limits,
}

impl<R: BufRead> Walker<R> {
    pub(crate) const fn new(reader: R, limits: Limits) -> Self {
        Self { reader, offset: 0, content: 0, padding: 0, entries: 0, limits }
    }

    /// The reader, wherever it stands.
    pub(crate) fn into_reader(self) -> R {
        self.reader
    }

    /// Entries seen so far.
    pub(crate) const fn entries(&self) -> u64 {
        self.entries
    }

    /// The next entry, or `None` at the end of the archive.
    pub(crate) fn next_entry(&mut self) -> Result<Option<Entry>, LayerFault> {
        let mut extension = Extension::default();
        loop {
            self.skip_content()?;
            let Some(block) = self.header_block()? else {
                return Ok(None);
            };
            let header = Header::new(&block).map_err(|problem| self.malformed(problem))?;
            let size = header.size().map_err(|problem| self.malformed(problem))?;
            match header.flag() {
                b'x' => {
                    let records = self.extension(size)?;
                    let read = extension.read_pax(&records);
                    read.map_err(|problem| self.malformed(problem))?;
                }
                // Runtimes ignore the archive's global records.
                b'g' => {
                    drop(self.extension(size)?);
                    extension = Extension::default();
                }
                b'L' => extension.long_name = self.long_name(size)?,
                b'K' => extension.long_link = self.long_name(size)?,
                _ => return self.entry(&header, extension).map(Some),
            }
        }
    }

    fn entry(&mut self, header: &Header, mut with: Extension) -> Result<Entry, LayerFault> {
        let (name, link) = (with.name(), with.link_name());
        let name = name.unwrap_or_else(|| header.name());
        let kind = kind(header.flag(), &name, link.unwrap_or_else(|| header.link_name()));
        let kind = match kind {
            Kind::File if with.sparse.is_some() => Kind::Sparse,
            kind => kind,
        };
        let malformed = |problem| self.malformed(problem);
        let mode = header.mode().map_err(malformed)?;
        let size = with.size.map_or_else(|| header.size(), Ok);
        let size = size.map_err(malformed)?;
        let size = if has_content(&kind, header.flag()) { size } else { 0 };
        if header.flag() == b'S' && header.sparse_map_goes_on() {
            self.pass_over_sparse_map()?;
        }
        self.count(&name)?;
        self.expect_content(size);
        let path = path::of_entry(&name)?;
        Ok(Entry { path, kind, mode, size })
    }

    fn count(&mut self, name: &[u8]) -> Result<(), LayerFault> {
        self.entries += 1;
        let (what, limit) = if self.entries > self.limits.entries {
            ("entries", self.limits.entries)
        } else if name.len() > self.limits.path_bytes {
            ("bytes in a path", self.limits.path_bytes as u64)
        } else {
            return Ok(());
        };
        let shown = &name[..name.len().min(160)];
        Err(LayerFault::TooMuch { what, limit, path: path::text(shown) })
    }

    fn long_name(&mut self, size: u64) -> Result<Option<Vec<u8>>, LayerFault> {
        let mut name = self.extension(size)?;
        let end = name.iter().position(|byte| *byte == 0);
        name.truncate(end.unwrap_or(name.len()));
        Ok(Some(name).filter(|name| !name.is_empty()))
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, LayerFault> {
        if size > MAX_EXTENSION {
            return Err(LayerFault::TooMuch {
                what: "bytes in a tar extension header",
                limit: MAX_EXTENSION,
                path: String::new(),
            });
        }
        self.expect_content(size);
        let mut bytes = Vec::new();
        self.read_content(size, &mut bytes)?;
        Ok(bytes)
    }

    fn pass_over_sparse_map(&mut self) -> Result<(), LayerFault> {
        let mut block = [0; BLOCK];
        loop {
            if !self.fill(&mut block)? {
                return Err(self.malformed("an archive cut off in a sparse map"));
            }
            if block[504] == 0 {
                return Ok(());
            }
        }
    }

    /// The next header, or `None` at the end: two blocks of zeros, or the end of the bytes.
    fn header_block(&mut self) -> Result<Option<[u8; BLOCK]>, LayerFault> {
        let mut block = [0; BLOCK];
        if !self.fill(&mut block)? {
            return Ok(None);
        }
        if block != [0; BLOCK] {
            return Ok(Some(block));
        }
        if self.fill(&mut block)? && block != [0; BLOCK] {
            return Err(self.malformed("a header after a block of zeros"));
        }
        Ok(None)
    }

    /// Fills a block; `false` where the bytes end before it.
    fn fill(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, LayerFault> {
        let mut length = 0;
        while length < BLOCK {
            match self.reader.read(&mut block[length..])? {
                0 if length == 0 => return Ok(false),
                0 => return Err(self.malformed("an archive cut off in a header")),
                read => length += read,
            }
        }
        self.offset += BLOCK as u64;
        Ok(true)
    }

    const fn expect_content(&mut self, size: u64) {
        self.content = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// Appends the next `length` bytes of the content, or what is left of it.
    pub(crate) fn read_content(&mut self, length: u64, to: &mut Vec<u8>) -> Result<(), LayerFault> {
        self.pass_content(length, |bytes| {
            to.extend_from_slice(bytes);
            Ok(())
        })
    }

    /// Writes what is left of the content.
    pub(crate) fn write_content(&mut self, to: &mut impl io::Write) -> Result<(), LayerFault> {
        self.pass_content(u64::MAX, |bytes| to.write_all(bytes).map_err(LayerFault::Spool))
    }

    fn pass_content(
        &mut self,
        length: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), LayerFault>,
    ) -> Result<(), LayerFault> {
        let mut left = length.min(self.content);
        while left > 0 {
            let bytes = self.reader.fill_buf()?;
            if bytes.is_empty() {
                return Err(self.malformed("an archive cut off in a file"));
            }
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            each(&bytes[..part])?;
            self.reader.consume(part);
            self.offset += part as u64;
            self.content -= part as u64;
            left -= part as u64;
        }
        Ok(())
    }

    fn skip_content(&mut self) -> Result<(), LayerFault> {
        self.pass_content(u64::MAX, |_| Ok(()))?;
        while self.padding > 0 {
            let available = self.reader.fill_buf()?.len() as u64;
            let part = available.min(self.padding);
            if part == 0 {
                // The last block may lack its padding.
                break;
            }
            self.reader.consume(usize::try_from(part).expect("less than a block"));
            self.offset += part;
            self.padding -= part;
        }
        Ok(())
    }

    const fn malformed(&self, problem: &'static str) -> LayerFault {
        LayerFault::Tar { offset: self.offset, problem }
    }
}

/// Links, directories, devices and pipes have no content, whatever their size says.
const fn has_content(kind: &Kind, flag: u8) -> bool {
    let is_device = matches!(flag, b'3' | b'4' | b'6');
    let is_named_only = matches!(kind, Kind::Directory | Kind::HardLink(_) | Kind::SymbolicLink(_));
    !is_device && !is_named_only
}

fn kind(flag: u8, name: &[u8], link: Vec<u8>) -> Kind {
    match flag {
        // Before POSIX, a directory was a file whose name ends with a slash.
        0 if name.ends_with(b"/") => Kind::Directory,
        0 | b'0' | b'7' => Kind::File,
        b'1' => Kind::HardLink(link),
        b'2' => Kind::SymbolicLink(link),
        b'5' => Kind::Directory,
        b'S' => Kind::Sparse,
        _ => Kind::Other,
    }
}
