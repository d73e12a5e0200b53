//! npm: the `package.json` of what is installed in a `node_modules` directory.

use boltseal_core::Ecosystem;
use serde_json::Value;

use super::{Cataloger, FileBytes, FileHead, Role};
use crate::path;
use crate::record::{Findings, Installed};

/// Reads installed Node.js packages, nested ones as well.
pub(super) struct Npm;

/// Bytes in a file that is parsed: JSON takes many times its length in memory.
const MAX_FILE: usize = 1024 * 1024;

impl Cataloger for Npm {
    /// `node_modules/NAME/package.json` or `node_modules/@SCOPE/NAME/package.json`: deeper ones
    /// are parts of a package, often test data.
    fn wants(&self, file: &FileHead<'_>) -> Option<Role> {
        if file.name() != b"package.json" || file.directory_name().starts_with(b".") {
            return None;
        }
        let package = path::parent(file.path);
        let above = path::parent(package);
        let modules = if path::name(above).starts_with(b"@") { path::parent(above) } else { above };
        (path::name(modules) == b"node_modules").then_some(Role::Record)
    }

    fn read(&self, _: &[u8], bytes: FileBytes<'_>, findings: &mut Findings) {
        let text = bytes.all();
        if text.len() > MAX_FILE {
            findings.problem(format!("not read: {} bytes, over {MAX_FILE}", text.len()));
            return;
        }
        // Node.js passes over a byte order mark.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        match serde_json::from_slice::<Value>(text) {
            Ok(package) => findings.extend(installed(&package)),
            Err(error) => findings.problem(format!("no JSON: {error}")),
        }
    }
}

/// A package has a name and a version; a `package.json` without is only a setting.
fn installed(package: &Value) -> Option<Installed> {
    let text = |key: &str| package[key].as_str().filter(|text| !text.is_empty());
    let (name, version) = (text("name")?, text("version")?);
    Some(Installed { licence: licence(package), ..Installed::new(Ecosystem::Npm, name, version) })
}

/// `license` as text, or in the older forms of an object or a list of them.
fn licence(package: &Value) -> Option<String> {
    let of = |value: &Value| value.as_str().or(value["type"].as_str()).map(str::to_owned);
    let listed = || {
        let list = package["licenses"].as_array()?;
        let names: Vec<String> = list.iter().filter_map(of).collect();
        (!names.is_empty()).then(|| names.join(" OR "))
    };
    of(&package["license"]).or_else(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cataloger::fixture::found;
    use proptest::prelude::*;

    fn read(text: &str) -> Findings {
        found(&Npm, text.as_bytes())
    }

    #[test]
    fn wants_direct_children_of_node_modules() {
        let wants = |path: &str| Npm.wants(&FileHead::named(path.as_bytes())).is_some();
        for path in [
            "app/node_modules/a/package.json",
            "node_modules/@s/a/package.json",
            "app/node_modules/a/node_modules/b/package.json",
            "app/node_modules/.pnpm/a@1/node_modules/a/package.json",
        ] {
            assert!(wants(path), "{path}");
        }
        for path in [
            "app/package.json",
            "app/node_modules/package.json",
            "app/node_modules/a/lib/package.json",
            "app/node_modules/.cache/package.json",
            "app/node_modules/a/index.js",
            "package.json",
        ] {
            assert!(!wants(path), "{path}");
        }
    }

    #[test]
    fn reads_name_version_and_every_form_of_licence() {
        for (licence, expected) in [
            (r#""license":"MIT""#, Some("MIT")),
            (r#""license":{"type":"ISC","url":"u"}"#, Some("ISC")),
            (r#""licenses":[{"type":"MIT"},{"type":"X11"}]"#, Some("MIT OR X11")),
            (r#""private":true"#, None),
        ] {
            let text = format!("\u{feff}{{\"name\":\"@s/a\",\"version\":\"1.0.0\",{licence}}}");
            let found = read(&text);
            assert_eq!(found.packages[0].name, "@s/a");
            assert_eq!(found.packages[0].licence.as_deref(), expected, "{licence}");
        }
    }

    #[test]
    fn tells_settings_from_broken_files() {
        for setting in [r#"{"type":"module"}"#, r#"{"name":"a"}"#, "[]", r#"{"name":1}"#] {
            assert!(read(setting).is_empty(), "{setting}");
        }
        assert_eq!(read("{").problems.len(), 1);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            Npm.read(b"", FileBytes::Memory(&bytes), &mut Findings::default());
        }

        #[test]
        fn never_panics_on_near_misses(
            text in "(\\{|\\}|\\[|\\]|,|:|\"name\"|\"version\"|\"license\"|\"type\"|1|null){0,20}"
        ) {
            read(&text);
        }
    }
}
