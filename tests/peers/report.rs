//! Reports beside those who read them: the published schemas of SARIF and `JUnit`, and a browser.

use std::fs;
use std::path::PathBuf;

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::report::Scan;
use serde_json::Value;

use crate::browser::{self, Seen};
use crate::image::write;
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{Released, shown};

/// What would break out, were it not for the escapes.
const HOSTILE: &str = "<img src=http://outside.example/x onerror=console.error(1)>]]>\u{1}&'\"";

/// The reports of one run, in a folder of their own.
struct Reported(tempfile::TempDir);

impl Reported {
    fn of(folder: tempfile::TempDir, code: i32, words: &[&str]) -> Self {
        let file = |kind: &str| format!("{kind}={}", shown(&folder.path().join(kind)));
        let targets = ["sarif", "junit", "html"].map(file);
        let flags = targets.iter().flat_map(|target| ["--report", target]);
        let words: Vec<&str> = words.iter().copied().chain(flags).collect();
        Program::boltseal().run_in(folder.path(), &words).exits(code);
        Self(folder)
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.0.path().join(kind)
    }
}

/// A gate over a report with these findings.
fn gate(findings: &[(&str, Severity)], code: i32, more: &[&str]) -> Reported {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scan = findings.iter().fold(Scan::of(&debian_like()), |scan, (id, severity)| {
        scan.vulnerability(id, "libssl3", *severity)
    });
    fs::write(folder.path().join("scan.json"), scan.grype()).expect("a report");
    write(&folder.path().join("empty.json"), "");
    let before = Scan::of(&debian_like()).vulnerability("CVE-2026-1", "libssl3", Severity::High);
    fs::write(folder.path().join("before.json"), before.grype()).expect("a report");
    Reported::of(folder, code, &[&["gate", "scan.json"], more].concat())
}

/// An empty, a passing, a failing and an undetermined run, and one of hostile text.
fn runs() -> Vec<(&'static str, Reported)> {
    let undetermined = {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = folder.path().join("k").display().to_string();
        Program::boltseal().run(&["keys", "generate", "--output-key-prefix", &key]).passes();
        let key = format!("{key}.pub");
        let words = ["verify", "127.0.0.1:1/a:1", "--key", &key, "--patience", "1"];
        Reported::of(folder, 21, &words)
    };
    vec![
        ("empty", gate(&[], 0, &[])),
        (
            "passing",
            gate(&[("CVE-2026-1", Severity::Low), ("CVE-2026-2", Severity::Unknown)], 0, &[]),
        ),
        ("failing", gate(&[("CVE-2026-1", Severity::Critical)], 10, &[])),
        (
            "compared",
            gate(
                &[("CVE-2026-1", Severity::High), ("CVE-2026-2", Severity::High)],
                10,
                &["--baseline", "before.json"],
            ),
        ),
        ("unread", gate(&[], 20, &["empty.json"])),
        ("undetermined", undetermined),
        ("hostile", gate(&[(HOSTILE, Severity::Critical)], 10, &[])),
    ]
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let schema = fs::read(Program::schema("sarif.json")).expect("a schema");
    let schema: Value = serde_json::from_slice(&schema).expect("a schema is JSON");
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    for (name, reported) in runs() {
        let text = fs::read(reported.path("sarif")).expect("a report");
        let mut document: Value = serde_json::from_slice(&text).expect("SARIF is JSON");
        let complaints = |document: &Value| -> Vec<String> {
            let errors = validator.iter_errors(document);
            errors.map(|it| format!("{}: {it}", it.instance_path())).collect()
        };
        assert_eq!(complaints(&document), Vec::<String>::new(), "{name}");
        document["runs"][0]["tool"]["driver"]["name"] = 1.into();
        assert_ne!(
            complaints(&document),
            Vec::<String>::new(),
            "the schema must be able to refuse"
        );
    }
}

#[test]
fn junit_is_valid_by_both_schemas() {
    for (_, reported) in runs() {
        let path = reported.path("junit");
        for schema in ["junit-ant.xsd", "junit-jenkins.xsd"] {
            let schema = shown(&Program::schema(schema));
            let words = ["--noout", "--nonet", "--schema", &schema, &shown(&path)];
            Program::debian("xmllint").run(&words).passes();
            let text = fs::read_to_string(&path).expect("a report");
            let broken = reported.path("broken");
            write(&broken, &text.replace(" tests=", " texts="));
            let words = ["--noout", "--nonet", "--schema", &schema, &shown(&broken)];
            Program::debian("xmllint").run(&words).refuses("fails to validate");
        }
    }
}

/// A page that does what ours may not is seen to do so: otherwise seeing nothing says nothing.
#[test]
fn the_browser_tells_on_a_page() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = folder.path().join("page.html");
    write(
        &page,
        "<!doctype html><title>x</title><img src=\"http://outside.example/x.png\">\
         <script>console.error('told')</script>",
    );
    let seen = browser::open(&page);
    assert_eq!(seen.requests, ["http://outside.example/x.png"]);
    assert!(seen.console.iter().any(|line| line.contains("told")), "{seen:?}");
}

#[test]
fn a_page_asks_for_nothing_and_has_no_error() {
    for (name, reported) in runs() {
        let seen = browser::open(&page(&reported));
        quiet(&seen, name);
        if name == "hostile" {
            assert!(!seen.dom.contains("<img"), "{}", seen.dom);
        }
        if name == "compared" {
            assert!(seen.dom.contains("<select id=\"since\">"), "{}", seen.dom);
        }
        if name == "passing" {
            // The field is hidden until the script ran: the page's policy lets it run.
            assert!(seen.dom.contains("<p class=\"search\"><label"), "{}", seen.dom);
        }
    }
}

#[test]
fn the_page_of_a_release_is_whole() {
    let registry = Registry::distribution();
    let released = Released::into(&registry, "bundle");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (name, key) = (released.image.name(), released.ours.private());
    let scans = released.image.clean_reports();
    let scans: Vec<&str> = scans.iter().flat_map(|report| ["--scan", report]).collect();
    let words = ["release", &name, "--to", &released.tagged, "--key", &key];
    let reported = Reported::of(folder, 0, &[&words[..], &scans].concat());
    let seen = browser::open(&page(&reported));
    quiet(&seen, "release");
    for part in ["Released", "Evidence", "Provenance", "Steps", &released.release.digest] {
        assert!(seen.dom.contains(part), "no {part}");
    }
}

/// A browser goes by the name of a file.
fn page(reported: &Reported) -> PathBuf {
    let page = reported.path("page.html");
    fs::copy(reported.path("html"), &page).expect("a page");
    page
}

fn quiet(seen: &Seen, name: &str) {
    assert_eq!(seen.console, Vec::<String>::new(), "{name}");
    assert_eq!(seen.requests, Vec::<String>::new(), "{name}");
    assert!(seen.dom.contains("</footer>"), "{name}: {}", seen.dom);
}
