//! Who may call, and what is noted of it.

use std::time::Duration;

use serde_json::json;

use super::client::{Credentials, Sent, call, element, send, session};
use crate::cloud::http::{Listener, Reply};
use crate::cloud::{Cloud, Options, Service, Upstream};

const LOGIN: (Service, &str) = (Service::Ecr, "GetAuthorizationToken");

fn cloud() -> Cloud {
    Cloud::start(Options::default()).unwrap()
}

fn whoami(cloud: &Cloud, credentials: &Credentials) -> super::client::Answer {
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let more = [("Content-Type", "application/x-www-form-urlencoded")];
    let sent = Sent { method: "POST", target: "/", more: &more, body };
    send(cloud, credentials, Service::Sts, &sent)
}

#[test]
fn a_session_knows_who_it_is_and_a_stranger_is_not_let_in() {
    let cloud = cloud();
    let mine = session(&cloud, None);
    let answer = whoami(&cloud, &mine);
    let arn = "arn:aws:sts::111122223333:assumed-role/release/run-7";
    assert_eq!(element(&answer.text, "Arn").as_deref(), Some(arn));
    assert_eq!(element(&answer.text, "Account").as_deref(), Some("111122223333"));

    let guess = Credentials { secret: "guess".to_owned(), ..mine.clone() };
    assert_eq!(whoami(&cloud, &guess).code(), "SignatureDoesNotMatch");
    assert_eq!(call(&cloud, &guess, LOGIN, &json!({})).code(), "SignatureDoesNotMatch");
    let other = Credentials { token: "other".to_owned(), ..mine.clone() };
    assert_eq!(call(&cloud, &other, LOGIN, &json!({})).code(), "UnrecognizedClientException");
    let nobody = Credentials { access_key: "ASIANOBODY".to_owned(), ..mine };
    assert_eq!(call(&cloud, &nobody, LOGIN, &json!({})).code(), "UnrecognizedClientException");
    assert_eq!(whoami(&cloud, &nobody).code(), "InvalidClientTokenId");
}

#[test]
fn a_signature_is_for_one_service() {
    let cloud = cloud();
    let mine = session(&cloud, None);
    let target = [("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")];
    let sent = Sent { method: "POST", target: "/", more: &target, body: "{}" };
    assert_eq!(send(&cloud, &mine, Service::Ecr, &sent).status, 200);
    assert_eq!(send(&cloud, &mine, Service::Kms, &sent).code(), "SignatureDoesNotMatch");
}

#[test]
fn another_emulator_is_asked_only_for_what_is_permitted() {
    let emulator = Listener::start(|request| {
        Reply::json(200, &json!({"from": request.header("authorization").unwrap_or_default()}))
    });
    let served = ["DescribeRegistry", "GetLifecyclePolicy"];
    let upstream = Upstream::new(&emulator.origin()).serving(Service::Ecr, &served);
    let options = Options { upstreams: vec![upstream], ..Options::default() };
    let may = json!({"Statement": {"Effect": "Allow", "Action": "ecr:GetLifecyclePolicy",
        "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/team/app"}});
    let cloud = Cloud::start(options.release_may(vec![may])).unwrap();
    let mine = session(&cloud, None);
    let ask =
        |name: &str, input: &serde_json::Value| call(&cloud, &mine, (Service::Ecr, name), input);
    let answer = ask("GetLifecyclePolicy", &json!({"repositoryName": "team/app"})).json();
    let from = answer["from"].as_str().unwrap();
    assert!(
        from.contains("Credential=111122223333/") && !from.contains(&mine.access_key),
        "{from}"
    );
    let other = ask("GetLifecyclePolicy", &json!({"repositoryName": "team/other"}));
    assert_eq!(other.code(), "AccessDeniedException");
    assert_eq!(ask("DescribeRegistry", &json!({})).code(), "AccessDeniedException");
}

