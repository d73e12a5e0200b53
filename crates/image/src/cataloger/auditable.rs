//! Rust: the list of crates that `cargo auditable` leaves in a program.

use std::io::Read as _;

use boltseal_core::Ecosystem;
use serde::Deserialize;

use super::program::Program;
use crate::record::{Findings, Installed};

/// Bytes that the list may inflate to, as the format's own readers have it.
const MAX_LIST: u64 = 8 * 1024 * 1024;

/// Lists the crates in the section `.dep-v0`: JSON, compressed with zlib. Those that were needed
/// only to build are not in the program.
pub(super) fn read(program: &Program<'_>, findings: &mut Findings) {
    let Some(section) = program.section(".dep-v0") else { return };
    match list(section) {
        Ok(list) => {
            let kept = list.packages.iter().filter(|it| it.kind.as_deref() != Some("build"));
            let crates = kept.map(|it| Installed::new(Ecosystem::Cargo, &it.name, &it.version));
            findings.extend(crates);
        }
        Err(problem) => findings.problem(format!("a list of crates that is {problem}")),
    }
}

fn list(section: &[u8]) -> Result<List, String> {
    let mut json = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(section).take(MAX_LIST + 1);
    decoder.read_to_end(&mut json).map_err(|error| format!("not zlib data: {error}"))?;
    if json.len() as u64 > MAX_LIST {
        return Err(format!("longer than {MAX_LIST} bytes"));
    }
    serde_json::from_slice(&json).map_err(|error| format!("not of its form: {error}"))
}

#[derive(Deserialize)]
struct List {
    packages: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    version: String,
    kind: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::cataloger::executable::Executables;
    use crate::cataloger::fixture::{elf, found};
    use proptest::prelude::*;

    const LIST: &str = r#"{"packages":[
        {"name":"app","version":"0.1.0","source":"local","root":true,"dependencies":[2]},
        {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},
        {"name":"libc","version":"0.2.1","source":"crates.io"}]}"#;

    fn program(json: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(json).unwrap();
        elf(&[(".dep-v0", &encoder.finish().unwrap())])
    }

    fn read_file(file: &[u8]) -> Findings {
        found(&Executables, file)
    }

    #[test]
    fn lists_what_the_formats_own_reader_lists() {
        let file = program(LIST.as_bytes());
        let theirs = auditable_info::audit_info_from_slice(&file, 1 << 20).unwrap();
        let built = theirs.packages.iter().filter(|it| it.name != "cc");
        let theirs: Vec<_> = built.map(|it| (it.name.clone(), it.version.to_string())).collect();
        let ours = read_file(&file).packages.into_iter().map(|it| (it.name, it.version));
        assert_eq!(ours.collect::<Vec<_>>(), theirs);
        assert_eq!(theirs.len(), 2);
    }

    #[test]
    fn what_is_no_list_is_a_problem() {
        let long = vec![b' '; usize::try_from(MAX_LIST).unwrap() + 1];
        for (file, problem) in [
            (elf(&[(".dep-v0", b"junk")]), "not zlib data"),
            (program(b"{}"), "not of its form"),
            (program(&long), "longer than 8388608 bytes"),
        ] {
            let found = read_file(&file);
            assert!(found.packages.is_empty());
            assert!(found.problems[0].contains(problem), "{:?}", found.problems);
        }
        assert!(read_file(&elf(&[])).is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(section in proptest::collection::vec(any::<u8>(), 0..100)) {
            read_file(&elf(&[(".dep-v0", &section)]));
            read_file(&program(&section));
        }
    }
}
