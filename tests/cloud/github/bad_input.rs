//! What is wrong with the inputs is said on the page of the job, and nothing is released.

use std::path::Path;

use boltseal_testkit::report::Scan;

use super::act::Act;
use super::release::release;
use super::workflow::Workflow;
use crate::account::options;
use crate::finished::Finished;
use crate::job::Job;
use crate::key::Key;
use crate::program::Program;

/// One bad workflow: the inputs that differ, the exit code, and what the first error says.
struct Bad<'b> {
    inputs: &'b [(&'b str, &'b str)],
    code: i32,
    says: &'b [&'b str],
}

#[test]
fn every_bad_input_is_named() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    for Bad { inputs, code, says } in [
        Bad {
            inputs: &[("image", "")],
            code: 2,
            says: &["image (or binary, or rootfs)", "moving-tag", "Unexpected input(s)"],
        },
        Bad { inputs: &[("binary", "app")], code: 2, says: &["one of", "found 2"] },
        Bad { inputs: &[("mode", "deploy")], code: 2, says: &["promote", "found: deploy"] },
        Bad { inputs: &[("mode", " ")], code: 2, says: &["mode is empty"] },
        Bad { inputs: &[("mode", "verify")], code: 2, says: &["needs the input target"] },
        Bad {
            inputs: &[("mode", "verify"), ("target", "oci:image")],
            code: 2,
            says: &["does not take the input image"],
        },
        Bad { inputs: &[("mode", "promote")], code: 2, says: &["needs the input source"] },
        Bad { inputs: &[("summary", "yes")], code: 2, says: &["true or false", "found: yes"] },
        Bad {
            inputs: &[("tag", &format!("sha256:{}", "a".repeat(64)))],
            code: 2,
            says: &["--tag", "sha256:"],
        },
        Bad { inputs: &[("tag", "latest"), ("moving-tag", "latest")], code: 2, says: &["latest"] },
        Bad { inputs: &[("to", "a\n--dry-run")], code: 2, says: &["to must be one line"] },
        Bad { inputs: &[("tag", "a\u{1b}[2J")], code: 2, says: &["tag must be one line"] },
        Bad { inputs: &[("key", "alias/release")], code: 20, says: &["awskms:///alias/release"] },
        Bad { inputs: &[("image", "app:latest")], code: 2, says: &["docker-archive:FILE"] },
        Bad { inputs: &[("scan", "absent.json")], code: 20, says: &["scan"] },
        Bad {
            inputs: &[("report", "sarif=absent/x\nhtml=out/x")],
            code: 20,
            says: &["sarif", "report"],
        },
        Bad { inputs: &[("report", "pdf=x")], code: 2, says: &["--report", "pdf"] },
        Bad { inputs: &[("boltseal-path", "absent")], code: 2, says: &["boltseal-path"] },
        Bad { inputs: &[("boltseal-path", "")], code: 2, says: &["pins no boltseal for"] },
    ] {
        let workflow = inputs.iter().fold(release(&job, &key), |it, (k, v)| it.with(k, v));
        let ran = act.push(&workflow).exits(code);
        let errors = ran.annotations("error").concat();
        for words in says {
            assert!(errors.contains(words), "{inputs:?}: {words}: {}", ran.told());
        }
        assert_eq!(ran.output("released").replace("false", ""), "", "{inputs:?}");
        job.left_nothing();
    }
}

/// Lists with empty lines, space and Windows' line ends are what they look like.
#[test]
fn lists_are_forgiving() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let workflow = release(&job, &key).with("tag", "\n  1.1\r\n\n1.2  \n").without("report");
    act.push(&workflow).exits(0);
    for tag in ["1.0", "1.1", "1.2"] {
        assert_eq!(job.tag(tag), Some(job.image.digest()), "{tag}");
    }
}

/// GitHub shows no summary above 1 MiB at all.
#[test]
fn a_summary_is_below_a_mebibyte() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let many = (0..15_000).fold(Scan::of(&job.image), |scan, at| {
        scan.vulnerability(&format!("CVE-2026-{at}"), "libc6", boltseal_core::Severity::Low)
    });
    std::fs::write(act.repository().join("scan.json"), many.trivy()).unwrap();
    let ran = act.push(&release(&job, &key)).exits(0);
    let summary = ran.summary();
    assert!((500_000..1 << 20).contains(&summary.len()), "{}", summary.len());
    assert!(summary.contains("more findings are not shown"), "{}", &summary[..2_000]);
    assert_eq!(ran.output("low"), "15000");
}

/// Outside of a step, which has no file for outputs.
#[test]
fn no_place_for_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary").display().to_string();
    let unset = |script: &str, variables: &[(&str, &str)]| -> Finished {
        let all: Vec<_> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/github");
        Program::on_path("bash").run(folder.path(), &all, &[file.join(script)])
    };
    for script in ["install.sh", "run.sh"] {
        let without = unset(script, &[]).exits(20);
        assert!(without.stdout.contains("GITHUB_OUTPUT is not set"), "{without:?}");
        let nowhere = unset(script, &[("GITHUB_OUTPUT", "/absent/output")]).exits(20);
        assert!(nowhere.stdout.contains("GITHUB_OUTPUT cannot be written"), "{nowhere:?}");
    }
    let output = folder.path().join("output").display().to_string();
    let (output, summary) = (("GITHUB_OUTPUT", &*output), ("GITHUB_STEP_SUMMARY", &*summary));
    let inputs = [("IN_MODE", "verify"), ("IN_SUMMARY", "true")];
    let without = unset("run.sh", &[&[output], &inputs[..]].concat()).exits(20);
    assert!(without.stdout.contains("GITHUB_STEP_SUMMARY"), "{without:?}");
    let with = unset("run.sh", &[&[output, summary], &inputs[..]].concat()).exits(2);
    assert!(with.stdout.contains("needs the input target"), "{with:?}");
}

/// A misspelt input is found by actionlint, which GitHub itself only warns of.
#[test]
fn a_misspelt_input_is_found_before_the_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let lint = |workflow: &Workflow| {
        let file = act.repository().join(".github/workflows/ci.yml");
        std::fs::write(file, workflow.to_yaml()).unwrap();
        Program::peer("actionlint").run::<&str>(act.repository(), &[], &["-no-color"])
    };
    lint(&release(&job, &key)).exits(0);
    let found = lint(&release(&job, &key).with("max-crit", "1")).exits(1);
    let words = r#"input "max-crit" is not defined in action "boltseal""#;
    assert!(found.stdout.contains(words), "{found:?}");
}
