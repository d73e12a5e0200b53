//! Exactly these policies, and nothing else, let the one job release, and nobody else push or sign.

use std::collections::BTreeSet;

use boltseal_testkit::cloud::{Claims, Options};
use serde_json::{Value, json};

use super::ROLE;
use super::project::Project;
use crate::account::{ACCOUNT, REGION};
use crate::finished::Finished;
use crate::job::{Job, NAME};
use crate::python::call;

/// A release as the workflow's step does it; keys and scan are those of `boltseal.toml`.
fn words(job: &Job, role: &str) -> Vec<String> {
    let (to, role) = (job.tagged("1.0"), job.cloud.role_arn(role));
    let words = ["release", "oci:image", "--to", &to, "--role", &role, "--region", REGION];
    let words = [&words[..], &["--allowed-account", ACCOUNT, "--format", "json"]].concat();
    words.into_iter().map(str::to_owned).collect()
}

fn release(job: &Job) -> Finished {
    job.github(&words(job, ROLE))
}

/// A policy without its statement of this name.
fn without(policy: &Value, name: &str) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().expect("statements");
    let before = statements.len();
    statements.retain(|it| it["Sid"] != name);
    assert_eq!(statements.len() + 1, before, "no statement {name}");
    policy
}

#[test]
fn the_job_releases_and_everybody_can_verify_it() {
    let project = Project::github();
    let job = project.job(project.options());
    let released = release(&job).exits(0).json();
    assert_eq!(released["outcome"], "released", "{released}");
    assert_eq!(released["posture"]["outcome"], "passed", "{released}");
    let target = job.tagged("1.0");
    let verify = ["verify", &target, "--policy", "policy.toml", "--format", "json"];
    let verify = verify.map(str::to_owned);
    let verified = job.run(&job.cloud.session_variables(ROLE, 900), &verify).exits(0).json();
    assert_eq!(verified["outcome"], "verified", "{verified}");
    release(&job).exits(0);
}

#[test]
fn a_job_of_gitlab_releases_and_another_project_does_not() {
    let project = Project::new(&["--ci", "gitlab"]);
    let job = project.job(project.options());
    job.gitlab(&words(&job, ROLE)).exits(0);
    for (name, branch) in [("acme/app", "dev"), ("mallory/app", "main"), ("acme/app2", "main")] {
        let job = project.job(project.options());
        let claims = Claims::gitlab(name, branch).audience("sts.amazonaws.com");
        job.run(&job.cloud.gitlab_job(&claims), &words(&job, ROLE)).exits(22);
        job.left_nothing();
    }
    // A job of GitHub that calls itself the same is another issuer's.
    let job = project.job(project.options());
    release(&job).exits(22);
    job.left_nothing();
}

#[test]
fn another_repository_ref_fork_or_pull_request_gets_no_role() {
    let project = Project::github();
    let request = Claims::github("acme/app", "main").with("sub", "repo:acme/app:pull_request");
    for claims in [
        Claims::github("acme/other", "main"),
        Claims::github("acme/app", "dev"),
        Claims::github("mallory/app", "main"),
        Claims::github("acme/app", "main2"),
        request,
    ] {
        let job = project.job(Options { github: claims.clone(), ..project.options() });
        let refused = release(&job);
        assert_eq!(refused.code, 22, "{claims:?}: {refused:?}");
        job.left_nothing();
        assert!(job.cloud.permissions().is_empty(), "{claims:?}");
    }
}

#[test]
fn ids_are_the_repository_and_a_name_alone_is_not() {
    let project = Project::new(&["--ci", "github", "--owner-id", "65", "--repository-id", "74"]);
    let with = |subject: &str| Claims::github("acme/app", "main").with("sub", subject);
    for (subject, code) in [
        ("repo:acme@65/app@74:ref:refs/heads/main", 0),
        ("repo:acme/app:ref:refs/heads/main", 22),
        ("repo:acme@66/app@74:ref:refs/heads/main", 22),
        ("repo:acme@65/app@75:ref:refs/heads/main", 22),
        ("repo:acme@65/app@74:ref:refs/heads/dev", 22),
    ] {
        let job = project.job(Options { github: with(subject), ..project.options() });
        assert_eq!(release(&job).code, code, "{subject}");
    }
}

#[test]
fn tags_by_a_pattern_release_and_branches_do_not() {
    let project = Project::new(&["--ci", "github", "--ref", "refs/tags/v*"]);
    let with = |reference: &str| {
        let subject = format!("repo:acme/app:ref:{reference}");
        Claims::github("acme/app", "main").with("sub", subject).with("ref", reference)
    };
    for (reference, code) in [("refs/tags/v1.2", 0), ("refs/tags/1.2", 22), ("refs/heads/main", 22)]
    {
        let job = project.job(Options { github: with(reference), ..project.options() });
        assert_eq!(release(&job).code, code, "{reference}");
    }
}

