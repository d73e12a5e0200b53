//! dpkg: `var/lib/dpkg/status`, and the one file a package of distroless images.

use boltseal_core::Ecosystem;

use super::stanza::{Stanza, stanzas};
use super::{Cataloger, FileBytes, FileHead, Role};
use crate::record::{Findings, Installed};

/// Reads what dpkg has installed (deb-control(5), dpkg(1) "Package states").
pub(super) struct Dpkg;

const FIELDS: [&str; 5] = ["Package", "Status", "Version", "Architecture", "Source"];

impl Cataloger for Dpkg {
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        let in_directory = file.path.strip_prefix(b"var/lib/dpkg/status.d/");
        let is_record =
            in_directory.is_some_and(|name| !name.contains(&b'/') && !name.ends_with(b".md5sums"));
        (is_record || file.path == b"var/lib/dpkg/status").then_some(Role::Record)
    }

    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        let text = String::from_utf8_lossy(bytes.all());
        for stanza in stanzas(&text, &FIELDS) {
            read_stanza(&stanza, findings);
        }
    }

    fn databases(&self) -> &'static [&'static [u8]] {
        &[b"var/lib/dpkg/status", b"var/lib/dpkg/status.d/any"]
    }
}

fn read_stanza(stanza: &Stanza<'_>, findings: &mut Findings) {
    let name = stanza.field("Package").unwrap_or_default();
    if let Some(line) = stanza.broken {
        findings.problem(format!("a line of package {name:?} is no field: {line:?}"));
    }
    match stanza.field("Status").map(is_there) {
        Some(Some(false)) => return,
        // Files in status.d have no status: they are there because the package is.
        None | Some(Some(true)) => {}
        Some(None) => findings.problem(format!("package {name:?} has a status nobody knows")),
    }
    let version = stanza.field("Version").unwrap_or_default();
    if name.is_empty() || version.is_empty() {
        findings.problem(format!("package {name:?} has version {version:?}"));
        return;
    }
    findings.add(Installed {
        architecture: stanza.field("Architecture").map(str::to_owned),
        source: Some(source(stanza, name, version)),
        ..Installed::new(Ecosystem::Deb, name, version)
    });
}

/// Whether a package with this `Status` has its files on the disk; `None` for a state that dpkg
/// does not have. One that is held back, or whose set-up waits, is there all the same.
fn is_there(status: &str) -> Option<bool> {
    match status.split_ascii_whitespace().nth(2)? {
        "installed" | "triggers-pending" | "triggers-awaited" | "half-configured" | "unpacked" => {
            Some(true)
        }
        "not-installed" | "config-files" | "half-installed" => Some(false),
        _ => None,
    }
}

/// `Source: NAME (VERSION)`; what it leaves out is that of the package itself.
fn source(stanza: &Stanza<'_>, name: &str, version: &str) -> (String, String) {
    let source = stanza.field("Source").unwrap_or(name);
    let (source, of_source) = source.split_once('(').unwrap_or((source, version));
    let of_source = of_source.trim_end_matches(')').trim();
    (source.trim().to_owned(), of_source.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::found;
    use proptest::prelude::*;

    fn read(text: &str) -> Findings {
        found(&Dpkg, text.as_bytes())
    }

    #[test]
    fn reads_name_version_architecture_and_source() {
        let found = read(
            "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\n\
             Source: openssl\nVersion: 3.0.16-1~deb12u1\nDescription: TLS\n and more: text\n .\n\n\
             Package: login\nStatus: install ok installed\nArchitecture: amd64\n\
             Source: shadow (1:4.13+dfsg1-1)\nVersion: 1:4.13+dfsg1-1+b1\n",
        );
        assert_eq!(found.problems, Vec::<String>::new());
        let [ssl, login] = &found.packages[..] else { panic!("{found:?}") };
        assert_eq!((&*ssl.name, &*ssl.version), ("libssl3", "3.0.16-1~deb12u1"));
        assert_eq!(ssl.architecture.as_deref(), Some("amd64"));
        assert_eq!(ssl.source, Some(("openssl".into(), "3.0.16-1~deb12u1".into())));
        assert_eq!(login.source, Some(("shadow".into(), "1:4.13+dfsg1-1".into())));
    }

    #[test]
    fn takes_what_is_on_the_disk() {
        for (status, there) in [
            ("install ok installed", true),
            ("hold ok installed", true),
            ("install ok unpacked", true),
            ("install ok triggers-awaited", true),
            ("deinstall ok config-files", false),
            ("purge ok not-installed", false),
            ("install reinstreq half-installed", false),
        ] {
            let found = read(&format!("Package: a\nStatus: {status}\nVersion: 1\n"));
            assert_eq!(found.packages.len(), usize::from(there), "{status}");
            assert!(found.problems.is_empty(), "{status}");
        }
    }

    #[test]
    fn a_broken_stanza_is_a_problem_and_the_others_are_read() {
        let found = read(
            "Package: a\nVersion: 1\n\nPackage: b\n\nno colon here\nPackage: c\nVersion: 2\n\n\
             Package: d\nStatus: install ok odd\nVersion: 3\n",
        );
        let names: Vec<_> = found.packages.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["a", "c", "d"]);
        assert_eq!(found.problems.len(), 3, "{:?}", found.problems);
    }

    #[test]
    fn wants_status_files_only() {
        let wants = |path: &str| Dpkg.wants(&FileHead::named(path.as_bytes())).is_some();
        assert!(wants("var/lib/dpkg/status") && wants("var/lib/dpkg/status.d/base-files"));
        for other in [
            "var/lib/dpkg/status-old",
            "var/lib/dpkg/status.d/base-files.md5sums",
            "var/lib/dpkg/status.d/a/b",
            "srv/var/lib/dpkg/status",
        ] {
            assert!(!wants(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            Dpkg.read(b"", FileBytes::Memory(&bytes), &mut Findings::default());
        }

        #[test]
        fn never_panics_on_near_misses(text in "(Package|Status|Version|Source|: |\n|a|\\(|\\)| ){0,40}") {
            read(&text);
        }
    }
}
