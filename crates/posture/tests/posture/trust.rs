//! The role's trust policy: each rule broken once, and subjects tried on it.

use boltseal_core::Severity;
use boltseal_posture::{Outcome, Posture};
use serde_json::{Value, json};

use crate::scene::{CI, Scene, ids, role, role_of, role_with};

const GITHUB: &str = "token.actions.githubusercontent.com";

fn key(claim: &str) -> String {
    format!("{GITHUB}:{claim}")
}

/// A strict policy, with members of its condition replaced.
fn condition(operator: &str, subject: &Value) -> Value {
    let mut condition = json!({"StringEquals": {key("aud"): "sts.amazonaws.com"}});
    condition[operator][key("sub")] = subject.clone();
    condition["StringLike"]["sts:RoleSessionName"] = json!("boltseal-*");
    condition
}

fn trusting(role: &Value) -> Posture {
    let mut scene = Scene::new().with("get-role", role);
    scene.request.role = Some(CI.to_owned());
    scene.judge()
}

fn found(posture: &Posture) -> Vec<&'static str> {
    let of = |it: &&str| it.starts_with("trust-") || it.starts_with("role-");
    ids(posture).into_iter().filter(of).collect()
}

const STRICT: &str = "repo:acme@12/app@34:ref:refs/heads/main";

#[test]
fn a_strict_policy_has_no_finding() {
    let posture = trusting(&role(&condition("StringEquals", &json!(STRICT))));
    assert_eq!(found(&posture), [] as [&str; 0]);
    let trust = posture.trust.unwrap();
    assert_eq!(trust.role, CI);
    let admitted: Vec<&str> =
        trust.candidates.iter().filter(|it| it.admitted).map(|it| it.subject.as_str()).collect();
    assert_eq!(admitted, [STRICT]);
    assert!(trust.candidates.len() > 8);
}

#[test]
fn subjects_that_let_in_too_much() {
    for (operator, subject, expected) in [
        // T2
        ("StringLike", json!("*"), &["trust-any-subject"][..]),
        ("StringLike", json!("repo:*"), &["trust-any-subject"]),
        ("StringLike", json!([STRICT, "*"]), &["trust-any-subject"]),
        ("StringLike", json!([STRICT, "repo:*/app:*"]), &["trust-any-subject"]),
        // T3
        ("StringLike", json!("repo:acme/*"), &["trust-whole-organisation", "trust-any-ref"]),
        // T4
        ("StringLike", json!("repo:acme/app*"), &["trust-unterminated", "trust-any-ref"]),
        // T5
        ("StringLike", json!("repo:acme@12/app@34:*"), &["trust-any-ref"]),
        // T6
        ("StringEquals", json!("repo:acme@12/app@34:pull_request"), &["trust-pull-request"]),
        // T8
        ("StringNotEquals", json!("repo:evil/app:pull_request"), &["trust-open-operator"]),
        ("StringNotLike", json!("repo:evil/*"), &["trust-open-operator"]),
        ("StringLikeIfExists", json!(STRICT), &["trust-open-operator", "trust-operator-mismatch"]),
        ("ForAllValues:StringLike", json!("repo:acme@12/*"), &["trust-open-operator"]),
        ("Null", json!("true"), &["trust-open-operator"]),
        // T9
        ("StringLike", json!(STRICT), &["trust-operator-mismatch"]),
        ("StringEquals", json!("repo:acme@12/*"), &["trust-operator-mismatch"]),
        ("StringEqualsIgnoreCase", json!(STRICT), &["trust-operator-mismatch"]),
        // T11
        ("StringEquals", json!("repo:acme/app:ref:refs/heads/main"), &["trust-by-name"]),
        // T17
        ("StringEquals", json!("repo:acme@12/app@34:environment:prod"), &["trust-environment"]),
    ] {
        let posture = trusting(&role(&condition(operator, &subject)));
        assert_eq!(found(&posture), expected, "{operator} {subject}");
        let refuses =
            expected.iter().any(|id| ["trust-any-subject", "trust-open-operator"].contains(id));
        assert_eq!(posture.outcome == Outcome::Refused, refuses, "{operator} {subject}");
    }
}

