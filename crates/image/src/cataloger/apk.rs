//! apk: `lib/apk/db/installed`.

use boltseal_core::Ecosystem;

use super::stanza::{Stanza, stanzas};
use super::{Cataloger, FileBytes, FileHead, Role};
use crate::record::{Findings, Installed};

/// Reads what apk has installed (apk-v2(5), "installed database").
pub(super) struct Apk;

/// Package, version, architecture, origin, licence.
const FIELDS: [&str; 5] = ["P", "V", "A", "o", "L"];

impl Cataloger for Apk {
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        let is_record = matches!(file.path, b"lib/apk/db/installed" | b"usr/lib/apk/db/installed");
        is_record.then_some(Role::Record)
    }

    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        let text = String::from_utf8_lossy(bytes.all());
        for stanza in stanzas(&text, &FIELDS) {
            read_stanza(&stanza, findings);
        }
    }

    fn databases(&self) -> &'static [&'static [u8]] {
        &[b"lib/apk/db/installed", b"usr/lib/apk/db/installed"]
    }
}

fn read_stanza(stanza: &Stanza<'_>, findings: &mut Findings) {
    let name = stanza.exact("P").unwrap_or_default();
    let version = stanza.exact("V").unwrap_or_default();
    if let Some(line) = stanza.broken {
        findings.problem(format!("a line of package {name:?} is no field: {line:?}"));
    }
    if name.is_empty() || version.is_empty() {
        findings.problem(format!("package {name:?} has version {version:?}"));
        return;
    }
    let origin = stanza.exact("o").filter(|origin| !origin.is_empty());
    findings.add(Installed {
        architecture: stanza.exact("A").map(str::to_owned),
        source: origin.map(|origin| (origin.to_owned(), version.to_owned())),
        licence: stanza.exact("L").map(str::to_owned),
        ..Installed::new(Ecosystem::Apk, name, version)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::found;
    use proptest::prelude::*;

    fn read(text: &str) -> Findings {
        found(&Apk, text.as_bytes())
    }

    #[test]
    fn reads_packages_and_their_origin() {
        let found = read(
            "C:Q1abc=\nP:libssl3\nV:3.1.1-r1\nA:x86_64\nL:Apache-2.0\no:openssl\nF:lib\nR:a\n\
             a:0:0:755\n\nP:busybox\nV:1.36\n\nP:broken\n\n",
        );
        let [ssl, busybox] = &found.packages[..] else { panic!("{found:?}") };
        assert_eq!((&*ssl.name, &*ssl.version), ("libssl3", "3.1.1-r1"));
        assert_eq!(ssl.architecture.as_deref(), Some("x86_64"));
        assert_eq!(ssl.licence.as_deref(), Some("Apache-2.0"));
        assert_eq!(ssl.source, Some(("openssl".into(), "3.1.1-r1".into())));
        assert_eq!((busybox.source.clone(), busybox.architecture.clone()), (None, None));
        assert_eq!(found.problems, ["package \"broken\" has version \"\""]);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            Apk.read(b"", FileBytes::Memory(&bytes), &mut Findings::default());
        }

        #[test]
        fn never_panics_on_near_misses(text in "(P|V|A|o|:|\n|a| ){0,40}") {
            read(&text);
        }
    }
}
