//! The forms in which others take the component in, and the layout of two jobs.

use std::fs;

use super::release::release;
use super::runner::{Runner, tag, workflows};
use crate::account::options;
use crate::checkout::{commit, copy, stub};
use crate::job::Job;
use crate::key::Key;

/// As another project names it, at a tag, out of a repository in which it lies.
#[test]
fn the_component_of_another_project() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    for name in ["templates", "boltseal.gitlab-ci.yml"] {
        let path = runner.repository().join(name);
        drop(fs::remove_dir_all(&path));
        drop(fs::remove_file(&path));
    }
    let project = job.path().join("project");
    copy(&workflows(), &project);
    commit(&project, "https://gitlab.com/acme/boltseal.git");
    tag(&project, "1.2.0");
    let pipeline = release(&job, &key).of("gitlab.com/acme/boltseal/boltseal@1.2.0");
    let ran = runner.push_with_project(&project, &pipeline.to_yaml()).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "released");
}

#[test]
fn the_job_for_those_who_include_files() {
    let (job, key) = (Job::new(options()), Key::p256());
    let ran = Runner::new(&job).push(&release(&job, &key).extending()).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "released");
}

/// What a pipeline gives to all of its jobs is not run beside the token.
#[test]
fn nothing_of_others_is_run() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let others = "default:\n  before_script: ['touch before']\n  after_script: ['touch after']\n";
    for pipeline in [release(&job, &key), release(&job, &key).extending()] {
        let pipeline = [others, &pipeline.to_yaml()].concat();
        let words = ["boltseal"];
        let ran = runner.run(&pipeline, &runner.variables(), &words).exits(0);
        for name in ["before", "after"] {
            assert!(!runner.repository().join(name).exists(), "{name}: {}", ran.told());
        }
    }
}

/// Both files run the same script and leave the same reports.
#[test]
fn the_job_is_that_of_the_component() {
    let script = |name: &str| {
        let text = fs::read_to_string(workflows().join(name)).unwrap();
        let (_, script) = text.split_once("\n  script:\n").expect("a script");
        assert!(script.lines().count() > 100, "{name}");
        script.to_owned()
    };
    assert_eq!(script("templates/boltseal.yml"), script("boltseal.gitlab-ci.yml"));
}

/// One job builds and scans without rights and hands over an OCI layout, the other releases with
/// the token. Only what is an artifact reaches the second.
#[test]
fn two_jobs() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let pipeline = example(&job, "two-jobs", &[("awskms:///alias/release", &key.uri())]);
    // What builds and scans is not on this machine; it finds its result here.
    let tools = job.path().join("tools");
    let built = job.path().join("image");
    let docker = format!("[ \"$2\" = create ] || cp -R {} image", built.display());
    stub(&tools.join("docker"), &docker);
    stub(&tools.join("trivy"), &format!("cp {} scan.json", job.path().join("scan.json").display()));
    for name in ["image", "scan.json"] {
        let path = runner.repository().join(name);
        drop(fs::remove_dir_all(&path));
        drop(fs::remove_file(&path));
    }
    let variables = of_a_tag(&runner);
    let more = ["--shell-isolation", "--unset-variable", "CI_COMMIT_BRANCH"];
    let ran = runner.run(&pipeline, &variables, &more).exits(0);
    assert_eq!(job.tag("v1.2.3"), Some(job.image.digest()), "{}", ran.told());
    assert_eq!(ran.variable("OUTCOME"), "released");
}

/// What is there already is released for a tag, and for nothing else.
#[test]
fn one_job() {
    let (job, key) = (Job::new(options()), Key::p256());
    let runner = Runner::new(&job);
    let pipeline = example(&job, "release", &[("awskms:///alias/release", &key.uri())]);
    let of_main = runner.run(&pipeline, &runner.variables(), &[]);
    assert_eq!(of_main.variable("OUTCOME"), "", "{}", of_main.told());
    job.left_nothing();
    let more = ["--unset-variable", "CI_COMMIT_BRANCH"];
    let ran = runner.run(&pipeline, &of_a_tag(&runner), &more).exits(0);
    assert_eq!(job.tag("v1.2.3"), Some(job.image.digest()), "{}", ran.told());
}

/// What was released for a tag is promoted by hand.
#[test]
fn a_promotion() {
    let (job, key, promotion) = (Job::new(options()), Key::p256(), Key::p256());
    let runner = Runner::new(&job);
    let source = release(&job, &key).with("to", &job.tagged("v1.2.3"));
    runner.push(&source).exits(0);
    let keys =
        [("awskms:///alias/release", &*key.uri()), ("awskms:///alias/promotion", &promotion.uri())];
    let pipeline = example(&job, "promote", &keys);
    let words = ["promote", "--unset-variable", "CI_COMMIT_BRANCH"];
    let ran = runner.run(&pipeline, &of_a_tag(&runner), &words);
    assert!(ran.told().contains("PASS  promote"), "{}", ran.told());
    let dotenv = ran.artifact("promote", "boltseal-reports/boltseal.env");
    assert!(dotenv.contains("BOLTSEAL_OUTCOME=promoted"), "{dotenv}: {}", ran.told());
    assert_eq!(job.tag("stable-v1.2.3"), Some(job.image.digest()));
}

/// An example's pipeline, for what is on this machine: values of it, and what stands for them.
fn example(job: &Job, name: &str, values: &[(&str, &str)]) -> String {
    let file = workflows().join("example").join(format!("{name}.yml"));
    let text = fs::read_to_string(file).expect("an example");
    let program = format!("boltseal-path: {}", env!("CARGO_BIN_EXE_boltseal"));
    let role = job.cloud.role_arn("release");
    let host = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
    let own = [
        ("component: gitlab.com/OWNER/boltseal/boltseal@1.0.0", "local: templates/boltseal.yml"),
        ("inputs:\n", &format!("inputs:\n      {program}\n")),
        (&format!("{host}/team/app:$CI_COMMIT_TAG"), &job.tagged("$CI_COMMIT_TAG")),
    ];
    let others = [
        (format!("{host}/prod/app:"), job.tagged("stable-")),
        ("arn:aws:iam::111122223333:role/release".to_owned(), role.clone()),
        ("arn:aws:iam::111122223333:role/promotion".to_owned(), role),
    ];
    for (found, _) in own.iter().chain(values) {
        assert!(text.contains(found), "{found} in {text}");
    }
    let text = own.iter().chain(values).fold(text, |text, (found, put)| text.replace(found, put));
    others.iter().fold(text, |text, (found, put)| text.replace(found, put))
}

/// The variables of a pipeline for the tag `v1.2.3`.
fn of_a_tag(runner: &Runner<'_>) -> Vec<(String, String)> {
    let mut variables = runner.variables();
    variables.retain(|(name, _)| name != "CI_COMMIT_BRANCH");
    variables.push(("CI_COMMIT_TAG".to_owned(), "v1.2.3".to_owned()));
    variables
}
