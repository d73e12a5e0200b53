//! A Go module whose one program is a peer.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::step::Step;
use crate::tool;

/// Builds the module's `tool`, or the program in the folder itself, into the scratch folder.
pub(super) fn build(folder: &Path, scratch: &Path) -> Result<PathBuf, Failure> {
    if tool::on_path("go").is_none() {
        return Err(Failure::Missing {
            tool: "go".to_owned(),
            purpose: format!("{} is built from a Go module", folder.display()),
            how: "install Go 1.26 or newer, or run `cargo xtask test hermetic` instead".to_owned(),
        });
    }
    let program = scratch.join("program");
    // Some programs know their own version only by this variable.
    let flags = format!("-ldflags=-s -w -X main.version={}", version(folder)?);
    let package = package(&pins(folder)?).unwrap_or(".").to_owned();
    Step::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-buildvcs=false", &flags, "-o"])
        .args([program.as_os_str()])
        .args([package])
        .env("CGO_ENABLED", "0")
        .folder(folder)
        .run()?;
    Ok(program)
}

/// The pinned version of the module that the program comes from.
pub(super) fn version(folder: &Path) -> Result<String, Failure> {
    let pins = pins(folder)?;
    pinned(&pins).map(str::to_owned).ok_or_else(|| Failure::Malformed {
        path: folder.join("go.mod"),
        why: "expected a requirement that holds the tool's package, found none".to_owned(),
    })
}

fn pins(folder: &Path) -> Result<String, Failure> {
    let file = folder.join("go.mod");
    fs::read_to_string(&file).map_err(Failure::file("read", file))
}

/// The package that the `tool` line names.
fn package(pins: &str) -> Option<&str> {
    pins.lines().find_map(|line| line.strip_prefix("tool "))
}

/// The version of the longest required module path that holds the package; of the first
/// requirement where there is no `tool` line.
fn pinned(pins: &str) -> Option<&str> {
    let mut required = pins.lines().filter_map(|line| {
        let line = line.strip_prefix("require ").unwrap_or(line).trim_start();
        let (path, rest) = line.split_once(' ')?;
        let version = rest.split(' ').next()?;
        version.starts_with('v').then_some((path, version))
    });
    let Some(package) = package(pins) else {
        return required.next().map(|(_, version)| version);
    };
    let holds = |path: &str| {
        package.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    required
        .filter(|(path, _)| holds(path))
        .max_by_key(|(path, _)| path.len())
        .map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_module_which_holds_the_tool() {
        let pins = "module m\n\ngo 1.26\n\ntool example.test/a/v2/cmd/a\n\nrequire (\n\
                    \texample.test/a v1.0.0 // indirect\n\texample.test/a/v2 v2.5.1 // indirect\n\
                    \texample.test/a/v2/cmd/ab v9.0.0\n)\n";
        assert_eq!(package(pins), Some("example.test/a/v2/cmd/a"));
        assert_eq!(pinned(pins), Some("v2.5.1"));
    }

    #[test]
    fn without_a_tool_the_first_requirement_counts() {
        let pins = "module m\n\ngo 1.26\n\nrequire example.test/a v1.0.0\n\nrequire (\n\tb.test v2.0.0\n)\n";
        assert_eq!(package(pins), None);
        assert_eq!(pinned(pins), Some("v1.0.0"));
        assert_eq!(pinned("module m\n\ntool example.test/a\n"), None);
    }
}
