//! A repository, and documents about it.

use std::collections::BTreeMap;

use boltseal_posture::{Documents, Outcome, Posture, Request, Saved, judge};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const CI: &str = "arn:aws:iam::111122223333:role/ci";

/// Documents by file name, and what they are judged against.
pub(crate) struct Scene {
    files: BTreeMap<String, String>,
    pub(crate) request: Request,
}

impl Scene {
    /// Documents about a repository without a policy of its own.
    pub(crate) fn new() -> Self {
        let scene = Self {
            files: BTreeMap::new(),
            request: Request::new("2026-06-01T00:00:00Z".parse().unwrap()),
        };
        scene
            .with("describe-repositories", &json!({"repositories": [repository(&json!({}))]}))
            .error("get-repository-policy", "RepositoryPolicyNotFoundException")
    }

    /// The same with an answer of a call.
    pub(crate) fn with(mut self, call: &str, answer: &Value) -> Self {
        self.files.insert(format!("{call}.json"), answer.to_string());
        self
    }

    /// The same with a file as it is.
    pub(crate) fn file(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// The same with an error of AWS.
    pub(crate) fn error(self, call: &str, code: &str) -> Self {
        let text = format!("\nAn error occurred ({code}) when calling the X operation: words\n");
        self.file(&format!("{call}.json"), &text)
    }

    /// The same without a file.
    pub(crate) fn without(mut self, call: &str) -> Self {
        assert!(self.files.remove(&format!("{call}.json")).is_some(), "{call}");
        self
    }

    /// The same with members of the repository changed.
    pub(crate) fn repository(self, members: &Value) -> Self {
        self.with("describe-repositories", &json!({"repositories": [repository(members)]}))
    }

    /// The same with a policy of the repository.
    pub(crate) fn policy(self, policy: &Value) -> Self {
        let answer = json!({
            "registryId": ACCOUNT, "repositoryName": "team/app", "policyText": policy.to_string(),
        });
        self.with("get-repository-policy", &answer)
    }

    /// The same with principals that may push.
    pub(crate) fn allow(mut self, principals: &[&str]) -> Self {
        self.request.allow_push = principals.iter().map(|it| it.parse().unwrap()).collect();
        self
    }

    pub(crate) fn documents(&self) -> Documents {
        let saved = self.files.iter().map(|(name, text)| Saved::file(name, text.as_bytes()));
        Documents::read(saved).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    pub(crate) fn judge(&self) -> Posture {
        let posture = judge(&self.documents(), &self.request).unwrap();
        assert_eq!(posture.outcome == Outcome::Passed, posture.reasons.is_empty());
        posture
    }

    /// The codes of what is wrong with the documents.
    pub(crate) fn errors(&self) -> Vec<String> {
        let saved = self.files.iter().map(|(name, text)| Saved::file(name, text.as_bytes()));
        let errors = Documents::read(saved).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }
}

/// A repository that is as it should be.
fn repository(members: &Value) -> Value {
    let mut repository = json!({
        "repositoryArn": "arn:aws:ecr:eu-west-1:111122223333:repository/team/app",
        "registryId": ACCOUNT,
        "repositoryName": "team/app",
        "repositoryUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app",
        "createdAt": "2026-01-01T00:00:00+00:00",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": true},
        "encryptionConfiguration": {
            "encryptionType": "KMS",
            "kmsKey": "arn:aws:kms:eu-west-1:111122223333:key/1234",
        },
    });
    for (name, value) in members.as_object().unwrap() {
        repository[name] = value.clone();
    }
    repository
}

/// The ids of the findings, the worst first.
pub(crate) fn ids(posture: &Posture) -> Vec<&'static str> {
    posture.findings.iter().map(|it| it.id).collect()
}

/// A role that trusts GitHub's provider under `condition`.
pub(crate) fn role(condition: &Value) -> Value {
    role_of("token.actions.githubusercontent.com", condition)
}

/// The same for any provider.
pub(crate) fn role_of(provider: &str, condition: &Value) -> Value {
    role_with(&json!([{
        "Sid": "Ci",
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }]))
}

/// The same with any statements.
pub(crate) fn role_with(statements: &Value) -> Value {
    json!({"Role": {
        "Path": "/",
        "RoleName": "ci",
        "RoleId": "AROAEXAMPLEEXAMPLE123",
        "Arn": CI,
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "MaxSessionDuration": 3600,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements},
    }})
}
