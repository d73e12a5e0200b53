//! What is read, what is not, and what cannot be.

use boltseal_posture::{Call, Documents, MAX_DOCUMENT_BYTES, Outcome, Refusal, Saved, judge};
use proptest::prelude::*;
use serde_json::json;

use crate::scene::{Scene, ids};

#[test]
fn a_repository_as_it_should_be_passes_and_says_what_was_not_looked_at() {
    let posture = Scene::new().judge();
    assert_eq!(posture.outcome, Outcome::Passed);
    assert_eq!(
        posture.subject.as_deref(),
        Some("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app")
    );
    let status = |name: &str| {
        let file = posture.documents.iter().find(|it| it.file == format!("{name}.json"));
        file.map(|it| it.status)
    };
    assert_eq!(status("get-repository-policy"), Some("none"));
    assert_eq!(status("describe-repositories"), Some("read"));
    assert!(posture.not_looked_at.contains(&"get-lifecycle-policy"));
    assert!(!posture.not_looked_at.contains(&"get-repository-policy"));
    assert_eq!(ids(&posture), ["push-account-iam", "evidence-tag-immutable"]);
}

#[test]
fn without_the_policy_nobody_can_say_who_pushes() {
    let absent = Scene::new().without("get-repository-policy");
    let denied = Scene::new().error("get-repository-policy", "AccessDeniedException");
    let failed = Scene::new().error("get-repository-policy", "ThrottlingException");
    for (scene, finding) in [(absent, false), (denied, true), (failed, true)] {
        let posture = scene.judge();
        assert_eq!(posture.outcome, Outcome::Undetermined);
        assert_eq!((posture.exit().code(), posture.reasons[0].code), (21, "posture-unknown"));
        assert_eq!(ids(&posture).contains(&"posture-unknown"), finding);
    }
}

#[test]
fn a_call_that_was_denied_is_a_finding_and_not_a_failure() {
    for call in ["get-lifecycle-policy", "describe-key", "get-role", "get-registry-policy"] {
        let posture = Scene::new().error(call, "AccessDeniedException").judge();
        assert_eq!(posture.outcome, Outcome::Passed, "{call}");
        let finding = posture.findings.iter().find(|it| it.id == "posture-unknown").unwrap();
        assert!(finding.place.contains(call), "{finding:?}");
    }
}

#[test]
fn a_repository_that_is_not_there_is_refused() {
    let posture = Scene::new()
        .error("describe-repositories", "RepositoryNotFoundException")
        .error("get-repository-policy", "RepositoryNotFoundException")
        .judge();
    assert_eq!(posture.outcome, Outcome::Refused);
    assert_eq!(posture.reasons[0].code, "repository-missing");
    assert!(posture.reasons[0].fix.contains("create-repository"));
}

