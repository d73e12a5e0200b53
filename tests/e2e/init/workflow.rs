//! The jobs that are written: what they grant, and what they run.

use serde_json::{Value, json};

use super::{TO, github, init};
use crate::harness::Sandbox;

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn githubs_jobs_have_no_rights_but_those_with_a_reason() {
    let action = "acme/boltseal@0123456789abcdef0123456789abcdef01234567";
    let sandbox = github(&["--action", action]);
    let text = sandbox.read(".github/workflows/release.yml");
    let workflow = yaml(&text);
    assert_eq!(workflow["permissions"], json!({}));
    assert_eq!(workflow["on"], json!({"push": {"branches": ["main"]}}));
    let jobs = &workflow["jobs"];
    assert_eq!(jobs["build"]["permissions"], json!({"contents": "read"}));
    let rights = json!({"contents": "read", "id-token": "write"});
    assert_eq!(jobs["release"]["permissions"], rights);
    let without_reason = |it: &&str| it.ends_with(": read") || it.ends_with(": write");
    assert_eq!(text.lines().find(without_reason), None, "a grant without a reason beside it");
    let mut pinned = 0;
    for line in text.lines().filter_map(|it| it.trim().strip_prefix("uses: ")) {
        let (_, commit) = line.split_once('@').unwrap();
        let (commit, comment) = commit.split_once(" # ").unwrap();
        assert!(commit.len() == 40 && comment.contains('.'), "{line}");
        pinned += 1;
    }
    assert_eq!(pinned, 5);
    let steps = jobs["release"]["steps"].as_array().unwrap();
    let step = steps.last().unwrap();
    let uses = "acme/boltseal/workflows/github@0123456789abcdef0123456789abcdef01234567";
    assert_eq!(step["uses"], uses);
    let with = json!({
        "image": "oci-archive:handover/image.tar",
        "to": format!("{TO}:${{{{ github.sha }}}}"),
        "key": "awskms:///alias/boltseal-team-app",
        "scan": "ecr",
        "role": "arn:aws:iam::111122223333:role/boltseal-team-app",
        "region": "eu-central-1",
        "allowed-account": "111122223333",
    });
    assert_eq!(step["with"], with);
}

/// The inputs are those that the action and the component have.
#[test]
fn every_input_is_one_of_the_action() {
    let sandbox = github(&[]);
    let workflow = yaml(&sandbox.read(".github/workflows/release.yml"));
    let steps = workflow["jobs"]["release"]["steps"].as_array().unwrap();
    let inputs = steps.last().unwrap()["with"].as_object().unwrap();
    let action = yaml(include_str!("../../../workflows/github/action.yml"));
    for name in inputs.keys() {
        assert!(action["inputs"].get(name).is_some(), "no input {name}");
    }
}

#[test]
fn tags_are_released_by_their_names() {
    let sandbox = github(&["--ref", "refs/tags/v*"]);
    let workflow = yaml(&sandbox.read(".github/workflows/release.yml"));
    assert_eq!(workflow["on"], json!({"push": {"tags": ["v*"]}}));
    let steps = workflow["jobs"]["release"]["steps"].as_array().unwrap();
    let to = &steps.last().unwrap()["with"]["to"];
    assert_eq!(*to, format!("{TO}:${{{{ github.ref_name }}}}"));
}

#[test]
fn a_branch_and_tags_are_each_released_by_their_own() {
    let sandbox = github(&["--ref", "refs/heads/main", "--ref", "refs/tags/v*"]);
    let workflow = yaml(&sandbox.read(".github/workflows/release.yml"));
    assert_eq!(workflow["on"], json!({"push": {"branches": ["main"], "tags": ["v*"]}}));
    let steps = workflow["jobs"]["release"]["steps"].as_array().unwrap();
    let tag = "github.ref_type == 'tag' && github.ref_name || github.sha";
    assert_eq!(steps.last().unwrap()["with"]["to"], format!("{TO}:${{{{ {tag} }}}}"));
}

