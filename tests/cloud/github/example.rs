//! The workflows of the documentation, run as they are, but that docker and trivy hand out what was
//! made before.

use std::fs;
use std::path::{Path, PathBuf};

use boltseal_core::Severity;
use boltseal_testkit::cloud::{EcrRepository, Options, Role};
use boltseal_testkit::report::Scan;

use super::act::{Act, Ran};
use super::workflow::TELLING;
use crate::account::options;
use crate::checkout::{copy, stub};
use crate::job::Job;
use crate::key::Key;

const ACTION: &str = "0123456789abcdef0123456789abcdef01234567";
const UPLOAD: &str = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02";
const DOWNLOAD: &str = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093";

/// What keeps artifacts, in place of the services that only GitHub has.
const KEEPS: &str = r#"name: keep
description: Keeps files.
inputs:
  name: {description: Its name.}
  path: {description: Files.}
  retention-days: {description: For so long.}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FILES: "${{ inputs.path }}"}
      run: |
        mkdir -p "$OUT/$NAME"
        while read -r file; do
          if [ -d "$file" ]; then cp -R "$file/." "$OUT/$NAME"; else cp "$file" "$OUT/$NAME"; fi
        done <<< "${FILES%$'\n'}"
"#;

const HANDS_OUT: &str = r#"name: hand out
description: Hands out files.
inputs:
  name: {description: Its name.}
  path: {description: Where to.}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FOLDER: "${{ inputs.path }}"}
      run: |
        mkdir -p "$FOLDER"
        cp -R "$OUT/$NAME/." "$FOLDER"
"#;

/// The example of this name.
fn example(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("an example of the documentation")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/github/example")
}

/// The account of the examples.
fn account() -> Options {
    let mut options = options();
    options.repositories.push(EcrRepository::new("prod/app"));
    for name in ["promote", "verify"] {
        let role = Role { name: name.to_owned(), ..options.release_role() };
        options.roles.push(role.allowed_everything());
    }
    options
}

/// A repository with what the examples name; the pinned boltseal is the one of these tests.
pub(crate) fn repository(job: &Job) -> Act<'_> {
    let act = Act::new(job).known_as(ACTION);
    let (programs, keeps) = (job.path().join("programs"), job.path().join("keeps"));
    let hands_out = job.path().join("hands-out");
    for folder in [&programs, &keeps, &hands_out] {
        fs::create_dir_all(folder).expect("a folder of our own");
    }
    fs::write(keeps.join("action.yml"), KEEPS).expect("a file of our own");
    fs::write(hands_out.join("action.yml"), HANDS_OUT).expect("a file of our own");
    let prepared = job.path().join("prepared");
    copy(&act.repository().join("image"), &prepared.join("image"));
    copy(&act.repository().join("scan.json"), &prepared.join("scan.json"));
    job.image.write_oci_archive(&prepared.join("image.tar"), None).expect("an archive");
    for kept in ["image", "scan.json"] {
        let path = act.repository().join(kept);
        drop(fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path)));
    }
    let digest = job.image.digest();
    let prepared = prepared.display();
    let docker = format!(
        r#"for word in "$@"; do
  case $word in
    type=oci,dest=*,tar=false) to=${{word#*dest=}}; to=${{to%,*}}; from=image ;;
    type=oci,dest=*) to=${{word#*dest=}}; from=image.tar ;;
    build.json) echo '{{"containerimage.digest": "{digest}"}}' > build.json ;;
  esac
done
if [ -n "$to" ]; then mkdir -p "$(dirname "$to")"; cp -R "{prepared}/$from" "$to"; fi
"#
    );
    let trivy = format!(
        r#"while [ $# -gt 1 ]; do
  case $1 in
    --input) test -e "$2" || exit 1 ;;
    --output) cp {prepared}/scan.json "$2" ;;
  esac
  shift
done
"#
    );
    stub(&programs.join("docker"), &docker);
    stub(&programs.join("trivy"), &trivy);
    act.action(UPLOAD, keeps).action(DOWNLOAD, hands_out).programs(programs)
}

/// Runs an example. The action pins no boltseal yet, so it is told where one is.
fn run(act: &Act<'_>, event: &str, name: &str, variables: &[(String, String)]) -> Ran {
    let text = example(name);
    let with = "# v1.0.0\n        with:\n";
    assert_eq!(text.matches(with).count(), 1, "{name} uses the action once");
    let path = env!("CARGO_BIN_EXE_boltseal");
    let text = text.replace(with, &format!("{with}          boltseal-path: {path}\n"));
    act.run_text(event, &format!("{text}{TELLING}"), variables)
}

