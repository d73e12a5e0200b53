use std::cell::RefCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use boltseal_testkit::cloud::Claims;
use serde_json::Value;

use super::pipeline::Pipeline;
use crate::checkout::{commit, copy};
use crate::finished::Finished;
use crate::job::{AUDIENCE, Job};
use crate::program::Program;

/// A runner of GitLab's jobs on this machine, and a made-up repository with the files of a
/// [`Job`] and the component. Nothing of it reaches any network.
pub(crate) struct Runner<'j> {
    job: &'j Job,
    repository: PathBuf,
    /// Where git finds other projects.
    git: RefCell<Vec<(String, String)>>,
}

impl<'j> Runner<'j> {
    pub(crate) fn new(job: &'j Job) -> Self {
        let repository = job.path().join("repository");
        fs::create_dir_all(job.path().join("home")).expect("a folder of our own");
        copy(&job.path().join("image"), &repository.join("image"));
        copy(&job.path().join("scan.json"), &repository.join("scan.json"));
        copy(&workflows(), &repository);
        let runner = Self { job, repository, git: RefCell::default() };
        commit(&runner.repository, "https://gitlab.com/acme/app.git");
        runner
    }

    /// The repository's folder.
    pub(crate) fn repository(&self) -> &Path {
        &self.repository
    }

    /// Runs a pipeline for the branch `main`, with a token for AWS.
    pub(crate) fn push(&self, pipeline: &Pipeline) -> Ran {
        self.run(&pipeline.to_yaml(), &self.variables(), &[])
    }

    /// The variables of a job with a token.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        self.job.cloud.gitlab_job(&Claims::gitlab("acme/app", "main").audience(AUDIENCE))
    }

    /// The same of a merge request from a fork, which gets no token.
    pub(crate) fn of_a_fork(&self) -> Vec<(String, String)> {
        let mut variables = self.variables();
        variables.retain(|(name, _)| name != "BOLTSEAL_ID_TOKEN" && name != "CI_COMMIT_BRANCH");
        for (name, value) in [
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_IID", "5"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "22"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "99"),
        ] {
            variables.push((name.to_owned(), value.to_owned()));
        }
        variables
    }

    /// Runs a pipeline as it stands in its file, with further words for the runner.
    pub(crate) fn run(&self, pipeline: &str, variables: &[(String, String)], more: &[&str]) -> Ran {
        let file = self.repository.join(".gitlab-ci.yml");
        fs::write(file, pipeline).expect("a file in a folder of our own");
        commit(&self.repository, "");
        let state = self.repository.join(".gitlab-ci-local");
        drop(fs::remove_dir_all(&state));
        let finished = self.local(variables, more);
        self.job.hear([finished.stdout.clone(), finished.stderr.clone()]);
        Ran { finished, repository: self.repository.clone() }
    }

    fn local(&self, variables: &[(String, String)], more: &[&str]) -> Finished {
        let home = self.job.path().join("home").display().to_string();
        let mut words: Vec<String> =
            ["--no-color", "--shell-executor-no-image", "--home", &home].map(str::to_owned).into();
        let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
        words.extend(["--ignore-predefined-vars".to_owned(), names.join(",")]);
        for (name, value) in variables {
            words.extend(["--variable".to_owned(), format!("{name}={value}")]);
        }
        words.extend(more.iter().map(|it| (*it).to_owned()));
        let tools = self.job.path().join("tools").display().to_string();
        let path = format!("{tools}:{}", env::var("PATH").unwrap_or_default());
        let mut environment = vec![("HOME".to_owned(), home), ("PATH".to_owned(), path)];
        environment.extend(self.git.borrow().iter().cloned());
        Program::peer("gitlab-ci-local").run(&self.repository, &environment, &words)
    }

    /// Runs a pipeline that takes the component of another project, which lies in a folder.
    pub(crate) fn push_with_project(&self, project: &Path, pipeline: &str) -> Ran {
        let place = format!("url.file://{}.insteadOf", project.display());
        let name = "https://gitlab.com/acme/boltseal.git";
        let with_port = "https://gitlab.com:443/acme/boltseal.git";
        self.git.replace(vec![
            ("GIT_CONFIG_COUNT".to_owned(), "2".to_owned()),
            ("GIT_CONFIG_KEY_0".to_owned(), place.clone()),
            ("GIT_CONFIG_VALUE_0".to_owned(), name.to_owned()),
            ("GIT_CONFIG_KEY_1".to_owned(), place),
            ("GIT_CONFIG_VALUE_1".to_owned(), with_port.to_owned()),
        ]);
        self.run(pipeline, &self.variables(), &[])
    }
}

/// Tags the commit of a repository.
pub(crate) fn tag(folder: &Path, name: &str) {
    Program::on_path("git").run(folder, &[], &["tag", name]).exits(0);
}

/// The files of the project for GitLab.
pub(crate) fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/gitlab")
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    finished: Finished,
    repository: PathBuf,
}

impl Ran {
    /// Demands the exit code of the job `boltseal`, as its log says it.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let lines = || self.finished.stdout.lines().chain(self.finished.stderr.lines());
        let told = |words: String| lines().any(|line| line.trim_end().ends_with(&words));
        let ended = match code {
            0 => lines().any(|line| line.trim_start().starts_with("PASS  boltseal")),
            _ => told(format!("FAIL {code}")),
        };
        assert!(ended, "{code} was expected: {}", self.told());
        self
    }

    /// All that was printed.
    pub(crate) fn told(&self) -> String {
        format!("{}\n{}", self.finished.stdout, self.finished.stderr)
    }

    /// A file of the artifacts of a job; empty where there is none.
    pub(crate) fn artifact(&self, job: &str, name: &str) -> String {
        let folder = self.repository.join(".gitlab-ci-local/artifacts").join(job);
        fs::read_to_string(folder.join(name)).unwrap_or_default()
    }

    /// A variable of the dotenv report.
    pub(crate) fn variable(&self, name: &str) -> String {
        let text = self.artifact("boltseal", "boltseal-reports/boltseal.env");
        let start = format!("BOLTSEAL_{name}=");
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    }

    /// A report as JSON.
    #[track_caller]
    pub(crate) fn json(&self, name: &str) -> Value {
        let text = self.artifact("boltseal", &format!("boltseal-reports/{name}"));
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{name}: {error}: {}", self.told()))
    }
}