/// A role that may do everything by its own policies, and yet neither pushes nor signs here; each
/// of the statements that see to it is needed.
#[test]
fn another_role_of_the_account_neither_pushes_nor_signs() {
    let project = Project::github();
    let sign = |job: &Job| {
        let input = json!({"KeyId": project.key.arn, "Message": {"base64": "AAAA"},
            "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"});
        call(&job.cloud.session_variables("other", 900), "kms", "sign", input)
    };
    let job = project.job(project.options());
    let refused = job.github(&words(&job, "other"));
    assert_eq!(refused.code, 22, "{refused:?}");
    job.left_nothing();
    assert!(sign(&job)["error"]["Code"] == "AccessDeniedException", "{}", sign(&job));
    assert!(denied(&job, "ecr:InitiateLayerUpload") || denied(&job, "ecr:PutImage"));

    // The key alone keeps it from signing where the repository is open.
    let mut open = project.options();
    open.repositories[0].policy =
        Some(without(&project.json("repository-policy"), "NobodyElsePushes"));
    let job = project.job(open);
    let mut words = words(&job, "other");
    words.extend(["--posture", "off"].map(str::to_owned));
    job.github(&words).exits(22);
    assert!(denied(&job, "kms:Sign"));
    assert!(allowed(&job, "ecr:PutImage"), "the statement is what keeps it from pushing");

    // And where somebody lets the account use the key for everything, the denial keeps.
    let mut wide = project.json("key-policy");
    wide["Statement"][0]["Action"] = json!("kms:*");
    project.put_key_policy(&wide);
    assert_eq!(sign(&job)["error"]["Code"], "AccessDeniedException");
    project.put_key_policy(&without(&wide, "NobodyElseSigns"));
    assert!(sign(&job)["Signature"].is_object(), "{}", sign(&job));
}

fn allowed(job: &Job, action: &str) -> bool {
    job.cloud.permissions().iter().any(|it| it.action == action && it.allowed)
}

fn denied(job: &Job, action: &str) -> bool {
    job.cloud.permissions().iter().any(|it| it.action == action && !it.allowed)
}

/// Each action is used, and without any of the statements there is no release.
#[test]
fn nothing_is_granted_that_the_release_does_not_need() {
    let project = Project::github();
    let job = project.job(project.options());
    release(&job).exits(0);
    let asked = job.cloud.permissions();
    let refused: Vec<_> = asked.iter().filter(|it| !it.allowed).collect();
    assert!(refused.is_empty(), "{refused:?}");
    // Which looks at the role's own trust as well, where it may.
    preflight(&project, &job).exits(0);
    let asked = job.cloud.permissions();
    let made = asked.iter().filter(|it| it.allowed);
    let used: BTreeSet<&str> = made.map(|it| it.action.as_str()).collect();
    let policies = [project.json("release-policy"), project.json("posture-policy")];
    let granted: BTreeSet<&str> = policies.iter().flat_map(actions).collect();
    let idle: Vec<&str> = granted.difference(&used).copied().collect();
    assert!(idle.is_empty(), "granted and not used: {idle:?}");
    assert!(used.is_subset(&granted), "{used:?}");

    // ScanSetting says what a finished scan must look like; a release without it goes on, and
    // that it is used was seen above.
    for name in ["LogIn", "Push", "Scan", "Sign"] {
        let mut options = project.options();
        // Without the posture checks, whose policy has some of the same actions.
        options.roles[0].policies = vec![without(&policies[0], name)];
        let job = project.job(options);
        let off = ["--posture", "off"].map(str::to_owned);
        let refused = job.github(&[words(&job, ROLE), off.to_vec()].concat());
        assert_eq!(refused.code, 22, "without {name}: {refused:?}");
        assert!(job.tag("1.0").is_none(), "without {name}");
    }
    for name in ["Repository", "Registry", "Key"] {
        let mut options = project.options();
        options.roles[0].policies[1] = without(&policies[1], name);
        let refused = release(&project.job(options));
        assert!(refused.stdout.contains("posture-unknown"), "without {name}: {refused:?}");
    }
    for name in ["Administration", "ReleaseRoleSigns"] {
        project.put_key_policy(&without(&project.json("key-policy"), name));
        let refused = release(&project.job(project.options()));
        assert_ne!(refused.code, 0, "without {name}: {refused:?}");
    }
}

/// All actions of a policy.
fn actions(policy: &Value) -> Vec<&str> {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    statements.flat_map(|it| texts(&it["Action"])).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    }
}

/// The two documents are those that a dry run of the same configuration prints.
#[test]
fn a_dry_run_prints_the_same_policies() {
    let project = Project::github();
    let job = project.job(project.options());
    let plan = job.github(&[words(&job, ROLE), vec!["--dry-run".to_owned()]].concat()).exits(0);
    let printed = plan.json()["plan"]["policies"].clone();
    assert_eq!(printed["release"], project.json("release-policy"));
    assert_eq!(printed["posture"], project.json("posture-policy"));
}

/// Of the live account, with the role as the only one that is to push.
#[test]
fn the_live_account_passes_preflight() {
    let project = Project::github();
    let job = project.job(project.options());
    let result = preflight(&project, &job).exits(0).json();
    assert_eq!(result["outcome"], "passed", "{result}");
}

/// Of the repository, by the role, allowed to push by `boltseal.toml` alone.
fn preflight(project: &Project, job: &Job) -> Finished {
    let (repository, role) = (job.cloud.repository(NAME), job.cloud.role_arn(ROLE));
    let key = project.key.uri();
    let words = ["preflight", &repository, "--role", &role, "--region", REGION, "--key"];
    let words = [&words[..], &[&key, "--format", "json"]].concat();
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    job.github(&words)
}
