//! What others may have put where `init` looks.

use super::{TO, github, init, setting, states};
use crate::harness::Sandbox;

const SAFE: [&str; 4] = ["--to", TO, "--ci", "github"];

/// What would be a template, an end of a text or a line of its own is no value of anything.
#[test]
fn nothing_that_says_something_in_yaml_hcl_or_shell_gets_in() {
    for (flag, value) in [
        ("--source-repository", "acme/a\"b"),
        ("--source-repository", "acme/${file(\"/etc/passwd\")}"),
        ("--source-repository", "acme/a\n      run: evil"),
        ("--source-repository", "acme/app:environment:x"),
        ("--source-repository", "acme/*"),
        ("--source-repository", "https://github.com@evil/acme/app"),
        ("--ref", "refs/heads/*"),
        ("--ref", "refs/heads/${x}"),
        ("--ref", "refs/heads/a\"\n"),
        ("--role-name", "a/b"),
        ("--role-name", "${x}"),
        ("--key-alias", "aws/x"),
        ("--key-alias", "a\"b"),
        ("--scan", "$(evil).json"),
        ("--scan", "../../x.json"),
        ("--action", "acme/boltseal@main"),
        ("--action", "acme/${{ github.event }}@0123456789abcdef0123456789abcdef01234567"),
        ("--owner-id", "1 or 2"),
        ("--to", "oci:layout"),
        ("--to", "111122223333.dkr.ecr.eu-central-1.amazonaws.com/te\"am"),
        ("--to", "public.ecr.aws/acme/app"),
        ("--ci", "jenkins"),
    ] {
        let sandbox = Sandbox::new();
        let source = ["--source-repository", "acme/app"];
        let kept: Vec<&str> = SAFE
            .iter()
            .chain(&source)
            .copied()
            .collect::<Vec<_>>()
            .chunks(2)
            .filter(|it| it[0] != flag)
            .flatten()
            .copied()
            .collect();
        let run = init(&sandbox, &[&kept[..], &[flag, value]].concat());
        assert_eq!(run.code, 2, "{flag} {value}: {run:?}");
        assert!(!sandbox.path("boltseal.toml").exists(), "{flag} {value}");
    }
}

#[test]
fn a_remote_of_someone_elses_making_is_refused_or_left_out() {
    for remote in ["https://github.com/acme/${x}", "git@github.com:acme/a\"b.git", "/srv/app.git"] {
        let sandbox = Sandbox::new();
        sandbox.write(".git/config", format!("[remote \"origin\"]\nurl = {remote}\n"));
        init(&sandbox, &SAFE).exits(2).complains("--source-repository");
    }
    let sandbox = Sandbox::new();
    sandbox.write(".git/config", "x".repeat(2 << 20));
    init(&sandbox, &SAFE).exits(2).complains("--source-repository");
    // A password in a remote is nobody's business.
    let sandbox = Sandbox::new();
    let url = "https://user:s3cr3t-s3cr3t@github.com/acme/app.git";
    sandbox.write(".git/config", format!("[remote \"origin\"]\nurl = {url}\n"));
    let run = init(&sandbox, &SAFE).exits(0);
    assert!(!run.stdout.contains("s3cr3t") && !sandbox.read("boltseal.toml").contains("s3cr3t"));
}

/// The clone of a fork says the fork; what was written down goes before it.
#[test]
fn a_fork_does_not_become_the_repository() {
    let sandbox = github(&[]);
    sandbox.write(".git/config", "[remote \"origin\"]\nurl = git@github.com:mallory/app.git\n");
    let result = init(&sandbox, &["--check"]).exits(0).json();
    assert_eq!(setting(&result, "source-repository").0, "acme/app");
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "mallory/app"),
        ("GITHUB_SERVER_URL", "https://github.com"),
    ];
    sandbox.boltseal_with(&variables, &["init", "--check"]).exits(0);
    // By a flag it is another one, and that is out of date.
    init(&sandbox, &["--check", "--source-repository", "mallory/app"]).exits(10);
}