/// No scanner reads an archive of a layout.
#[test]
fn what_a_scanner_reads_is_not_packed() {
    for (ci, path) in
        [("github", ".github/workflows/release.yml"), ("gitlab", ".gitlab/boltseal.yml")]
    {
        let sandbox = Sandbox::new();
        let words = ["--to", TO, "--ci", ci, "--source-repository", "acme/app"];
        init(&sandbox, &[&words[..], &["--scan", "scan.json"]].concat()).exits(0);
        let text = sandbox.read(path);
        let mut rest = text.as_str();
        let mut parts = vec![
            "docker buildx create --use\n",
            "--output type=oci,dest=handover/image,tar=false .\n",
            "trivy image --input handover/image --format json --output handover/scan.json\n",
        ];
        assert!(text.contains("image: oci:handover/image\n"), "{text}");
        for part in parts.drain(..) {
            rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part} in {text}")).1;
        }
    }
}

#[test]
fn another_registry_has_its_login_and_its_key_in_the_environment() {
    let sandbox = Sandbox::new();
    let words = ["--to", "ghcr.io/acme/app", "--ci", "github", "--source-repository", "acme/app"];
    init(&sandbox, &words).exits(0);
    let text = sandbox.read(".github/workflows/release.yml");
    let workflow = yaml(&text);
    let rights = json!({"contents": "read", "packages": "write"});
    assert_eq!(workflow["jobs"]["release"]["permissions"], rights);
    assert!(text.contains("docker login ghcr.io") && text.contains("secrets.BOLTSEAL_KEY"));
    assert!(
        text.contains(
            "trivy image --input handover/image --format json --output handover/scan.json"
        )
    );
}

#[test]
fn gitlabs_jobs_are_a_file_that_the_pipeline_includes() {
    let sandbox = Sandbox::new();
    let words = ["--to", TO, "--ci", "gitlab", "--source-repository", "acme/group/app"];
    let both = [&words[..], &["--ref", "refs/heads/main", "--ref", "refs/tags/v*"]].concat();
    init(&sandbox, &both).exits(2).complains("init-malformed");
    let to = format!("{TO}:1.0");
    let fixed = [&both[..], &["--to", &to]].concat();
    init(&sandbox, &fixed[2..]).exits(0);
    let jobs = yaml(&sandbox.read(".gitlab/boltseal.yml"));
    let rules =
        json!([{"if": "$CI_COMMIT_BRANCH == \"main\""}, {"if": "$CI_COMMIT_TAG =~ /^v.*$/"}]);
    assert_eq!(jobs["boltseal"]["rules"], rules);
    assert_eq!(jobs["build"]["rules"], rules);
    let sandbox = Sandbox::new();
    init(&sandbox, &words).exits(0);
    let root = yaml(&sandbox.read(".gitlab-ci.yml"));
    assert_eq!(root["include"], json!([{"local": "/.gitlab/boltseal.yml"}]));
    let jobs = yaml(&sandbox.read(".gitlab/boltseal.yml"));
    let component = &jobs["include"][0];
    let commit = "0".repeat(40);
    let named = format!("$CI_SERVER_FQDN/OWNER/boltseal/boltseal@{commit}");
    assert_eq!(component["component"], named);
    assert_eq!(component["inputs"]["to"], format!("{TO}:$CI_COMMIT_SHA"));
    let template = include_str!("../../../workflows/gitlab/templates/boltseal.yml");
    let known = yaml(template.split("\n---\n").next().unwrap());
    for name in component["inputs"].as_object().unwrap().keys() {
        assert!(known["spec"]["inputs"].get(name).is_some(), "no input {name}");
    }
    init(&sandbox, &["--check"]).exits(0);
    // A pipeline that is there is its owner's; how to include the jobs is said.
    sandbox.write(".gitlab-ci.yml", "stages: [build]\n");
    let result = init(&sandbox, &[]).exits(0).json();
    assert!(result["next"].to_string().contains("include: [{local: /.gitlab/boltseal.yml}]"));
    assert_eq!(sandbox.read(".gitlab-ci.yml"), "stages: [build]\n");
}
