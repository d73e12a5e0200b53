//! Programs: executables that say what they were linked from.

use object::read::ReadRef;
use object::{FileKind, Object, ObjectSection, ObjectSegment, SegmentFlags};

use super::{Cataloger, FileBytes, FileHead, Role, auditable, go};
use crate::record::Findings;

/// Looks into ELF, PE and Mach-O files that may be executed.
pub(super) struct Programs;

impl Cataloger for Programs {
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        let is_executable = file.mode & 0o111 != 0;
        (is_executable && has_magic(file.start)).then_some(Role::Executable)
    }

    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        match Program::parse(bytes) {
            Ok(Some(program)) => {
                go::read(&program, findings);
                auditable::read(&program, findings);
            }
            Ok(None) => {}
            Err(error) => findings.problem(format!("not read: a malformed executable ({error})")),
        }
    }
}

fn has_magic(start: &[u8]) -> bool {
    let is_macho =
        matches!(start, [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]);
    is_macho || start.starts_with(b"\x7fELF") || start.starts_with(b"MZ")
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::elf;
    use proptest::prelude::*;

    #[test]
    fn wants_executables_only() {
        let wants = |mode, start| {
            let file = FileHead { path: b"a", mode, start };
            Programs.wants(&file) == Some(Role::Executable)
        };
        assert!(wants(0o755, b"\x7fELF\x02\x01") && wants(0o100, b"MZ\x90"));
        assert!(wants(0o755, b"\xcf\xfa\xed\xfe") && wants(0o755, b"\xfe\xed\xfa\xce"));
        assert!(!wants(0o644, b"\x7fELF") && !wants(0o755, b"#!/bin/sh") && !wants(0o755, b""));
    }

    #[test]
    fn a_malformed_one_is_a_problem() {
        let read = |bytes: &[u8]| {
            let mut findings = Findings::default();
            Programs.read(b"", FileBytes::Memory(bytes), &mut findings);
            findings
        };
        assert!(read(&elf(&[(".text", b"")])).is_empty());
        assert!(read(b"MZ is also how DOS programs begin").is_empty());
        assert_eq!(read(&elf(&[])[..40]).problems.len(), 1);
    }

    proptest! {
        #[test]
        fn never_panics(magic in 0usize..4, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let start: [&[u8]; 4] =
                [b"\x7fELF\x02\x01\x01", b"MZ", b"\xcf\xfa\xed\xfe", b"\x7fELF\x01\x02\x01"];
            let file = [start[magic], &bytes].concat();
            Programs.read(b"", FileBytes::Memory(&file), &mut Findings::default());
        }
    }
}
