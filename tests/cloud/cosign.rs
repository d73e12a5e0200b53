use std::fs;

use boltseal_core::Digest;
use boltseal_testkit::cloud::Cloud;
use serde_json::json;
use tempfile::TempDir;

use crate::account::REGION;
use crate::finished::Finished;
use crate::key::Key;
use crate::program::Program;
use crate::python::call;

/// cosign 3 with a session of the account, and a login of its registry.
#[derive(Debug)]
pub(crate) struct Cosign {
    host: String,
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Cosign {
    pub(crate) fn new(cloud: &Cloud) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let host = cloud.registry().host().to_owned();
        let mut variables = cloud.session_variables("release", 3600);
        let answer = call(&variables, "ecr", "get_authorization_token", json!({}));
        let token = answer["authorizationData"][0]["authorizationToken"].clone();
        assert!(token.is_string(), "{answer}");
        let config = json!({"auths": {&*host: {"auth": token}}});
        fs::write(folder.path().join("config.json"), config.to_string()).expect("our own folder");
        let docker = folder.path().display().to_string();
        variables.push(("DOCKER_CONFIG".to_owned(), docker));
        variables.push(("AWS_REGION".to_owned(), REGION.to_owned()));
        Self { host, folder, variables }
    }

    pub(crate) fn sign(&self, key: &Key, repository: &str, image: &Digest) -> Finished {
        let flags = ["--yes", "--tlog-upload=false", "--use-signing-config=false"];
        self.run("sign", &flags, key, &format!("{repository}@{image}"))
    }

    pub(crate) fn verify(&self, key: &Key, repository: &str, image: &Digest) -> Finished {
        let flags = ["--private-infrastructure"];
        self.run("verify", &flags, key, &format!("{repository}@{image}"))
    }

    fn run(&self, verb: &str, flags: &[&str], key: &Key, image: &str) -> Finished {
        let (uri, image) = (key.uri(), format!("{}/{image}", self.host));
        let words = [verb, "--key", &uri, "--allow-insecure-registry"];
        let words = [&words[..], flags, &[&image]].concat();
        Program::peer("cosign3").run(self.folder.path(), &self.variables, &words)
    }
}
