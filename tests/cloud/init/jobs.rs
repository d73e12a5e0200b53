//! The jobs that `init` writes, run for real on this machine, with what they are granted and
//! nothing else.

use std::fs;
use std::path::Path;

use super::project::Project;
use crate::checkout::stub;
use crate::github::{TELLING, example_repository};
use crate::gitlab::Runner;
use crate::job::{Job, NAME};

const ACTION: &str = "OWNER/boltseal@0123456789abcdef0123456789abcdef01234567";

/// The boltseal of these tests, for the action or the component pins none yet.
pub(crate) fn with_boltseal(text: &str, indent: &str) -> String {
    let image = format!("{indent}image: ");
    assert_eq!(text.matches(&image).count(), 1, "one job releases: {text}");
    let path = env!("CARGO_BIN_EXE_boltseal");
    text.replace(&image, &format!("{indent}boltseal-path: {path}\n{image}"))
}

fn put(project: &Project, folder: &Path) {
    fs::write(folder.join("boltseal.toml"), project.text("boltseal.toml")).expect("our own folder");
}

fn released(job: &Job, tag: &str, told: &str) {
    assert_eq!(job.tag(tag), Some(job.image.digest()), "{told}");
    let refused: Vec<_> = job.cloud.permissions().into_iter().filter(|it| !it.allowed).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn the_workflow_of_github_releases() {
    let project = Project::new(&["--ci", "github", "--action", ACTION]);
    let job = project.job(project.options());
    let act = example_repository(&job);
    put(&project, act.repository());
    let workflow = with_boltseal(&project.text(".github/workflows/release.yml"), "          ");
    let workflow = format!("{workflow}{TELLING}");
    let ran = act.run_text("push", &workflow, &job.cloud.github_job()).exits(0);
    let tags = job.cloud.registry().store().tags(NAME);
    let tag = tags.keys().next().expect("a tag");
    assert!(tags.len() == 1 && tag.len() == 40, "that of the commit alone: {tags:?}");
    released(&job, tag, &ran.told());
}

#[test]
fn the_jobs_of_gitlab_release() {
    let project = Project::new(&["--ci", "gitlab"]);
    let job = project.job(project.options());
    let runner = Runner::new(&job);
    put(&project, runner.repository());
    let component =
        format!("component: $CI_SERVER_FQDN/OWNER/boltseal/boltseal@{}", "0".repeat(40));
    let jobs = project.text(".gitlab/boltseal.yml");
    assert!(jobs.contains(&component), "{jobs}");
    let jobs = jobs.replace(&component, "local: templates/boltseal.yml");
    fs::create_dir_all(runner.repository().join(".gitlab")).expect("our own folder");
    let jobs = with_boltseal(&jobs, "      ");
    fs::write(runner.repository().join(".gitlab/boltseal.yml"), jobs).expect("our own folder");
    let built = job.path().join("built.tar");
    job.image.write_oci_archive(&built, None).expect("our own folder");
    let script = format!("[ \"$2\" = create ] || cp {} handover/image.tar", built.display());
    stub(&job.path().join("tools/docker"), &script);
    let root = project.text(".gitlab-ci.yml");
    let ran = runner.run(&root, &runner.variables(), &["--shell-isolation"]).exits(0);
    assert_eq!(ran.variable("OUTCOME"), "released");
    released(&job, "0123456789abcdef0123456789abcdef01234567", &ran.told());
}
