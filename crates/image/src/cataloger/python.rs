//! Python: the metadata of installed distributions.

use boltseal_core::Ecosystem;

use super::stanza::{Stanza, stanzas};
use super::{Cataloger, FileBytes, FileHead, Role};
use crate::record::{Findings, Installed};

/// Reads wheels' `*.dist-info/METADATA` and the older `*.egg-info` (core metadata
/// specifications, <https://packaging.python.org/specifications/core-metadata/>).
pub(super) struct Python;

/// A longer text in the field `License` is the licence itself and not its name.
const MAX_LICENCE_NAME: usize = 120;

const FIELDS: [&str; 5] = ["Name", "Version", "License", "License-Expression", "Classifier"];

impl Cataloger for Python {
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        let directory = file.directory_name();
        let is_record = match file.name() {
            b"METADATA" => directory.ends_with(b".dist-info"),
            b"PKG-INFO" => directory.ends_with(b".egg-info") || directory == b"EGG-INFO",
            name => name.ends_with(b".egg-info"),
        };
        is_record.then_some(Role::Record)
    }

    /// Only the header counts; the description below it is free text.
    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        let text = String::from_utf8_lossy(bytes.all());
        let header = stanzas(&text, &FIELDS).next().unwrap_or_default();
        let name = header.field("Name").unwrap_or_default();
        let version = header.field("Version").unwrap_or_default();
        if name.is_empty() || version.is_empty() {
            findings.problem(format!("distribution {name:?} has version {version:?}"));
            return;
        }
        findings.add(Installed {
            licence: licence(&header),
            ..Installed::new(Ecosystem::Pypi, name, version)
        });
    }
}

/// The SPDX expression, else the name, else what the classifiers say.
fn licence(header: &Stanza<'_>) -> Option<String> {
    let is_name =
        |text: &&str| !text.is_empty() && *text != "UNKNOWN" && text.len() <= MAX_LICENCE_NAME;
    let classified = || {
        let classifiers = header.fields_named("Classifier");
        let mut licences = classifiers.filter(|text| text.starts_with("License :: "));
        licences.find_map(|text| text.rsplit(" :: ").next())
    };
    let expression = header.field("License-Expression").filter(is_name);
    let name = || header.field("License").filter(is_name);
    expression.or_else(name).or_else(classified).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::found;
    use proptest::prelude::*;

    fn read(text: &str) -> Findings {
        found(&Python, text.as_bytes())
    }

    #[test]
    fn wants_metadata_of_installed_distributions() {
        let wants = |path: &str| Python.wants(&FileHead::named(path.as_bytes())).is_some();
        for path in [
            "usr/lib/python3/site-packages/a-1.dist-info/METADATA",
            "usr/lib/python3/dist-packages/a-1.egg-info/PKG-INFO",
            "usr/lib/python3/dist-packages/a-1.egg-info",
            "usr/lib/a-1.egg/EGG-INFO/PKG-INFO",
        ] {
            assert!(wants(path), "{path}");
        }
        for path in ["METADATA", "a/METADATA", "a/PKG-INFO", "a.dist-info/RECORD"] {
            assert!(!wants(path), "{path}");
        }
    }

    #[test]
    fn reads_the_header_and_not_the_description() {
        let found = read(
            "Metadata-Version: 2.1\nName: Flask\nVersion: 3.0.0\nLicense: UNKNOWN\n\
             Classifier: Framework :: Flask\n\
             Classifier: License :: OSI Approved :: BSD License\n\nName: other\nVersion: 9\n",
        );
        let [flask] = &found.packages[..] else { panic!("{found:?}") };
        assert_eq!((&*flask.name, &*flask.version), ("Flask", "3.0.0"));
        assert_eq!(flask.licence.as_deref(), Some("BSD License"));
    }

    #[test]
    fn prefers_the_expression() {
        let found = read("Name: a\nVersion: 1\nLicense: Free\nLicense-Expression: MIT\n");
        assert_eq!(found.packages[0].licence.as_deref(), Some("MIT"));
        let found = read("Name: a\nVersion: 1\nLicense: Free\n");
        assert_eq!(found.packages[0].licence.as_deref(), Some("Free"));
    }

    #[test]
    fn without_name_or_version_it_is_a_problem() {
        for text in ["", "Name: a\n", "Version: 1\n", "\0\0"] {
            let found = read(text);
            assert!(found.packages.is_empty() && found.problems.len() == 1, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Python.read(b"", FileBytes::Memory(&bytes), &mut Findings::default());
        }

        #[test]
        fn never_panics_on_near_misses(text in "(Name|Version|License|: |\n| |a){0,30}") {
            read(&text);
        }
    }
}
