use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::workflow::Workflow;
use crate::checkout::{commit, copy};
use crate::finished::Finished;
use crate::job::Job;
use crate::program::Program;

/// What act knows the repository of the action by, where a workflow names it as others do.
pub(crate) const TOOL: &str = "OWNER/boltseal";

/// A runner of GitHub's jobs on this machine, and a made-up repository with the files of a
/// [`Job`] and the action. Nothing of it reaches any network.
#[derive(Clone)]
pub(crate) struct Act<'j> {
    job: &'j Job,
    repository: PathBuf,
    /// Actions of others, by `OWNER/NAME@REF`, in place of what would be fetched.
    actions: Vec<(String, PathBuf)>,
    programs: Option<PathBuf>,
    inputs: Vec<String>,
}

impl<'j> Act<'j> {
    pub(crate) fn new(job: &'j Job) -> Self {
        let repository = job.path().join("repository");
        for folder in ["repository/.github/workflows", "tool", "home", "out"] {
            fs::create_dir_all(job.path().join(folder)).expect("a folder of our own");
        }
        copy(&job.path().join("image"), &repository.join("image"));
        copy(&job.path().join("scan.json"), &repository.join("scan.json"));
        let workflows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
        copy(&workflows, &repository.join("workflows"));
        copy(&workflows, &job.path().join("tool/workflows"));
        let act = Self { job, repository, actions: Vec::new(), programs: None, inputs: Vec::new() };
        commit(&act.repository, "https://github.com/acme/app");
        act
    }

    /// The account and the files.
    pub(crate) const fn job(&self) -> &Job {
        self.job
    }

    /// The repository's folder.
    pub(crate) fn repository(&self) -> &Path {
        &self.repository
    }

    /// What the job wrote into its folder `out`.
    pub(crate) fn out(&self) -> PathBuf {
        self.job.path().join("out")
    }

    /// With the action as `OWNER/boltseal/workflows/github@REF`.
    pub(crate) fn known_as(self, reference: &str) -> Self {
        let tool = self.job.path().join("tool");
        self.action(&format!("{TOOL}@{reference}"), tool)
    }

    /// With an action of others, `OWNER/NAME@REF`, out of a folder.
    pub(crate) fn action(mut self, name: &str, folder: PathBuf) -> Self {
        self.actions.push((name.to_owned(), folder));
        self
    }

    /// With the inputs of whoever starts a workflow by hand.
    pub(crate) fn dispatched(&self, inputs: &[(&str, &str)]) -> Self {
        let inputs = inputs.iter().map(|(name, value)| format!("{name}={value}"));
        Self { inputs: inputs.collect(), ..self.clone() }
    }

    /// With the programs of a folder before all others.
    pub(crate) fn programs(self, folder: PathBuf) -> Self {
        Self { programs: Some(folder), ..self }
    }

    /// Runs a workflow with one job in a job of GitHub that may ask for tokens.
    pub(crate) fn push(&self, workflow: &Workflow) -> Ran {
        self.run("push", workflow, &self.job.cloud.github_job())
    }

    /// The same for an event, with these variables.
    pub(crate) fn run(
        &self,
        event: &str,
        workflow: &Workflow,
        variables: &[(String, String)],
    ) -> Ran {
        self.run_text(event, &workflow.to_yaml(), variables)
    }

    /// The same with a workflow that tells the test by itself what came of it.
    pub(crate) fn run_text(
        &self,
        event: &str,
        workflow: &str,
        variables: &[(String, String)],
    ) -> Ran {
        let file = self.repository.join(".github/workflows/ci.yml");
        fs::write(file, workflow).expect("a file in a folder of our own");
        let result = self.job.path().join("result.json");
        drop(fs::remove_file(&result));
        let finished = self.act(event, variables, &result);
        self.job.hear([unmasked(&finished.stdout), finished.stderr.clone()]);
        let steps = fs::read_to_string(&result).unwrap_or_default();
        let steps = serde_json::from_str(&steps);
        // A job that was skipped or never began leaves none, and act may call that a success.
        let steps = steps.unwrap_or_else(|error| panic!("no result, {error}: {finished:?}"));
        Ran { finished, steps }
    }