#[test]
fn sessions_end() {
    let lifetime = Some(Duration::ZERO);
    let cloud = Cloud::start(Options { session_lifetime: lifetime, ..Options::default() }).unwrap();
    let short = session(&cloud, None);
    assert_eq!(call(&cloud, &short, LOGIN, &json!({})).code(), "ExpiredTokenException");
    assert_eq!(whoami(&cloud, &short).code(), "ExpiredToken");

    let cloud = self::cloud();
    let long = session(&cloud, None);
    assert_eq!(call(&cloud, &long, LOGIN, &json!({})).status, 200);
    cloud.expire_sessions();
    assert_eq!(call(&cloud, &long, LOGIN, &json!({})).code(), "ExpiredTokenException");
}

#[test]
fn what_no_policy_allows_is_refused_by_name() {
    let options = Options::default().release_may(vec![json!({"Statement": {
        "Effect": "Allow", "Action": "ecr:Describe*",
        "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/team/app",
    }})]);
    let cloud = Cloud::start(options).unwrap();
    let mine = session(&cloud, None);
    let denied = call(&cloud, &mine, LOGIN, &json!({}));
    assert_eq!(denied.code(), "AccessDeniedException");
    for part in ["ecr:GetAuthorizationToken on resource: *", "assumed-role/release/run-7"] {
        assert!(denied.text.contains(part), "{}", denied.text);
    }
    let describe = (Service::Ecr, "DescribeRepositories");
    let named = |name: &str| call(&cloud, &mine, describe, &json!({"repositoryNames": [name]}));
    assert_eq!(named("team/app").status, 200);
    assert_eq!(named("team/app2").code(), "AccessDeniedException");
    assert_eq!(call(&cloud, &mine, describe, &json!({})).code(), "AccessDeniedException");
    let noted: Vec<_> = cloud.permissions().into_iter().filter(|it| it.allowed).collect();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].action, "ecr:DescribeRepositories");
    assert!(noted[0].resource.ends_with(":repository/team/app"));
}

#[test]
fn a_session_policy_narrows_what_the_role_may_do() {
    let cloud = cloud();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}]});
    let narrow = session(&cloud, Some(&policy));
    assert_eq!(call(&cloud, &narrow, LOGIN, &json!({})).status, 200);
    let denied = call(&cloud, &narrow, (Service::Ecr, "DescribeRepositories"), &json!({}));
    assert!(denied.text.contains("because no session policy allows"), "{}", denied.text);
}

#[test]
fn calls_are_noted_and_trouble_comes_as_often_as_it_should() {
    let cloud = cloud();
    let mine = session(&cloud, None);
    cloud.reset_recording();
    cloud.throttle(Service::Ecr, LOGIN.1, 2);
    let codes: Vec<_> = (0..3).map(|_| call(&cloud, &mine, LOGIN, &json!({})).status).collect();
    assert_eq!(codes, [400, 400, 200]);
    let calls = cloud.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0].error.as_deref(), Some("ThrottlingException"));
    assert_eq!(calls[2].error, None);
    assert!(calls[2].session.as_ref().is_some_and(|it| it.ends_with("/run-7")));
    assert_eq!(cloud.requests(), 3);
}

#[test]
fn what_is_not_served_says_so() {
    let cloud = cloud();
    let mine = session(&cloud, None);
    let answer = call(&cloud, &mine, (Service::Ecr, "DeleteRepository"), &json!({}));
    assert_eq!(answer.code(), "UnknownOperationException");
}

#[test]
fn a_role_is_shown_to_whom_that_is_allowed() {
    let ask = |cloud: &Cloud, name: &str| {
        let body = format!("Action=GetRole&Version=2010-05-08&RoleName={name}");
        let more = [("Content-Type", "application/x-www-form-urlencoded")];
        let sent = Sent { method: "POST", target: "/", more: &more, body: &body };
        send(cloud, &session(cloud, None), Service::Iam, &sent)
    };
    let cloud = cloud();
    let shown = ask(&cloud, "release");
    let trust = element(&shown.text, "AssumeRolePolicyDocument").unwrap();
    assert!(trust.starts_with("%7B%22Statement%22"), "{trust}");
    assert_eq!(ask(&cloud, "other").code(), "NoSuchEntity");
    let nothing = Cloud::start(Options::default().release_may(Vec::new())).unwrap();
    assert_eq!(ask(&nothing, "release").code(), "AccessDenied");
}
