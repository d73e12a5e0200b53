//! The sections and segments of an executable, whatever its format.

use object::read::ReadRef;
use object::{FileKind, Object, ObjectSection, ObjectSegment, SegmentFlags};

use super::FileBytes;

/// An executable whose sections can be read.
pub(super) struct Program<'a> {
    file: object::File<'a, FileBytes<'a>>,
    bytes: FileBytes<'a>,
}

impl<'a> Program<'a> {
    /// No section or string that is read may be longer, in bytes.
    pub(super) const MAX_SECTION: u64 = 8 * 1024 * 1024;

    /// `None` for what only begins like a program, as DOS programs do.
    pub(super) fn parse(bytes: FileBytes<'a>) -> Result<Option<Self>, object::Error> {
        let is_known = matches!(
            FileKind::parse(bytes),
            Ok(FileKind::Elf32
                | FileKind::Elf64
                | FileKind::Pe32
                | FileKind::Pe64
                | FileKind::MachO32
                | FileKind::MachO64)
        );
        if !is_known {
            return Ok(None);
        }
        Ok(Some(Self { file: object::File::parse(bytes)?, bytes }))
    }

    /// The content of the section `name`, if there is one.
    pub(super) fn section(&self, name: &str) -> Option<&'a [u8]> {
        let section = self.file.section_by_name(name)?;
        let (offset, size) = section.file_range()?;
        self.bytes_at(offset, size)
    }

    /// The data that a program may write but not execute, where Go keeps its build information
    /// if it has no section for it.
    pub(super) fn writable_data(&self) -> Option<&'a [u8]> {
        let mut segments = self.file.segments();
        let segment = segments.find(|segment| is_writable_data(segment.flags(), segment.name()))?;
        let (offset, size) = segment.file_range();
        self.bytes_at(offset, size)
    }

    /// `size` bytes at an address of the running program; fewer where the file ends before.
    pub(super) fn at_address(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        self.file.segments().find_map(|segment| {
            let into = address.checked_sub(segment.address())?;
            let (offset, length) = segment.file_range();
            let left = length.checked_sub(into).filter(|left| *left > 0)?;
            self.bytes_at(offset.checked_add(into)?, left.min(size))
        })
    }

    fn bytes_at(&self, offset: u64, size: u64) -> Option<&'a [u8]> {
        let left = self.bytes.len().ok()?.checked_sub(offset)?;
        let size = size.min(left).min(Self::MAX_SECTION);
        self.bytes.read_bytes_at(offset, size).ok()
    }
}

fn is_writable_data(flags: SegmentFlags, name: object::Result<Option<&str>>) -> bool {
    use object::elf::{PF_W, PF_X};
    use object::pe::{IMAGE_SCN_CNT_INITIALIZED_DATA, IMAGE_SCN_MEM_READ, IMAGE_SCN_MEM_WRITE};
    const DATA: u32 = IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE;
    match flags {
        SegmentFlags::Elf { p_flags } => p_flags & (PF_W | PF_X) == PF_W,
        SegmentFlags::Coff { characteristics } => characteristics & DATA == DATA,
        SegmentFlags::MachO { .. } => matches!(name, Ok(Some("__DATA"))),
        _ => false,
    }
}