    fn act(&self, event: &str, variables: &[(String, String)], result: &Path) -> Finished {
        let path = |name: &str| self.job.path().join(name).display().to_string();
        let mut words: Vec<String> = vec![event.to_owned()];
        for label in ["ubuntu-latest", "ubuntu-24.04"] {
            words.extend(["-P".to_owned(), format!("{label}=-self-hosted")]);
        }
        words.extend(["--no-cache-server", "--rm", "--json"].map(str::to_owned));
        words.extend(["--action-cache-path".to_owned(), path("cache")]);
        for (name, folder) in &self.actions {
            words.push(format!("--local-repository={name}={}", folder.display()));
        }
        for input in &self.inputs {
            words.extend(["--input".to_owned(), input.clone()]);
        }
        let own = [
            ("RESULT".to_owned(), result.display().to_string()),
            ("OUT".to_owned(), path("out")),
            ("GITHUB_EVENT_NAME".to_owned(), event.to_owned()),
        ];
        let kept = variables.iter().filter(|(name, _)| name != "GITHUB_EVENT_NAME");
        for (name, value) in kept.chain(&own) {
            words.extend(["--env".to_owned(), format!("{name}={value}")]);
        }
        let mut around = vec![("HOME".to_owned(), path("home"))];
        if let Some(programs) = &self.programs {
            let all = std::env::var("PATH").unwrap_or_default();
            around.push(("PATH".to_owned(), format!("{}:{all}", programs.display())));
        }
        Program::peer("act").run(&self.repository, &around, &words)
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    finished: Finished,
    /// `toJSON(steps)` of the job, at its end.
    steps: Value,
}

impl Ran {
    /// Demands the exit code of the action, by its output, and that the step ended accordingly.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let told = self.told();
        assert_eq!(self.output("exit-code"), code.to_string(), "{told}");
        let outcome = if code == 0 { "success" } else { "failure" };
        assert_eq!(self.steps["boltseal"]["outcome"], outcome, "{told}");
        if code != 0 {
            assert!(told.contains(&format!("exit status {code}")), "{told}");
        }
        self
    }

    /// An output of the action; empty where it has none.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.steps["boltseal"]["outputs"][name].as_str().unwrap_or_default()
    }

    /// What stands on the page of the job.
    pub(crate) fn summary(&self) -> String {
        let of = |event: &Value| event["content"].as_str().unwrap_or_default().to_owned();
        let mut all: Vec<(String, String)> = Vec::new();
        for event in self.commands("summary") {
            // The action's own step says the last of its inner steps once more.
            if !all.iter().any(|(_, text)| *text == of(&event)) {
                all.push((event["stepID"].to_string(), of(&event)));
            }
        }
        all.into_iter().map(|(_, text)| text).collect()
    }

    /// The annotations of a level: error, warning or notice.
    pub(crate) fn annotations(&self, level: &str) -> Vec<String> {
        let text = |event: Value| event["arg"].as_str().unwrap_or_default().to_owned();
        self.commands(level).into_iter().map(text).collect()
    }

    /// All that was printed.
    pub(crate) fn told(&self) -> String {
        let line = |event: &Value| event["msg"].as_str().unwrap_or_default().to_owned();
        self.events().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn commands(&self, name: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["command"] == name).collect()
    }

    fn events(&self) -> Vec<Value> {
        self.finished.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// All lines but those by which act is told what to hide, which it repeats as they are.
fn unmasked(log: &str) -> String {
    let shown = |line: &&str| !line.contains(r#""command":"add-mask""#);
    log.lines().filter(shown).collect::<Vec<_>>().join("\n")
}
