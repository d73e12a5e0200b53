//! Go: the build information that the linker leaves in a program.

use boltseal_core::Ecosystem;

use super::program::Program;
use crate::record::{Findings, Installed};

/// What the build information begins with (Go's `debug/buildinfo`), at a multiple of 16 bytes.
const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
const ALIGNMENT: usize = 16;
/// Bytes of writable data that are searched where no section is set aside.
const SEARCHED: usize = 1024 * 1024;

/// Lists the main module, the modules it was linked from, and the standard library.
pub(super) fn read(program: &Program<'_>, findings: &mut Findings) {
    let section = program.section(".go.buildinfo").or(program.section("__go_buildinfo"));
    let Some(info) = section.or(program.writable_data()).and_then(find) else { return };
    match strings(program, info) {
        Some((version, modules)) => {
            findings.add(standard_library(&version));
            read_modules(&modules, findings);
        }
        None => findings.problem("Go build information that is malformed"),
    }
}

/// The build information in `data`, from its magic to the end.
fn find(data: &[u8]) -> Option<&[u8]> {
    let searched = data.len().min(SEARCHED);
    let at = (0..searched).step_by(ALIGNMENT).find(|at| data[*at..].starts_with(MAGIC))?;
    Some(&data[at..])
}

/// Go's version and the list of modules.
fn strings(program: &Program<'_>, info: &[u8]) -> Option<(String, String)> {
    let flags = *info.get(15)?;
    let (version, modules) = if flags & 2 == 0 {
        let pointers = Pointers { program, size: *info.get(14)?, is_big_endian: flags & 1 != 0 };
        let at = |nth| pointers.nth(info.get(16..)?, nth);
        (pointers.string(at(0)?)?, pointers.string(at(1)?).unwrap_or_default())
    } else {
        let (version, rest) = counted(info.get(32..)?)?;
        (version, counted(rest)?.0)
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (!version.is_empty()).then(|| (text(version), text(without_guards(modules))))
}

/// Since Go 1.18: the length as a varint, then the bytes.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0usize;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(u32::try_from(at * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return bytes[at + 1..].split_at_checked(length);
        }
    }
    None
}

/// Before Go 1.18: addresses of Go strings, which are an address and a length each.
struct Pointers<'p, 'a> {
    program: &'p Program<'a>,
    size: u8,
    is_big_endian: bool,
}

impl<'a> Pointers<'_, 'a> {
    fn nth(&self, bytes: &[u8], nth: usize) -> Option<u64> {
        let size = usize::from(self.size);
        if size != 4 && size != 8 {
            return None;
        }
        let bytes = bytes.get(nth * size..)?.get(..size)?;
        let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.is_big_endian {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        })
    }

    fn string(&self, address: u64) -> Option<&'a [u8]> {
        let header = self.program.at_address(address, u64::from(self.size) * 2)?;
        let (data, length) = (self.nth(header, 0)?, self.nth(header, 1)?);
        let bytes = self.program.at_address(data, length)?;
        (bytes.len() as u64 == length).then_some(bytes)
    }
}

/// The linker wraps the list in 16 bytes on either side.
fn without_guards(modules: &[u8]) -> &[u8] {
    match modules.len().checked_sub(17) {
        Some(last) if last >= 16 && modules[last] == b'\n' => &modules[16..=last],
        _ => modules,
    }
}

/// `go1.22.3 X:experiments` is the standard library 1.22.3.
fn standard_library(version: &str) -> Installed {
    let first = version.split(' ').next().unwrap_or_default();
    let version = first.strip_prefix("go").unwrap_or(version);
    Installed::new(Ecosystem::Golang, "stdlib", version)
}

/// Lines of `mod`, `dep` and `=>`, each with path, version and sum, parted by tabs.
fn read_modules(lines: &str, findings: &mut Findings) {
    let mut module: Option<Installed> = None;
    for line in lines.lines() {
        let mut fields = line.split('\t');
        let kind = fields.next().unwrap_or_default();
        let path = fields.next().unwrap_or_default();
        let version = fields.next().unwrap_or_default();
        match kind {
            "mod" | "dep" if path.is_empty() => findings.problem("a Go module without a path"),
            "mod" | "dep" => {
                let next = Installed::new(Ecosystem::Golang, path, version);
                findings.extend(module.replace(next));
            }
            "=>" => match &mut module {
                Some(module) => replace(module, path, version),
                None => findings.problem("a Go module that replaces none"),
            },
            _ => {}
        }
    }
    findings.extend(module);
}

