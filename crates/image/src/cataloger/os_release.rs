//! `os-release`: which operating system this is (os-release(5)).

use boltseal_core::OsRelease;

use super::{Cataloger, FileBytes, FileHead, Role};
use crate::record::Findings;

/// Where it may be, the first before the second.
pub(crate) const PATHS: [&[u8]; 2] = [b"etc/os-release", b"usr/lib/os-release"];

/// Reads `os-release`.
pub(super) struct OsReleaseFile;

impl Cataloger for OsReleaseFile {
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        PATHS.contains(&file.path).then_some(Role::Record)
    }

    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        let text = String::from_utf8_lossy(bytes.all());
        let value = |key: &str| text.lines().rev().find_map(|line| assigned(line, key));
        findings.os = Some(OsRelease {
            id: value("ID").unwrap_or_else(|| "linux".to_owned()),
            version_id: value("VERSION_ID").unwrap_or_default(),
            pretty_name: value("PRETTY_NAME").unwrap_or_default(),
        });
    }
}

/// The value of a line `KEY=VALUE`, without the shell's quotes and backslashes.
fn assigned(line: &str, key: &str) -> Option<String> {
    let value = line.trim().strip_prefix(key)?.strip_prefix('=')?;
    let quoted = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(literal) = quoted('\'') {
        return Some(literal.to_owned());
    }
    let mut escaped = false;
    let unescaped = quoted('"').unwrap_or(value).chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    Some(unescaped.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::found;
    use proptest::prelude::*;

    fn read(text: &str) -> OsRelease {
        found(&OsReleaseFile, text.as_bytes()).os.unwrap()
    }

    #[test]
    fn reads_quoted_and_plain_values() {
        let os = read(
            "PRETTY_NAME=\"A \\\"good\\\" \\\\ one\"\n# ID=no\nID=debian\nVERSION_ID='12'\n\
             VERSION_ID_LIKE=7\n",
        );
        assert_eq!((&*os.id, &*os.version_id), ("debian", "12"));
        assert_eq!(os.pretty_name, "A \"good\" \\ one");
    }

    #[test]
    fn the_default_id_is_linux() {
        assert_eq!(read("").id, "linux");
        assert_eq!(read("ID=\"\n").id, "\"");
    }

    proptest! {
        #[test]
        fn never_panics(text in "(ID|VERSION_ID|=|\"|'|\\\\|\n|a){0,40}") {
            read(&text);
        }
    }
}
