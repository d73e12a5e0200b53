use std::fs;
use std::path::Path;

use boltseal_testkit::cloud::{EcrRepository, Findings, Mutability, Options, Role, ScanStep};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::ROLE;
use crate::account::{ACCOUNT, REGION, options};
use crate::job::{Job, NAME};
use crate::key::{Key, ask};
use crate::program::Program;

/// The files of a project that `init` was run in, and its key.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) key: Key,
}

impl Project {
    pub(crate) fn new(words: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = Key::p256();
        let to = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAME}");
        let fixed = ["init", "--to", &to, "--key-alias", &key.alias, "--source-repository"];
        let program = Program::present(env!("CARGO_BIN_EXE_boltseal").into(), "boltseal");
        let words = [&fixed[..], &["acme/app"], words].concat();
        program.run(folder.path(), &[], &words).exits(0);
        Self::begun(folder, key)
    }

    /// A folder that `init` was run in, with the key of the alias that it wrote down.
    pub(crate) fn begun(folder: TempDir, key: Key) -> Self {
        let project = Self { folder, key };
        project.put_key_policy(&project.json("key-policy"));
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn github() -> Self {
        Self::new(&["--ci", "github"])
    }

    /// A file.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("init wrote it")
    }

    /// A document of the folder `iam`.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(&format!("iam/{name}.json"))).expect("init writes JSON")
    }

    pub(crate) fn put_key_policy(&self, policy: &Value) {
        let input = json!({"KeyId": self.key.arn, "PolicyName": "default",
            "Policy": policy.to_string()});
        ask("PutKeyPolicy", &input);
    }

    /// An account with exactly what was written, and a role besides that the same job may assume
    /// and that may do everything.
    pub(crate) fn options(&self) -> Options {
        let base = options();
        let role = Role {
            trust: self.json("trust-policy"),
            policies: vec![self.json("release-policy"), self.json("posture-policy")],
            ..Role::new(ROLE)
        };
        let other = Role { name: "other".to_owned(), ..base.release_role() };
        let settings = self.json("repository");
        assert_eq!(settings["imageTagMutability"], "IMMUTABLE");
        let repository = EcrRepository {
            mutability: Mutability::Immutable,
            policy: Some(self.json("repository-policy")),
            lifecycle: Some(self.json("lifecycle-policy")),
            scan_on_push: settings["imageScanningConfiguration"]["scanOnPush"] == true,
            ..EcrRepository::new(NAME)
        };
        let roles = vec![role, other.allowed_everything()];
        Options { roles, repositories: vec![repository], ..base }
    }

    /// A job in that account, with the project's configuration in its folder.
    pub(crate) fn job(&self, options: Options) -> Job {
        let job = Job::new(options);
        for name in ["boltseal.toml", "policy.toml"] {
            fs::write(job.path().join(name), self.text(name)).expect("a folder of our own");
        }
        fs::write(job.path().join("release.pub"), self.key.public()).expect("the same");
        job.cloud.script_scan(NAME, vec![ScanStep::Finished(Findings::new(Vec::new()))]);
        job
    }
}
