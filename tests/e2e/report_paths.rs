//! Where reports go: found out before any work, at every exit but 2 and 130.

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::registry::Options;
use boltseal_testkit::report::Scan;

use crate::harness::{Sandbox, codes};
use crate::release::Place;

fn scanned() -> Sandbox {
    let sandbox = Sandbox::new();
    let scan = Scan::of(&debian_like()).vulnerability("CVE-2026-1", "libssl3", Severity::Critical);
    sandbox.write("scan.json", scan.trivy());
    sandbox
}

#[test]
fn a_path_that_cannot_be_written_is_found_out_before_any_request() {
    let place = Place::new(Options::default());
    for path in ["absent/folder/x.html", "image"] {
        let report = format!("html={path}");
        let more = ["--scan", "scan.json", "--report", &report, "--report", "text=why.txt"];
        let result = place.release("1.0", &more).exits(20).json();
        assert_eq!(codes(&result), ["report-unwritable"]);
        assert_eq!(result["reasons"][0]["where"], path);
        assert!(
            place.sandbox.read("why.txt").contains("report-unwritable"),
            "the others are there"
        );
    }
    assert_eq!((place.server.counts().reads, place.server.counts().writes), (0, 0));
}

#[test]
fn a_flag_that_is_wrong_in_itself_is_usage() {
    let sandbox = scanned();
    for (target, said) in [
        ("pdf=x", "expected a kind of report (annotations, comment, dotenv"),
        ("mark-down=x", "did you mean markdown?"),
        ("html", "expected KIND=FILE"),
        ("html=", "found html= without a file"),
        ("github-outputs=", "$GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY are set only inside a step"),
        ("html=-", "expected KIND=FILE"),
        ("gitlab-cyclonedx=x", "report-kind-unsuitable"),
    ] {
        sandbox.boltseal(&["gate", "scan.json", "--report", target]).exits(2).complains(said);
        assert!(!sandbox.path("x").exists(), "{target}");
    }
    let twice = ["gate", "scan.json", "--report", "html=x", "--report", "text=x"];
    sandbox.boltseal(&twice).exits(2).complains("report-path-taken");
}

#[test]
fn usage_leaves_no_report_behind() {
    let place = Place::new(Options::default());
    place.sandbox.write("old.html", "of an earlier run");
    place.release("1.0", &["--report", "html=old.html"]).exits(2).complains("scan-missing");
    assert!(!place.sandbox.path("old.html").exists());
}

/// Nothing about reports changes the exit code, whatever the format of the result.
#[test]
fn a_failing_run_has_its_reports_and_its_exit_code() {
    let sandbox = scanned();
    for format in ["text", "json"] {
        let words = ["gate", "scan.json", "--format", format, "--report", "sarif=s.sarif"];
        sandbox.boltseal(&words).exits(10);
        assert!(sandbox.read("s.sarif").contains("over-threshold"));
        std::fs::remove_file(sandbox.path("s.sarif")).unwrap();
    }
}

/// The runner's own files belong to the whole step: what is in them stays.
#[test]
fn what_a_runner_gave_is_appended_to() {
    let sandbox = scanned();
    for (variable, kind) in
        [("GITHUB_STEP_SUMMARY", "markdown"), ("GITHUB_OUTPUT", "github-outputs")]
    {
        sandbox.write("runner", "before=1\n");
        let path = sandbox.path("runner").display().to_string();
        let report = format!("{kind}={path}");
        let words = ["gate", "scan.json", "--report", &report];
        sandbox.boltseal_with(&[(variable, &path)], &words).exits(10);
        let text = sandbox.read("runner");
        assert!(text.starts_with("before=1\n") && text.len() > 100, "{variable}: {text}");
        sandbox.boltseal(&words).exits(10);
        assert!(!sandbox.read("runner").contains("before=1"), "any other file is ours");
    }
}

#[test]
fn annotations_can_go_to_the_log() {
    let sandbox = scanned();
    let words = ["gate", "scan.json", "-q", "--output", "r", "--report", "annotations=/dev/stderr"];
    let run = sandbox.boltseal(&words).exits(10);
    assert!(run.stderr.starts_with("::error title=boltseal%3A critical::"), "{}", run.stderr);
}