#[test]
fn t1_no_subject_at_all() {
    let aud = json!({"StringEquals": {key("aud"): "sts.amazonaws.com"}});
    let posture = trusting(&role(&aud));
    assert_eq!(found(&posture)[0], "trust-no-subject");
    assert_eq!(posture.outcome, Outcome::Refused);
    assert!(posture.findings[0].references.contains(&"CKV_AWS_358"));
    let by_id =
        json!({"StringEquals": {key("aud"): "sts.amazonaws.com", key("repository_id"): "34"}});
    assert_eq!(found(&trusting(&role(&by_id)))[0], "trust-any-ref");
    let bound = json!({"StringEquals": {key("aud"): "sts.amazonaws.com", key("repository_id"): "34",
        key("ref"): "refs/heads/main", "sts:RoleSessionName": "x"}});
    assert_eq!(found(&trusting(&role(&bound))), [] as [&str; 0]);
}

#[test]
fn another_condition_may_close_what_the_subject_leaves_open() {
    let mut closed = condition("StringLike", &json!("repo:acme@12/app@34:*"));
    closed["StringEquals"][key("ref")] = json!("refs/heads/main");
    assert_eq!(found(&trusting(&role(&closed))), [] as [&str; 0]);
    let mut twice = condition("StringLike", &json!("repo:*"));
    twice["StringEquals"][key("sub")] = json!(STRICT);
    assert_eq!(found(&trusting(&role(&twice))), [] as [&str; 0]);
}

#[test]
fn t7_the_audience() {
    let mut absent = condition("StringEquals", &json!(STRICT));
    absent["StringEquals"].as_object_mut().unwrap().remove(&key("aud"));
    let mut other = condition("StringEquals", &json!(STRICT));
    other["StringEquals"][key("aud")] = json!(["sts.amazonaws.com", "https://github.com/acme"]);
    let mut open = absent.clone();
    open["ForAllValues:StringEquals"] = json!({key("aud"): "sts.amazonaws.com"});
    for condition in [absent, other, open] {
        assert_eq!(found(&trusting(&role(&condition))), ["trust-audience"], "{condition}");
    }
}

#[test]
fn t10_the_issuer() {
    let of = |federated: &str| {
        role_with(&json!([{"Effect": "Allow", "Principal": {"Federated": federated},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition("StringEquals", &json!(STRICT))}]))
    };
    for provider in [
        "*",
        "cognito-identity.amazonaws.com",
        "arn:aws:iam::999999999999:oidc-provider/token.actions.githubusercontent.com",
        "arn:aws:iam::111122223333:oidc-provider/evil.example.com",
    ] {
        let ids = found(&trusting(&of(provider)));
        assert!(ids.contains(&"trust-issuer"), "{provider}: {ids:?}");
    }
}

fn statement(sid: &str, subject: &str) -> Value {
    let mut role = role(&condition("StringLike", &json!(subject)));
    let mut statement = role["Role"]["AssumeRolePolicyDocument"]["Statement"][0].take();
    statement["Sid"] = json!(sid);
    statement
}

#[test]
fn t12_statements_add_up() {
    let strict = statement("Strict", "repo:acme@12/app@34:ref:refs/tags/v*");
    let both = role_with(&json!([strict, statement("Loose", "repo:acme@12/*")]));
    let posture = trusting(&both);
    assert!(found(&posture).contains(&"trust-statements-differ"), "{:?}", found(&posture));
    let finding = posture.findings.iter().find(|it| it.id == "trust-statements-differ").unwrap();
    assert!(finding.what.contains("Strict") && finding.what.contains("Loose"));
    let alike = role_with(&json!([strict, strict]));
    assert_eq!(found(&trusting(&alike)), [] as [&str; 0]);
}

