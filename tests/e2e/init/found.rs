//! What is found out without asking, and what is kept.

use super::{TO, github, init, setting, states};
use crate::harness::{Sandbox, codes};

const GIT: &str = "[core]\n[remote \"origin\"]\n\turl = ";

fn cloned(remote: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".git/config", format!("{GIT}{remote}\n"));
    sandbox
}

#[test]
fn git_and_a_default_branch_say_the_rest() {
    let sandbox = cloned("git@github.com:acme/app.git");
    sandbox.write(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/trunk\n");
    let result = init(&sandbox, &["--to", TO]).exits(0).json();
    assert_eq!(result["schema"], "boltseal.init/v1");
    assert_eq!(result["outcome"], "written");
    let git = |value: &str| (value.to_owned(), "git".to_owned());
    assert_eq!(setting(&result, "ci"), git("github"));
    assert_eq!(setting(&result, "source-repository"), git("https://github.com/acme/app"));
    assert_eq!(setting(&result, "ref"), git("refs/heads/trunk"));
    let trust = sandbox.read("iam/trust-policy.json");
    assert!(trust.contains("\"repo:acme/app:ref:refs/heads/trunk\""), "{trust}");
    assert!(states(&result).iter().all(|it| it.1 == "written"));
    assert!(states(&result).iter().any(|it| it.0 == "iam/main.tf"));
}

#[test]
fn the_variables_of_ci_come_before_git() {
    let sandbox = cloned("git@gitlab.com:mirror/app.git");
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_PROJECT_PATH", "acme/group/app"),
        ("CI_SERVER_URL", "https://gitlab.example"),
        ("CI_DEFAULT_BRANCH", "trunk"),
    ];
    let words = ["init", "--to", TO, "--format", "json"];
    let result = sandbox.boltseal_with(&variables, &words).exits(0).json();
    let (value, origin) = setting(&result, "source-repository");
    assert_eq!((&*value, &*origin), ("https://gitlab.example/acme/group/app", "environment"));
    let trust = sandbox.read("iam/trust-policy.json");
    for part in [
        "oidc-provider/gitlab.example\"",
        "\"gitlab.example:sub\": \"project_path:acme/group/app:ref_type:branch:ref:trunk\"",
        "\"gitlab.example:aud\": \"sts.amazonaws.com\"",
    ] {
        assert!(trust.contains(part), "no {part} in {trust}");
    }
    // And later anywhere: what was written down comes before where it is looked at.
    let result = init(&sandbox, &["--check"]).exits(0).json();
    assert_eq!(setting(&result, "source-repository").1, "boltseal.toml");
    assert_eq!(result["outcome"], "current");
}