#[test]
fn an_enterprise_host_has_its_own_issuer_and_a_wrong_ci_is_said() {
    let sandbox = Sandbox::new();
    let at = "https://git.example.com/acme/app";
    init(&sandbox, &[&SAFE[..], &["--source-repository", at]].concat()).exits(0);
    let trust = sandbox.read("iam/trust-policy.json");
    assert!(trust.contains("oidc-provider/git.example.com/_services/token\""), "{trust}");
    assert!(trust.contains("\"git.example.com/_services/token:sub\""), "{trust}");
    assert!(sandbox.read("policy.toml").contains("https://git.example.com/acme/app"));
    for (at, text) in [
        ("https://gitlab.com/acme/app", "--ci gitlab"),
        ("https://acme.ghe.com/acme/app", "issuer"),
        ("https://git.example.com:8443/acme/app", "port"),
        ("acme/group/app", "OWNER/NAME"),
    ] {
        let words = [&SAFE[..], &["--source-repository", at]].concat();
        init(&Sandbox::new(), &words).exits(2).complains(text);
    }
    for ids in [&["--owner-id", "1"][..], &["--owner-id", "1", "--repository-id", "2"]] {
        let words = [&SAFE[..], &["--source-repository", at], ids].concat();
        init(&Sandbox::new(), &words).exits(2).complains("repository-id");
    }
}

#[test]
fn another_registry_has_no_iam_and_that_is_said() {
    let sandbox = Sandbox::new();
    let words = ["--to", "ghcr.io/acme/app", "--ci", "github", "--source-repository", "acme/app"];
    let result = init(&sandbox, &words).exits(0).json();
    assert!(states(&result).iter().all(|it| !it.0.starts_with("iam/")), "{result}");
    let warnings = result["warnings"].to_string();
    assert!(warnings.contains("no IAM is written"), "{warnings}");
    assert!(!sandbox.path("iam").exists());
    let config = sandbox.read("boltseal.toml");
    assert!(config.contains("env://BOLTSEAL_KEY") && !config.contains("posture"), "{config}");
    for words in [&["--scan", "ecr"][..], &["--scan", "inspector"]] {
        init(&sandbox, words).exits(2).complains("--scan");
    }
}

#[test]
fn places_that_cannot_be_written_are_said() {
    let sandbox = Sandbox::new();
    sandbox.write("iam", "a file");
    let words = [&SAFE[..], &["--source-repository", "acme/app"]].concat();
    init(&sandbox, &words).exits(20).complains("iam/");
    let sandbox = Sandbox::new();
    sandbox.write("boltseal.toml", "[releases]\n");
    init(&sandbox, &words).exits(20).complains("boltseal.toml:1");
    let sandbox = Sandbox::new();
    sandbox.write("policy.toml/x", "");
    init(&sandbox, &words).exits(20).complains("policy.toml");
}

/// Nothing is waited for that never comes.
#[test]
fn a_pipe_is_no_file() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/x", "");
    for name in [".git/config", "policy.toml"] {
        let made = std::process::Command::new("mkfifo").arg(sandbox.path(name)).status();
        assert!(made.unwrap().success());
    }
    init(&sandbox, &SAFE).exits(2).complains("--source-repository");
    let words = [&SAFE[..], &["--source-repository", "acme/app"]].concat();
    let result = init(&sandbox, &words).exits(10).json();
    assert_eq!(result["reasons"][0]["where"], "policy.toml");
}

/// A link is never written through.
#[test]
fn a_link_is_replaced_and_not_what_it_leads_to() {
    let sandbox = Sandbox::new();
    let victim = sandbox.write("victim", "mine");
    std::os::unix::fs::symlink(sandbox.path(&victim), sandbox.path("policy.toml")).unwrap();
    let words = [&SAFE[..], &["--source-repository", "acme/app"]].concat();
    init(&sandbox, &words).exits(10);
    init(&sandbox, &["--force"]).exits(0);
    assert_eq!(sandbox.read("victim"), "mine");
    let dangling = sandbox.path("policy.toml");
    std::fs::remove_file(&dangling).unwrap();
    std::os::unix::fs::symlink(sandbox.path("nowhere"), &dangling).unwrap();
    init(&sandbox, &[]).exits(10);
    assert!(!sandbox.path("nowhere").exists());
}
