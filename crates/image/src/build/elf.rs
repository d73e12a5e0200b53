//! What an ELF header says: the platform, and whether a loader is needed.

use std::fs::File;
use std::path::Path;

use boltseal_core::Platform;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader as _};
use object::{Endianness, FileKind, ReadCache};

use super::build_error::{BuildError, io_at};

/// How many bytes [`platform`] looks at.
pub(super) const HEADER_BYTES: usize = 64;

/// The program interpreter that a dynamically linked executable asks for, such as
/// `/lib64/ld-linux-x86-64.so.2`: without it in the image it will not start. `None` for a static
/// executable, and for what is no ELF file.
///
/// # Errors
/// [`BuildFault::Io`](super::BuildFault::Io) where the file cannot be opened.
pub fn interpreter(path: &Path) -> Result<Option<String>, BuildError> {
    let cache = ReadCache::new(File::open(path).map_err(io_at(path))?);
    Ok(match FileKind::parse(&cache) {
        Ok(FileKind::Elf32) => loader::<FileHeader32<Endianness>>(&cache),
        Ok(FileKind::Elf64) => loader::<FileHeader64<Endianness>>(&cache),
        _ => None,
    })
}

fn loader<H: FileHeader<Endian = Endianness>>(cache: &ReadCache<File>) -> Option<String> {
    let header = H::parse(cache).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, cache).ok()?;
    let name = segments.iter().find_map(|it| it.interpreter(endian, cache).ok()?)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The platform that the first [`HEADER_BYTES`] of an executable say; else, what they are.
pub(super) fn platform(start: &[u8]) -> Result<Platform, String> {
    match FileKind::parse(start) {
        Ok(FileKind::Elf32) => of_header::<FileHeader32<Endianness>>(start),
        Ok(FileKind::Elf64) => of_header::<FileHeader64<Endianness>>(start),
        Ok(kind) => Err(format!("a file of kind {kind:?}")),
        Err(_) if start.starts_with(b"#!") => Err("a script".to_owned()),
        Err(_) if start.is_empty() => Err("an empty file".to_owned()),
        Err(_) => Err("a file that is no executable".to_owned()),
    }
}

fn of_header<H: FileHeader<Endian = Endianness>>(start: &[u8]) -> Result<Platform, String> {
    let header = H::parse(start).map_err(|_| "a broken ELF header".to_owned())?;
    let endian = header.endian().map_err(|_| "a broken ELF header".to_owned())?;
    let kind = header.e_type(endian);
    if kind != elf::ET_EXEC && kind != elf::ET_DYN {
        return Err(format!("an ELF file of type {kind}, which is no executable"));
    }
    let little = endian == Endianness::Little;
    let machine = header.e_machine(endian);
    let architecture = architecture(machine, header.is_class_64(), little)
        .ok_or_else(|| format!("an ELF executable for machine {machine}"))?;
    let os = match header.e_ident().os_abi {
        elf::ELFOSABI_FREEBSD => "freebsd",
        elf::ELFOSABI_NETBSD => "netbsd",
        elf::ELFOSABI_OPENBSD => "openbsd",
        elf::ELFOSABI_SYSV | elf::ELFOSABI_LINUX => "linux",
        other => return Err(format!("an ELF executable for the system {other}")),
    };
    Ok(Platform { architecture: architecture.to_owned(), os: os.to_owned(), variant: None })
}

/// Go's name for a machine (`e_machine`), as image configurations have it.
const fn architecture(machine: u16, is_64: bool, little: bool) -> Option<&'static str> {
    Some(match (machine, is_64, little) {
        (elf::EM_386, false, true) => "386",
        (elf::EM_X86_64, true, true) => "amd64",
        (elf::EM_ARM, false, true) => "arm",
        (elf::EM_AARCH64, true, true) => "arm64",
        (elf::EM_LOONGARCH, true, true) => "loong64",
        (elf::EM_MIPS, false, false) => "mips",
        (elf::EM_MIPS, false, true) => "mipsle",
        (elf::EM_MIPS, true, false) => "mips64",
        (elf::EM_MIPS, true, true) => "mips64le",
        (elf::EM_PPC64, true, false) => "ppc64",
        (elf::EM_PPC64, true, true) => "ppc64le",
        (elf::EM_RISCV, true, true) => "riscv64",
        (elf::EM_S390, true, false) => "s390x",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A header of 64 bytes, with nothing after it.
    fn header(class: u8, order: u8, abi: u8, machine: u16) -> Vec<u8> {
        let half = |it: u16| if order == 1 { it.to_le_bytes() } else { it.to_be_bytes() };
        let mut bytes = vec![0x7f, b'E', b'L', b'F', class, order, 1, abi];
        bytes.resize(16, 0);
        bytes.extend(half(elf::ET_DYN));
        bytes.extend(half(machine));
        bytes.extend(if order == 1 { [1, 0, 0, 0] } else { [0, 0, 0, 1] });
        bytes.resize(HEADER_BYTES, 0);
        bytes
    }

    #[test]
    fn names_platforms_as_go_does() {
        let cases = [
            (header(2, 1, 0, elf::EM_X86_64), "linux/amd64"),
            (header(2, 1, 3, elf::EM_AARCH64), "linux/arm64"),
            (header(1, 1, 0, elf::EM_ARM), "linux/arm"),
            (header(2, 2, 0, elf::EM_S390), "linux/s390x"),
            (header(2, 1, 0, elf::EM_PPC64), "linux/ppc64le"),
            (header(2, 1, 0, elf::EM_RISCV), "linux/riscv64"),
            (header(2, 1, 9, elf::EM_X86_64), "freebsd/amd64"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(platform(&bytes).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn says_what_it_found_instead() {
        let mut object = header(2, 1, 0, elf::EM_X86_64);
        object[16] = 1;
        let cases = [
            (&b"#!/bin/sh\n"[..], "a script"),
            (b"", "an empty file"),
            (b"text text text text text", "no executable"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "a broken ELF header"),
            (&object, "of type 1"),
            (&header(2, 1, 0, 0xFACE), "machine 64206"),
            (&header(2, 1, 99, elf::EM_X86_64), "the system 99"),
        ];
        for (bytes, expected) in cases {
            let found = platform(bytes).unwrap_err();
            assert!(found.contains(expected), "{found}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80), elf in any::<bool>()) {
            let start = if elf { &b"\x7fELF\x02\x01\x01\0"[..] } else { b"" };
            drop(platform(&[start, &bytes].concat()));
        }
    }
}