#[test]
fn a_deny_counts() {
    let mut deny = statement("Deny", "repo:acme@12/*:pull_request");
    deny["Effect"] = json!("Deny");
    deny["Condition"].as_object_mut().unwrap().remove("StringEquals");
    deny["Condition"]["StringLike"].as_object_mut().unwrap().remove("sts:RoleSessionName");
    let allow = statement("Allow", "repo:acme@12/app@34:pull_request");
    let open = found(&trusting(&role_with(&json!([allow]))));
    assert!(open.contains(&"trust-pull-request"), "{open:?}");
    let closed = found(&trusting(&role_with(&json!([allow, deny]))));
    assert!(!closed.contains(&"trust-pull-request"), "{closed:?}");
}

#[test]
fn t13_long_sessions_without_a_trace() {
    let mut long = role(&condition("StringEquals", &json!(STRICT)));
    long["Role"]["MaxSessionDuration"] = json!(43_200);
    assert_eq!(found(&trusting(&long)), ["trust-long-session"]);
    let mut nameless = condition("StringEquals", &json!(STRICT));
    nameless.as_object_mut().unwrap().remove("StringLike");
    assert_eq!(found(&trusting(&role(&nameless))), ["trust-no-session-name"]);
}

fn elsewhere(provider: &str, aud: Option<&str>, sub: Option<&str>) -> Vec<&'static str> {
    let mut condition = json!({"StringLike": {"sts:RoleSessionName": "boltseal-*"}});
    if let Some(aud) = aud {
        condition["StringEquals"][format!("{provider}:aud")] = json!(aud);
    }
    if let Some(sub) = sub {
        let operator = if sub.contains('*') { "StringLike" } else { "StringEquals" };
        condition[operator][format!("{provider}:sub")] = json!(sub);
    }
    found(&trusting(&role_of(provider, &condition)))
}

#[test]
fn t14_gitlab_t15_bitbucket_t16_circleci() {
    let gitlab = |sub| elsewhere("gitlab.com", Some("https://gitlab.com"), Some(sub));
    assert_eq!(gitlab("project_path:acme/app:ref_type:branch:ref:main"), [] as [&str; 0]);
    assert_eq!(gitlab("project_path:acme/*"), ["trust-gitlab-subject"]);
    assert_eq!(gitlab("project_path:acme/app:ref_type:*:ref:main"), ["trust-gitlab-subject"]);
    assert_eq!(gitlab("project_path:*:ref_type:branch:ref:main"), ["trust-any-subject"]);
    assert_eq!(elsewhere("gitlab.com", Some("https://gitlab.com"), None), ["trust-no-subject"]);
    let bitbucket = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    let aud = Some("ari:cloud:bitbucket::workspace/1");
    assert_eq!(elsewhere(bitbucket, aud, None), ["trust-bitbucket-subject"]);
    assert_eq!(elsewhere(bitbucket, aud, Some("{aa}:{bb}:*")), [] as [&str; 0]);
    let circleci = "oidc.circleci.com/org/11";
    assert_eq!(elsewhere(circleci, Some("11"), None), ["trust-circleci-subject"]);
    assert_eq!(
        elsewhere(circleci, Some("11"), Some("org/11/project/22/user/*")),
        ["trust-circleci-subject"]
    );
    let pinned = "org/11/project/22/user/*/vcs-origin/github.com/a/b/vcs-ref/refs/heads/main";
    assert_eq!(elsewhere(circleci, Some("11"), Some(pinned)), [] as [&str; 0]);
    assert_eq!(elsewhere(circleci, None, Some(pinned)), ["trust-audience"]);
}

