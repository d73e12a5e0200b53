//! What catalogers find in files made for tests.

use super::{Cataloger, FileBytes};
use crate::record::Findings;

/// Where [`elf`] is loaded.
pub(super) const BASE: u64 = 0x40_0000;
/// Where the first section of [`elf`] lies in the file.
pub(super) const FIRST: usize = 128;

/// What a cataloger finds in a file with these bytes.
pub(super) fn found(cataloger: &dyn Cataloger, bytes: &[u8]) -> Findings {
    let mut findings = Findings::default();
    cataloger.read(b"", FileBytes::Memory(bytes), &mut findings);
    findings
}

/// A 64-bit little-endian ELF file whose one segment, readable and writable, is all of it.
pub(super) fn elf(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = vec![0; FIRST];
    let mut names = vec![0];
    let mut headers = vec![[0; 64]];
    for (name, content) in sections {
        headers.push(section(names.len(), 1, file.len(), content.len()));
        names.extend_from_slice(name.as_bytes());
        names.push(0);
        file.extend_from_slice(content);
        file.resize(file.len().next_multiple_of(16), 0);
    }
    let at = names.len();
    names.extend_from_slice(b".shstrtab\0");
    headers.push(section(at, 3, file.len(), names.len()));
    file.extend_from_slice(&names);
    file.resize(file.len().next_multiple_of(16), 0);
    let table = file.len();
    file.extend(headers.iter().flatten());
    let all = file.len();
    file[..64].copy_from_slice(&file_header(table, headers.len()));
    file[64..120].copy_from_slice(&segment(all));
    file
}

fn file_header(table: usize, sections: usize) -> [u8; 64] {
    let mut header = [0; 64];
    header[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    put(&mut header, 16, &2u16.to_le_bytes());
    put(&mut header, 18, &62u16.to_le_bytes());
    put(&mut header, 20, &1u32.to_le_bytes());
    put(&mut header, 32, &64u64.to_le_bytes());
    put(&mut header, 40, &(table as u64).to_le_bytes());
    for (at, value) in [(52, 64), (54, 56), (56, 1), (58, 64)] {
        put(&mut header, at, &u16::to_le_bytes(value));
    }
    put(&mut header, 60, &u16::try_from(sections).unwrap().to_le_bytes());
    put(&mut header, 62, &u16::try_from(sections - 1).unwrap().to_le_bytes());
    header
}

fn segment(size: usize) -> [u8; 56] {
    let mut header = [0; 56];
    put(&mut header, 0, &1u32.to_le_bytes());
    put(&mut header, 4, &6u32.to_le_bytes());
    put(&mut header, 16, &BASE.to_le_bytes());
    put(&mut header, 32, &(size as u64).to_le_bytes());
    put(&mut header, 40, &(size as u64).to_le_bytes());
    header
}

fn section(name: usize, kind: u32, offset: usize, size: usize) -> [u8; 64] {
    let mut header = [0; 64];
    put(&mut header, 0, &u32::try_from(name).unwrap().to_le_bytes());
    put(&mut header, 4, &kind.to_le_bytes());
    put(&mut header, 24, &(offset as u64).to_le_bytes());
    put(&mut header, 32, &(size as u64).to_le_bytes());
    header
}

fn put(to: &mut [u8], at: usize, bytes: &[u8]) {
    to[at..at + bytes.len()].copy_from_slice(bytes);
}