/// GitLab's job page links to the page of the same run.
#[test]
fn links_lead_to_the_page_among_the_artifacts() {
    let sandbox = scanned();
    let reports = ["--report", "html=out/p.html", "--report", "gitlab-annotations=a.json"];
    sandbox.write("out/.keep", "");
    let words = [&["gate", "scan.json"], &reports[..]].concat();
    let url = ("CI_JOB_URL", "https://gitlab.example.com/a/b/-/jobs/7");
    sandbox.boltseal_with(&[url], &words).exits(10);
    let links = sandbox.read("a.json");
    assert!(links.contains("jobs/7/artifacts/file/out/p.html"), "{links}");
    sandbox.boltseal(&words).exits(10);
    let links: serde_json::Value = serde_json::from_str(&sandbox.read("a.json")).unwrap();
    assert_eq!(links, serde_json::json!({"boltseal": []}));
}

/// A report with thousands of findings.
fn thousands() -> Sandbox {
    let sandbox = Sandbox::new();
    let image = debian_like();
    let scan = (0..9_000).fold(Scan::of(&image), |scan, at| {
        scan.vulnerability(&format!("CVE-2026-{at}-{}", "x".repeat(80)), "libssl3", Severity::Low)
    });
    sandbox.write("scan.json", scan.grype());
    sandbox
}

/// GitHub shows nothing of a summary above 1 MiB, so what others wrote counts as well.
#[test]
fn a_summary_leaves_room_for_what_is_in_it_already() {
    let sandbox = thousands();
    let summary = sandbox.path("summary.md").display().to_string();
    let report = format!("markdown={summary}");
    let whole = ["--report", "html=out.html"];
    let words = [&["gate", "scan.json", "--report", &report][..], &whole].concat();
    let after = |before: usize| {
        sandbox.write("summary.md", "x".repeat(before));
        sandbox.boltseal_with(&[("GITHUB_STEP_SUMMARY", &summary)], &words).exits(0);
        let text = sandbox.read("summary.md");
        assert!(text.len() < 1 << 20, "{before} and {} more", text.len() - before);
        text[before..].to_owned()
    };
    for before in [0, 500_000, 1_040_000] {
        let told = after(before);
        assert!(told.contains("boltseal gate: passed"), "{before}: {}", told.len());
        assert!(
            told.contains("more findings are not shown here: see <code>out.html</code>"),
            "{before}"
        );
        assert!(told.len() > ((1 << 20) - before).min(1_000_000) / 3, "room is used: {before}");
    }
    let brief = after((1 << 20) - 1_000);
    assert!(
        brief.contains("passed") && brief.contains("full: see <code>out.html</code>"),
        "{brief}"
    );
    for full in [(1 << 20) - 20, (1 << 20) - 1] {
        assert_eq!(after(full), "", "nothing that would hide all of it");
    }
    let more = sandbox.write("summary.md", "x".repeat(1 << 20));
    sandbox.boltseal_with(&[("GITHUB_STEP_SUMMARY", &summary)], &words).exits(0);
    assert_eq!(sandbox.read(&more).len(), 1 << 20, "it was too long before");
}

/// A summary of more findings than fit is cut with words.
#[test]
fn a_summary_stays_below_what_github_takes() {
    let sandbox = thousands();
    let words = ["gate", "scan.json", "--report", "markdown=m.md", "--report", "comment=c.md"];
    sandbox.boltseal(&[&words[..], &["--report", "html=p.html"]].concat()).exits(0);
    let summary = sandbox.read("m.md");
    assert!(summary.len() < 1 << 20 && summary.len() > 900_000, "{}", summary.len());
    let left: usize = summary
        .split_once(" more findings are not shown here: see <code>p.html</code>.")
        .and_then(|(before, _)| before.rsplit("> ").next()?.parse().ok())
        .expect("it says how many are left out, and where the whole is");
    assert_eq!(summary.matches("| low | <code>CVE-2026-").count() + left, 9_000);
    assert!(sandbox.read("c.md").len() <= 65_536);
    assert!(sandbox.read("p.html").contains("9000 of 9000"));
}