#[test]
fn t18_thumbprints() {
    let provider = json!({"Url": GITHUB, "ClientIDList": ["sts.amazonaws.com"],
        "ThumbprintList": ["6938fd4d98bab03faadb97b34396831e3780aea1"]});
    let mut scene = Scene::new()
        .with("get-role", &role(&condition("StringEquals", &json!(STRICT))))
        .with("get-open-id-connect-provider", &provider);
    scene.request.role = Some("ci".to_owned());
    assert_eq!(found(&scene.judge()), ["trust-thumbprint"]);
}

#[test]
fn t19_other_ways_in() {
    let mut tags = role(&condition("StringEquals", &json!(STRICT)));
    let statement = &mut tags["Role"]["AssumeRolePolicyDocument"]["Statement"][0];
    statement["Action"] = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    let posture = trusting(&tags);
    assert_eq!(found(&posture), ["trust-session-tags"]);
    let by_tags = json!({"RoleName": "ci", "PolicyName": "abac", "PolicyDocument": {"Statement": [{
        "Effect": "Allow", "Action": "ecr:PutImage",
        "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/${aws:PrincipalTag/app}",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}}]}});
    let scene = Scene::new().with("get-role", &tags).with("get-role-policy", &by_tags);
    let posture = scene.judge();
    let finding = posture.findings.iter().find(|it| it.id == "trust-session-tags").unwrap();
    assert_eq!(finding.severity, Severity::High);
    let everyone = role_with(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]),
    );
    let posture = trusting(&everyone);
    assert_eq!((posture.reasons[0].code, posture.exit().code()), ("trust-session-tags", 10));
    let own = role_with(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}}]),
    );
    assert_eq!(found(&trusting(&own)), [] as [&str; 0]);
}