#[test]
fn what_is_nowhere_is_named_with_an_example() {
    let sandbox = Sandbox::new();
    for (words, flag) in [
        (&[][..], "--to"),
        (&["--to", TO], "--ci"),
        (&["--to", TO, "--ci", "github"], "--source-repository"),
    ] {
        let run = init(&sandbox, words).exits(2).complains(flag).complains("name it: --");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
    assert!(!sandbox.path("boltseal.toml").exists(), "nothing is written before all is known");
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/ci.yml", "");
    let words = ["--to", TO, "--source-repository", "acme/app"];
    let result = init(&sandbox, &words).exits(0).json();
    assert_eq!(setting(&result, "ci"), ("github".to_owned(), "files".to_owned()));
}

#[test]
fn a_second_run_writes_nothing_and_never_over_what_differs() {
    let sandbox = github(&[]);
    let before = sandbox.read("iam/main.tf");
    let again = init(&sandbox, &[]).exits(0).json();
    assert!(states(&again).iter().all(|it| it.1 == "unchanged"), "{again}");
    sandbox.write("iam/main.tf", "# mine\n");
    std::fs::remove_file(sandbox.path("policy.toml")).unwrap();
    let refused = init(&sandbox, &[]).exits(10).json();
    assert_eq!((&refused["outcome"], codes(&refused)), (&"refused".into(), vec!["init-differs"]));
    assert_eq!(refused["reasons"][0]["where"], "iam/main.tf");
    assert_eq!(sandbox.read("iam/main.tf"), "# mine\n");
    assert!(sandbox.path("policy.toml").exists(), "what was not there is written all the same");
    let forced = init(&sandbox, &["--force"]).exits(0).json();
    let replaced: Vec<_> = states(&forced).into_iter().filter(|it| it.1 == "replaced").collect();
    assert_eq!(replaced, [("iam/main.tf".to_owned(), "replaced".to_owned())]);
    assert_eq!(sandbox.read("iam/main.tf"), before);
}

#[test]
fn check_says_what_is_out_of_date_and_writes_nothing() {
    let sandbox = github(&[]);
    assert_eq!(init(&sandbox, &["--check"]).exits(0).json()["outcome"], "current");
    std::fs::remove_file(sandbox.path("iam/key-policy.json")).unwrap();
    let outdated = init(&sandbox, &["--check", "--ref", "refs/tags/v*"]).exits(10).json();
    assert_eq!(outdated["outcome"], "outdated");
    let states = states(&outdated);
    let state = |path: &str| states.iter().find(|it| it.0 == path).unwrap().1.clone();
    assert_eq!(state("iam/key-policy.json"), "missing");
    for path in ["iam/trust-policy.json", "iam/main.tf", "policy.toml", "boltseal.toml"] {
        assert_eq!(state(path), "differs", "{path}");
    }
    assert_eq!(state("iam/repository-policy.json"), "unchanged");
    assert!(!sandbox.path("iam/key-policy.json").exists());
    init(&sandbox, &["--check", "--force"]).exits(2);
    init(&Sandbox::new(), &["--check"]).exits(2).complains("--to");
}

/// Thresholds, the build job and the layout of JSON are their owner's.
#[test]
fn what_is_its_owners_may_change() {
    let sandbox = github(&[]);
    for (file, from, to) in [
        ("boltseal.toml", "max_high = 0", "max_high = 3"),
        ("policy.toml", "max_high = 0", "max_high = 3\nmax_scan_age = \"30d\""),
        (".github/workflows/release.yml", "docker buildx create --use", "make"),
        ("iam/key.json", "\n", " \n"),
    ] {
        let text = sandbox.read(file);
        assert!(text.contains(from), "{file}");
        sandbox.write(file, text.replace(from, to));
    }
    init(&sandbox, &["--check"]).exits(0);
    for (file, from, to) in [
        ("boltseal.toml", "awskms:///alias/boltseal-team-app\"", "release.key\""),
        ("policy.toml", "refs/heads/main", "refs/heads/*"),
        (".github/workflows/release.yml", "id-token: write", "id-token: none"),
        ("iam/trust-policy.json", "refs/heads/main", "*"),
    ] {
        let text = sandbox.read(file);
        sandbox.write(file, text.replace(from, to));
        let result = init(&sandbox, &["--check"]).exits(10).json();
        assert_eq!(result["reasons"][0]["where"], file, "{result}");
        sandbox.write(file, text);
    }
    init(&sandbox, &["--check"]).exits(0);
}

/// A release narrows its session to a policy that STS takes only so long: where posture would not
/// fit in, it must not be what blocks.
#[test]
fn long_names_leave_posture_to_preflight() {
    let long = "a-rather-long-name-of-a-repository/".repeat(4) + "app";
    let to = format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/{long}");
    let sandbox = Sandbox::new();
    let words = ["--to", &to, "--ci", "github", "--source-repository", "acme/app"];
    init(&sandbox, &words).exits(2).complains("--role-name");
    let words = [&words[..], &["--role-name", "release", "--key-alias", "release"]].concat();
    let result = init(&sandbox, &words).exits(0).json();
    assert!(result["warnings"].to_string().contains("posture"), "{result}");
    assert!(sandbox.read("boltseal.toml").contains("mode = \"warn\""));
    assert!(github(&[]).read("boltseal.toml").contains("mode = \"block\""));
}

#[test]
fn another_folder_and_what_to_do_there() {
    let sandbox = Sandbox::new();
    let words = ["init", "--to", TO, "--ci", "github", "--source-repository", "acme/app", "--dir"];
    let run = sandbox.boltseal(&[&words[..], &["a b"]].concat()).exits(0);
    for line in [
        "cd 'a b'",
        "terraform -chdir=iam init",
        "boltseal keys public --key awskms:///alias/boltseal-team-app > release.pub",
        "git add boltseal.toml policy.toml release.pub iam .github/workflows/release.yml",
    ] {
        assert!(run.stdout.contains(line), "no {line} in {}", run.stdout);
    }
    assert!(sandbox.path("a b/iam/main.tf").exists());
}

#[test]
fn its_own_files_are_valid() {
    let sandbox = github(&[]);
    let key = sandbox.key_pair("release");
    assert_eq!(key.public, "release.pub");
    let policy = sandbox.boltseal(&["policy", "check", "policy.toml", "--format", "json"]).exits(0);
    let required = policy.json()["required"].as_array().unwrap().len();
    assert_eq!(required, 5);
    // The configuration is read: a key in KMS and no credentials is what it then ends with.
    let run = sandbox.boltseal(&["release", "oci:absent", "--format", "json"]);
    assert!(!run.stdout.contains("config-"), "{run:?}");
}
