//! Executables, which may say what they were linked from.

use super::program::Program;
use super::{Cataloger, FileBytes, FileHead, Role, auditable, go};
use crate::record::Findings;

/// Looks into ELF, PE and Mach-O files that may be executed.
pub(super) struct Executables;

impl Cataloger for Executables {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::{elf, found};
    use proptest::prelude::*;

    #[test]
    fn wants_executables_only() {
        let wants = |mode, start| {
            let file = FileHead { path: b"a", mode, start };
            Executables.wants(&file) == Some(Role::Executable)
        };
        assert!(wants(0o755, b"\x7fELF\x02\x01") && wants(0o100, b"MZ\x90"));
        assert!(wants(0o755, b"\xcf\xfa\xed\xfe") && wants(0o755, b"\xfe\xed\xfa\xce"));
        assert!(!wants(0o644, b"\x7fELF") && !wants(0o755, b"#!/bin/sh") && !wants(0o755, b""));
    }

    #[test]
    fn a_malformed_one_is_a_problem() {
        let read = |bytes: &[u8]| found(&Executables, bytes);
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
            found(&Executables, &file);
        }
    }
}