/// Puts another module in the place of `module`. One without a version is a directory of the
/// build machine: what is known of it is still the module that it stands in for.
fn replace(module: &mut Installed, path: &str, version: &str) {
    if !path.starts_with(['.', '/']) && !version.is_empty() {
        path.clone_into(&mut module.name);
        version.clone_into(&mut module.version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::executable::Executables;
    use crate::cataloger::fixture::{BASE, FIRST, elf, found};
    use proptest::prelude::*;

    const MODULES: &str = "path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\n\
        dep\tgolang.org/x/net\tv0.1.0\th1:a=\ndep\texample.com/old\tv1.0.0\n\
        =>\texample.com/new\tv2.0.0\th1:b=\ndep\texample.com/local\tv3.0.0\n=>\t./local\t\t\n\
        build\t-compiler=gc\n";

    fn guarded() -> Vec<u8> {
        [&[7; 16], MODULES.as_bytes(), &[8; 16]].concat()
    }

    /// `\xff Go buildinf:`, the size of a pointer, flags, padded to 32 bytes.
    fn start(flags: u8) -> Vec<u8> {
        let mut info = [MAGIC.as_slice(), &[8, flags]].concat();
        info.resize(32, 0);
        info
    }

    fn inline(version: &str, modules: &[u8]) -> Vec<u8> {
        let mut info = start(2);
        for text in [version.as_bytes(), modules] {
            let length = u8::try_from(text.len() % 128).unwrap() | 0x80;
            info.extend_from_slice(&[length, u8::try_from(text.len() / 128).unwrap()]);
            info.extend_from_slice(text);
        }
        info
    }

    /// Two strings, and before them the addresses of their headers.
    fn pointed(version: &str, modules: &[u8]) -> Vec<u8> {
        let address = |at: usize| (BASE + (FIRST + at) as u64).to_le_bytes();
        let length = |text: &[u8]| (text.len() as u64).to_le_bytes();
        let mut info = start(0);
        info[16..24].copy_from_slice(&address(32));
        info[24..32].copy_from_slice(&address(48));
        info.extend([address(64), length(version.as_bytes())].concat());
        info.extend([address(64 + version.len()), length(modules)].concat());
        info.extend_from_slice(version.as_bytes());
        info.extend_from_slice(modules);
        info
    }

    fn read_file(file: &[u8]) -> Findings {
        found(&Executables, file)
    }

    #[test]
    fn reads_both_forms_with_and_without_a_section() {
        for info in [inline("go1.22.3", &guarded()), pointed("go1.12.1", &guarded())] {
            for name in [".go.buildinfo", ".data"] {
                let found = read_file(&elf(&[(name, &info)]));
                assert!(found.problems.is_empty(), "{:?}", found.problems);
                let packages: Vec<_> =
                    found.packages.iter().map(|it| (&*it.name, &*it.version)).collect();
                assert!(matches!(packages[0], ("stdlib", "1.22.3" | "1.12.1")));
                assert_eq!(
                    packages[1..],
                    [
                        ("example.com/app", "(devel)"),
                        ("golang.org/x/net", "v0.1.0"),
                        ("example.com/new", "v2.0.0"),
                        ("example.com/local", "v3.0.0"),
                    ]
                );
            }
        }
    }

    #[test]
    fn without_modules_there_is_the_standard_library() {
        let found = read_file(&elf(&[(".go.buildinfo", &inline("devel go1.23-abc X:a", b""))]));
        assert_eq!(found.packages[0].version, "devel go1.23-abc X:a");
        assert_eq!((found.packages.len(), found.problems.len()), (1, 0));
    }

    #[test]
    fn a_cut_one_is_a_problem_and_another_program_is_none() {
        for cut in [start(2), start(0), inline("", b""), inline("go1", b"mod")[..38].to_vec()] {
            let found = read_file(&elf(&[(".go.buildinfo", &cut)]));
            assert_eq!(found.problems, ["Go build information that is malformed"]);
        }
        assert!(read_file(&elf(&[(".text", b"code")])).is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(info in proptest::collection::vec(any::<u8>(), 0..100), flags in 0u8..4) {
            read_file(&elf(&[(".go.buildinfo", &[start(flags), info].concat())]));
        }

        #[test]
        fn never_panics_on_damaged_programs(at in 0usize..2000, byte: u8) {
            let mut file = elf(&[(".go.buildinfo", &pointed("go1.12.1", &guarded()))]);
            let at = at % file.len();
            file[at] = byte;
            read_file(&file);
            read_file(&file[..at]);
        }

        #[test]
        fn never_panics_on_modules(text in "(mod|dep|=>|\t|\n|v1|\\.|/){0,30}") {
            read_modules(&text, &mut Findings::default());
        }
    }
}