#[test]
fn t20_what_the_role_may_do() {
    let strict = role(&condition("StringEquals", &json!(STRICT)));
    let with = |action: &Value, resource: &str| {
        let policy = json!({"RoleName": "ci", "PolicyName": "p", "PolicyDocument": {"Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource}]}});
        let scene = Scene::new().with("get-role", &strict).with("get-role-policy", &policy);
        found(&scene.allow(&[CI]).judge())
    };
    let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1234";
    for (action, resource, wide) in [
        (json!("ecr:PutImage"), "*", true),
        (json!("ecr:*"), "arn:aws:ecr:*:*:repository/*", true),
        (json!("ecr:PutImage"), repository, false),
        (json!("kms:Sign"), "*", true),
        (json!("kms:Sign"), key, false),
        (json!("kms:*"), key, true),
        (json!("iam:*"), "*", true),
        (json!("signer:*"), "*", true),
        (json!("signer:SignPayload"), "*", false),
        (json!(["ecr:GetAuthorizationToken"]), "*", false),
    ] {
        assert_eq!(!with(&action, resource).is_empty(), wide, "{action} {resource}");
    }
    let admin = json!({"AttachedPolicies": [{"PolicyName": "AdministratorAccess",
        "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]});
    let scene = Scene::new().with("get-role", &strict).with("list-attached-role-policies", &admin);
    assert_eq!(found(&scene.judge()), ["role-wide-rights"]);
    let unseen = json!({"AttachedPolicies": [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::111122223333:policy/x"}]});
    let scene = Scene::new().with("get-role", &strict).with("list-attached-role-policies", &unseen);
    assert!(ids(&scene.judge()).contains(&"document-incomplete"));
    let seen = json!({"PolicyVersion": {"VersionId": "v1", "IsDefaultVersion": true, "Document": {
        "Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}]}}});
    let scene = scene.with("get-policy-version.x", &seen);
    let posture = scene.judge();
    assert!(!ids(&posture).contains(&"document-incomplete"));
    assert_eq!(found(&posture), ["role-wide-rights"]);
}

/// All keys, and of these the one behind an alias: no wider than the key itself.
#[test]
fn a_key_by_its_alias_is_one_key() {
    let strict = role(&condition("StringEquals", &json!(STRICT)));
    for (operator, key, value, wide) in [
        ("StringEquals", "kms:RequestAlias", "alias/release", false),
        ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/release", false),
        ("StringLike", "kms:RequestAlias", "alias/*", true),
        ("StringNotEquals", "kms:RequestAlias", "alias/release", true),
        ("StringEqualsIfExists", "kms:RequestAlias", "alias/release", true),
        ("ForAllValues:StringEquals", "kms:ResourceAliases", "alias/release", true),
        ("StringEquals", "kms:ViaService", "ecr", true),
    ] {
        let policy = json!({"RoleName": "ci", "PolicyName": "p", "PolicyDocument": {"Statement": [
            {"Effect": "Allow", "Action": ["kms:Sign", "ecr:PutImage"], "Resource": "*",
                "Condition": {operator: {key: value}}}]}});
        let scene = Scene::new().with("get-role", &strict).with("get-role-policy", &policy);
        let posture = scene.allow(&[CI]).judge();
        let text = format!("{:?}", posture.findings);
        assert!(text.contains("ecr:PutImage"), "an alias says nothing about a repository: {text}");
        assert_eq!(text.contains("kms:Sign"), wide, "{operator} {key}: {text}");
    }
}

#[test]
fn subjects_that_were_asked_about() {
    let mut scene = Scene::new()
        .with("get-role", &role(&condition("StringLike", &json!("repo:acme/app:ref:refs/tags/*"))));
    scene.request.subjects =
        vec!["repo:acme/app:ref:refs/tags/v9".to_owned(), "repo:acme/app:pull_request".to_owned()];
    let trust = scene.judge().trust.unwrap();
    let given: Vec<(bool, Option<&str>)> = trust
        .candidates
        .iter()
        .filter(|it| it.kind == "given")
        .map(|it| (it.admitted, it.statement.as_deref()))
        .collect();
    assert_eq!(given, [(true, Some("Ci")), (false, None)]);
    let evil = trust.candidates.iter().find(|it| it.kind == "a repository with the same beginning");
    assert!(!evil.unwrap().admitted);
}

#[test]
fn the_role_is_named_by_name_arn_or_file() {
    let strict = role(&condition("StringEquals", &json!(STRICT)));
    let mut other = role(&json!({}));
    other["Role"]["RoleName"] = json!("other");
    other["Role"]["Arn"] = json!("arn:aws:iam::111122223333:role/other");
    let mut scene = Scene::new().with("get-role.one", &strict).with("get-role.two", &other);
    assert!(scene.judge().trust.is_none(), "of several none is meant unless it is named");
    for (name, wide) in [("ci", false), (CI, false), ("one", false), ("two", true), ("other", true)]
    {
        scene.request.role = Some(name.to_owned());
        assert_eq!(found(&scene.judge()).contains(&"trust-no-subject"), wide, "{name}");
    }
}

#[test]
fn a_role_that_was_named_and_not_saved_is_not_passed_over() {
    let mut scene = Scene::new();
    scene.request.role = Some("ci".to_owned());
    let posture = scene.judge();
    assert!(ids(&posture).contains(&"posture-unknown"), "{:?}", ids(&posture));
    let mut scene = Scene::new().with("get-role", &role(&json!({})));
    scene.request.role = Some("other".to_owned());
    assert!(ids(&scene.judge()).contains(&"posture-unknown"));
}

#[test]
fn iam_answers_percent_encoded() {
    let mut encoded = role(&json!({}));
    let document = encoded["Role"]["AssumeRolePolicyDocument"].to_string();
    let escape = |text: String, byte: u8| text + &format!("%{byte:02X}");
    let escaped = document.bytes().fold(String::new(), escape);
    encoded["Role"]["AssumeRolePolicyDocument"] = json!(escaped);
    assert!(found(&trusting(&encoded)).contains(&"trust-no-subject"));
}