#[test]
fn release_yml() {
    let (job, key) = (Job::new(account()), Key::of_documentation("alias/release"));
    let act = repository(&job);
    let ran = run(&act, "push", "release.yml", &job.cloud.github_job()).exits(0);
    assert_eq!(ran.output("outcome"), "released");
    assert!(act.out().join("boltseal/boltseal.sarif").is_file());
    assert_verifies(&job, &key);
}

#[test]
fn two_jobs_yml() {
    let (job, key) = (Job::new(account()), Key::of_documentation("alias/release"));
    let act = repository(&job);
    let ran = run(&act, "push", "two-jobs.yml", &job.cloud.github_job()).exits(0);
    assert_eq!(ran.output("outcome"), "released");
    assert_eq!(ran.output("digest"), job.image.digest().to_string());
    assert!(act.out().join("handover/scan.json").is_file());
    assert_verifies(&job, &key);
}

/// The second job releases what the first one named, and nothing that took its place.
#[test]
fn another_image_is_not_taken_over() {
    let job = Job::new(account());
    Key::of_documentation("alias/release");
    let act = repository(&job);
    let other = boltseal_testkit::image::ImageBuilder::new().build();
    let prepared = job.path().join("prepared/image");
    fs::remove_dir_all(&prepared).unwrap();
    other.write_layout(&prepared, None).unwrap();
    let ran = run(&act, "push", "two-jobs.yml", &job.cloud.github_job()).exits(30);
    assert_eq!(ran.output("reason-codes"), "image-incomplete", "{}", ran.told());
    job.left_nothing();
}

#[test]
fn pull_requests_are_judged() {
    let job = Job::new(account());
    let act = repository(&job);
    let mut variables = job.cloud.github_job();
    variables.retain(|(name, _)| !name.starts_with("ACTIONS_ID_TOKEN_REQUEST_"));
    for name in ["release.yml", "two-jobs.yml"] {
        let ran = run(&act, "pull_request", name, &variables).exits(0);
        assert_eq!((ran.output("mode"), ran.output("verdict")), ("dry-run", "passed"));
    }
    let scan = Scan::of(&job.image).vulnerability("CVE-2026-1", "libc6", Severity::High);
    fs::write(job.path().join("prepared/scan.json"), scan.trivy()).unwrap();
    for name in ["release.yml", "two-jobs.yml"] {
        run(&act, "pull_request", name, &variables).exits(10);
    }
    assert_eq!(job.cloud.requests(), 0);
}

#[test]
fn promote_yml_and_verify_yml() {
    let (job, key) = (Job::new(account()), Key::of_documentation("alias/release"));
    let promotion = Key::of_documentation("alias/promotion");
    let act = repository(&job);
    let variables = job.cloud.github_job();
    fs::write(act.repository().join("release.pub"), key.public()).unwrap();
    fs::write(act.repository().join("promotion.pub"), promotion.public()).unwrap();
    let digest = job.image.digest().to_string();

    let inputs = [("digest", &*digest), ("version", "current")];
    let dispatched =
        |name: &str| run(&act.dispatched(&inputs), "workflow_dispatch", name, &variables);
    let ran = dispatched("promote.yml").exits(12);
    assert_eq!(ran.output("reason-codes"), "image-missing", "{}", ran.told());

    run(&act, "push", "release.yml", &variables).exits(0);
    let ran = dispatched("promote.yml").exits(0);
    assert_eq!((ran.output("outcome"), ran.output("released")), ("promoted", "true"));
    assert_eq!(job.cloud.registry().store().tag("prod/app", "current"), Some(job.image.digest()));
    assert_eq!(dispatched("promote.yml").exits(0).output("outcome"), "already-promoted");

    let policy = "[[signer]]\nname = \"release\"\nkey = \"release.pub\"\n";
    fs::write(act.repository().join("policy.toml"), policy).unwrap();
    let ran = dispatched("verify.yml").exits(0);
    assert_eq!((ran.output("outcome"), ran.output("digest")), ("verified", &*digest));
    fs::copy(act.repository().join("promotion.pub"), act.repository().join("release.pub")).unwrap();
    let ran = dispatched("verify.yml").exits(11);
    assert_eq!(ran.output("verdict"), "refused");
    assert!(!ran.annotations("error").is_empty() && ran.summary().contains("refused"));
}

/// `boltseal verify` of what the example released, with the public key alone.
fn assert_verifies(job: &Job, key: &Key) {
    fs::write(job.path().join("key.pub"), key.public()).expect("a file of our own");
    let image = format!("{}@{}", job.cloud.repository("team/app"), job.image.digest());
    let words = ["verify", &image, "--key", "key.pub", "--require", "vsa,provenance"];
    let words = words.map(str::to_owned);
    job.run(&job.cloud.session_variables("release", 3600), &words).exits(0);
}