#[test]
fn malformed_documents_name_file_and_place() {
    let policy = |text: &str| json!({"policyText": text}).to_string();
    for (file, text, expected) in [
        ("describe-repositories.json", "", "an empty document"),
        ("describe-repositories.json", "[", "line 1 column 1"),
        ("describe-repositories.json", "{}", "missing field `repositories`"),
        ("describe-repositories.json", r#"{"repositories":[],"repositories":[]}"#, "twice"),
        ("get-repository-policy.json", r#"{"policyText": 7}"#, "line 1"),
        ("get-repository-policy.json", &policy("{"), "JSON at the policy"),
        (
            "get-repository-policy.json",
            &policy(r#"{"Statement":[{"Effect":"Maybe"}]}"#),
            "Statement[0].Effect",
        ),
        (
            "get-repository-policy.json",
            &policy(
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{"StringIs":{}}}]}"#,
            ),
            "StringIs",
        ),
        (
            "get-lifecycle-policy.json",
            r#"{"lifecyclePolicyText":"{\"rules\":[{}]}"}"#,
            "lifecycle rules",
        ),
        ("get-role.json", r#"{"Role":{"RoleName":"ci"}}"#, "AssumeRolePolicyDocument"),
        ("get-key-policy.json", r#"{"Policy":"{}"}"#, "Statement"),
        (
            "describe-images.json",
            r#"{"imageDetails":[{"imageDigest":"x","imagePushedAt":"soon"}]}"#,
            "line 1",
        ),
        ("get-account-authorization-details.json", r#"{"RoleDetailList":[{}]}"#, "Arn"),
    ] {
        let errors = Scene::new().file(file, text).errors();
        assert_eq!(errors.len(), 1, "{file}: {errors:?}");
        assert!(errors[0].starts_with(file) && errors[0].contains(expected), "{}", errors[0]);
    }
}

#[test]
fn all_that_is_malformed_is_said_at_once() {
    let errors = Scene::new().file("get-role.json", "x").file("describe-key.json", "y").errors();
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn a_document_has_a_bound() {
    let bytes = vec![b' '; MAX_DOCUMENT_BYTES + 1];
    let errors = Documents::read([Saved::file("get-role.json", &bytes)]).unwrap_err();
    assert!(errors[0].to_string().contains("67108864"), "{errors:?}");
}

#[test]
fn unknown_files_are_said_and_left_alone() {
    let posture = Scene::new().file("notes.json", "{").file("get-rolex.json", "{}").judge();
    let unknown: Vec<&str> = posture
        .documents
        .iter()
        .filter(|it| it.status == "unknown")
        .map(|it| it.file.as_str())
        .collect();
    assert_eq!(unknown, ["get-rolex.json", "notes.json"]);
    let nothing = Documents::read([Saved::file("notes.json", b"{}")]).unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn one_of_several_repositories_must_be_named() {
    let repository = |name: &str| {
        json!({"repositoryName": name, "registryId": "111122223333",
            "repositoryArn": format!("arn:aws:ecr:eu-west-1:111122223333:repository/{name}")})
    };
    let mut scene = Scene::new().with(
        "describe-repositories",
        &json!({"repositories": [repository("a"), repository("b")]}),
    );
    let reason = judge(&scene.documents(), &scene.request).unwrap_err();
    assert_eq!((reason.code, reason.exit.code()), ("repository-ambiguous", 2));
    assert_eq!(reason.found, "a, b");
    scene.request.repository = Some("b".to_owned());
    assert_eq!(scene.judge().subject.as_deref(), Some("b"));
    scene.request.repository = Some("c".to_owned());
    let reason = judge(&scene.documents(), &scene.request).unwrap_err();
    assert_eq!((reason.code, reason.exit.code()), ("repository-other", 20));
}

#[test]
fn documents_of_two_repositories_do_not_mix() {
    let policy = json!({"registryId": "111122223333", "repositoryName": "other",
        "policyText": r#"{"Statement":[]}"#});
    let scene = Scene::new().with("get-repository-policy", &policy);
    let reason = judge(&scene.documents(), &scene.request).unwrap_err();
    assert_eq!(reason.code, "repository-other");
}

#[test]
fn answers_of_calls_made_just_now_are_the_same() {
    let refusal = Refusal {
        code: "RepositoryPolicyNotFoundException".to_owned(),
        message: "none".to_owned(),
    };
    let repositories = br#"{"repositories":[{"repositoryName":"app"}]}"#;
    let documents = Documents::read([
        Saved::fetched("describe-repositories", "", Ok(&repositories[..])),
        Saved::fetched("get-repository-policy", "", Err(refusal)),
    ]);
    let posture = judge(&documents.unwrap(), &Scene::new().request).unwrap();
    assert_eq!(posture.outcome, Outcome::Passed);
    assert_eq!(posture.documents[1].status, "none");
}

#[test]
fn the_policy_alone_is_enough_to_say_who_pushes() {
    let policy = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]});
    let posture = Scene::new().policy(&policy).without("describe-repositories").judge();
    assert_eq!(posture.outcome, Outcome::Refused);
    assert_eq!(posture.rights.push[0].principal, "*");
    assert_eq!(posture.rights.push[1].principal, "111122223333");
}

proptest! {
    #[test]
    fn never_panics(
        index in 0..Call::ALL.len(),
        text in "\\PC{0,60}",
        member in "(policyText|Policy|Role|repositories|imageDetails|RoleDetailList|KeyMetadata)",
        value in "(\"[a-z{}:*]{0,12}\"|7|null|\\[\\]|\\{\\}|\\[\\{\\}\\])",
    ) {
        let name = format!("{}.json", Call::ALL[index].name());
        let made = format!("{{\"{member}\":{value}}}");
        for text in [&text, &made] {
            if let Ok(documents) = Documents::read([Saved::file(&name, text.as_bytes())]) {
                let _ = judge(&documents, &Scene::new().request);
            }
        }
    }
}
