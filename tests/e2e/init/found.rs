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

/// What would let somebody else into the release, or the release past a check.
#[test]
fn check_sees_all_around_the_job_that_builds() {
    let file = ".github/workflows/release.yml";
    let build = "      contents: read # to check the source out\n";
    let edits = |file: &'static str, edits: &[(&'static str, &'static str)]| {
        edits.iter().map(|(from, to)| (file, *from, *to)).collect::<Vec<_>>()
    };
    let mut all = edits(
        file,
        &[
            ("permissions: {}", "permissions: write-all"),
            (build, "      contents: read\n      id-token: write\n"),
            ("    runs-on", "    permissions: write-all\n    runs-on"),
            ("  release:\n", "  other:\n    runs-on: x\n    steps: []\n\n  release:\n"),
            ("  push:", "  pull_request_target:\n  push:"),
            ("branches: [\"main\"]", "branches: [\"**\"]"),
            ("    needs: build", "    needs: other"),
        ],
    );
    all.extend(edits(
        "boltseal.toml",
        &[
            ("mode = \"block\"", "mode = \"off\""),
            ("mode = \"block\"", ""),
            ("scan = [\"ecr\"]", "scan = [\"none\"]"),
        ],
    ));
    all.push(("policy.toml", "require = [", "require = [\"signature\"]\n# ["));
    seen(&github(&[]), &all, file, "      - run: evil\n");

    let sandbox = Sandbox::new();
    let words = ["--to", TO, "--ci", "gitlab", "--source-repository", "acme/app"];
    init(&sandbox, &words).exits(0);
    let file = ".gitlab/boltseal.yml";
    let all = edits(
        file,
        &[
            ("  artifacts:\n", "  id_tokens:\n    T: {aud: x}\n  artifacts:\n"),
            ("  artifacts:\n", "  artifacts:\n    reports: {dotenv: x.env}\n"),
            ("boltseal:\n", "boltseal:\n  before_script: [evil]\n"),
            ("$CI_COMMIT_BRANCH == \\\"main\\\"", "$CI_COMMIT_BRANCH"),
        ],
    );
    seen(&sandbox, &all, file, "\nother:\n  script: [evil]\n");
}

/// Each of these edits of what was written, and lines at the end of a file, are out of date.
#[track_caller]
fn seen(sandbox: &Sandbox, edits: &[(&str, &str, &str)], file: &str, appended: &str) {
    init(sandbox, &["--check"]).exits(0);
    let refused = |file: &str, text: String| {
        let before = sandbox.read(file);
        assert_ne!(before, text, "{file}");
        sandbox.write(file, &text);
        let run = init(sandbox, &["--check"]);
        assert_eq!(run.code, 10, "{text}");
        assert_eq!(run.json()["reasons"][0]["where"], file, "{text}");
        sandbox.write(file, before);
    };
    for (file, from, to) in edits {
        refused(file, sandbox.read(file).replacen(from, to, 1));
    }
    refused(file, sandbox.read(file) + appended);
    init(sandbox, &["--check"]).exits(0);
}

/// States and programs are not committed with the rest.
#[test]
fn git_takes_nothing_that_terraform_makes() {
    let sandbox = github(&[]);
    for name in
        [".terraform/providers/x", "terraform.tfstate", "terraform.tfstate.backup", "p.tfplan"]
    {
        sandbox.write(&format!("iam/{name}"), "secret");
    }
    sandbox.write("iam/.terraform.lock.hcl", "");
    let git = |words: &[&str]| {
        let mut git = std::process::Command::new("git");
        let run = git.arg("-C").arg(sandbox.path(".")).args(words).output().unwrap();
        assert!(run.status.success(), "{run:?}");
        String::from_utf8(run.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "iam"]);
    let staged = git(&["ls-files"]);
    let odd = |it: &&str| !["json", "tf"].iter().any(|end| it.rsplit('.').next() == Some(end));
    let odd: Vec<_> = staged.lines().filter(odd).collect();
    assert_eq!(odd, ["iam/.gitignore", "iam/.terraform.lock.hcl"]);
}

/// A new repository's tokens have ids; what is to be done first says so.
#[test]
fn what_comes_next_begins_with_the_ids() {
    let next = |words: &[&str]| {
        let sandbox = Sandbox::new();
        let result = init(&sandbox, words).exits(0).json();
        result["next"].as_array().unwrap().iter().take(3).map(ToString::to_string).collect()
    };
    let words = ["--to", TO, "--ci", "github", "--source-repository", "acme/app"];
    let first: Vec<String> = next(&words);
    assert!(first[0].contains("# where acme/app was made"), "{first:?}");
    assert!(first[2].contains("# boltseal init --force $(gh api repos/acme/app --jq '"));
    let ids = [&words[..], &["--owner-id", "1", "--repository-id", "2"]].concat();
    let gitlab = ["--to", TO, "--ci", "gitlab", "--source-repository", "acme/app"];
    let server = [&words[..4], &["--source-repository", "https://git.example/acme/app"]].concat();
    for words in [&ids[..], &gitlab, &server] {
        let first: Vec<String> = next(words);
        assert!(!first.concat().contains("gh api"), "{first:?}");
    }
    let result = init(&Sandbox::new(), &server).exits(0).json();
    assert!(result["warnings"].to_string().contains("Enterprise Server"), "{result}");
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
