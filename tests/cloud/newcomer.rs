//! The README's way from an empty repository to a verified release, as somebody walks it who has
//! read nothing else: its lines, its workflow under act, its policy.

use std::fs;
use std::path::Path;

use boltseal_testkit::cloud::{Claims, Options};

use crate::checkout::copy;
use crate::finished::Finished;
use crate::github::{Act, Ran, TELLING, example_repository};
use crate::init::jobs::with_boltseal;
use crate::init::project::Project;
use crate::job::Job;
use crate::key::Key;
use crate::program::Program;

/// What somebody has who begins.
const DOCKERFILE: &str = "FROM debian:12-slim\nCOPY app /usr/local/bin/app\n";

/// The lines of shell of the README's section "From an empty repository".
fn lines() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let (_, section) = readme.split_once("### From an empty repository\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let blocks = section.split("```sh\n").skip(1).filter_map(|it| it.split("```").next());
    let text: String = blocks.collect::<String>().replace("\\\n", " ");
    let lines = text.lines().map(|it| it.split(" #").next().unwrap_or_default().trim().to_owned());
    lines.filter(|it| !it.is_empty()).collect()
}

/// Types a line in a folder.
fn type_in(folder: &Path, variables: &[(String, String)], line: &str) -> Finished {
    let own = Path::new(env!("CARGO_BIN_EXE_boltseal")).parent().expect("a folder");
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap_or_default());
    let author = [("GIT_AUTHOR_NAME", "t"), ("GIT_COMMITTER_NAME", "t")];
    let mail = [("GIT_AUTHOR_EMAIL", "t@t.example"), ("GIT_COMMITTER_EMAIL", "t@t.example")];
    let fixed = author.iter().chain(&mail).map(|(name, it)| ((*name).to_owned(), (*it).to_owned()));
    let variables: Vec<_> =
        variables.iter().cloned().chain(fixed).chain([("PATH".to_owned(), path)]).collect();
    Program::on_path("sh").run(folder, &variables, &["-euc", line])
}

#[test]
fn from_an_empty_repository_to_a_verified_release() {
    let lines = lines();
    let [init, apply, key, push, verify] = &lines[..] else { panic!("five lines: {lines:?}") };

    // An empty repository with a Dockerfile.
    let begun = tempfile::tempdir().unwrap();
    fs::write(begun.path().join("Dockerfile"), DOCKERFILE).unwrap();
    let origin = "https://github.com/acme/app.git";
    let prepare = format!("git init -q -b main && git remote add origin {origin}");
    type_in(begun.path(), &[], &prepare).exits(0);
    type_in(begun.path(), &[], init).exits(0);

    // What Terraform makes of `iam`, the stand-ins are.
    assert!(apply.starts_with("terraform -chdir=iam "), "{apply}");
    let project = Project::begun(begun, Key::of_documentation("alias/boltseal-team-app"));
    // A repository that is new has ids in the subject of its tokens.
    let subject = "repo:acme@65/app@74:ref:refs/heads/main";
    let github = Claims::github("acme/app", "main").with("sub", subject);
    let job = project.job(Options { github, ..project.options() });
    let act = example_repository(&job);
    fs::remove_dir_all(act.repository()).unwrap();
    copy(project.path(), act.repository());
    let remote = job.path().join("remote");
    let bare = format!("git init -q --bare {}", remote.display());
    type_in(act.repository(), &[], &bare).exits(0);

    // The key and the push, by whoever administers the account.
    let mut variables = job.cloud.session_variables("other", 900);
    for (name, value) in [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", &*format!("url.{}.insteadOf", remote.display())),
        ("GIT_CONFIG_VALUE_0", origin),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    type_in(act.repository(), &variables, key).exits(0);
    type_in(act.repository(), &variables, push).exits(0);

    // The push starts the workflow.
    let ran = workflow(&act, &job);
    assert_eq!(ran.output("outcome"), "released", "{}", ran.told());
    let variables = job.cloud.session_variables("other", 900);
    let verified = type_in(act.repository(), &variables, verify).exits(0);
    assert!(verified.stdout.starts_with("VERIFIED"), "{verified:?}");
    assert!(verified.stdout.contains(&job.image.digest().to_string()), "{verified:?}");
}

/// Runs the workflow that `init` wrote.
fn workflow(act: &Act<'_>, job: &Job) -> Ran {
    let file = act.repository().join(".github/workflows/release.yml");
    let text = fs::read_to_string(&file).expect("init wrote it");
    // The runner is given the same under a name of its own, and runs all that it finds.
    fs::remove_file(file).expect("init wrote it");
    let text = format!("{}{TELLING}", with_boltseal(&text, "          "));
    act.run_text("push", &text, &job.cloud.github_job()).exits(0)
}
