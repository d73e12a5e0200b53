use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use boltseal_ports::Meter as _;

use super::*;
use crate::stand_in::{Answer, Asked, NOW, Renewal, StandIn, assumed, identity, refuse_xml};

const ASSUME: &str = "AssumeRoleWithWebIdentity";

fn who(asked: &Asked) -> Option<Answer> {
    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::111122223333:user/u</Arn><UserId>u</UserId>\
                <Account>111122223333</Account></GetCallerIdentityResult>\
                </GetCallerIdentityResponse>";
    let answer = Answer { status: 200, body: body.to_owned() };
    (asked.action() == "GetCallerIdentity").then_some(answer)
}

async fn denied(code: &'static str, message: &'static str) -> (AwsError, StandIn) {
    let server =
        StandIn::new(move |it: &Asked| (it.action() == ASSUME).then(|| refuse_xml(code, message)))
            .await;
    let error = server.session().caller().await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    (error, server)
}

#[tokio::test]
async fn a_role_is_assumed_once_unsigned_with_the_session_s_name_and_policy() {
    let server = StandIn::new(|_: &Asked| None).await;
    let session = server.session();
    let allowed = ["111122223333".parse().unwrap()];
    let caller = session.guard(&allowed).await.unwrap();
    session.caller().await.unwrap();
    assert_eq!(caller.arn.resource, "assumed-role/ci/boltseal");
    assert_eq!(server.actions(), [ASSUME]);
    assert_eq!(session.aws().traffic().requests(), 1);
    assert_eq!(session.claims().unwrap().audiences, ["sts.amazonaws.com"]);
    assert!(!format!("{session:?}").contains("hunter2"));
}

#[tokio::test]
async fn what_is_sent_to_sts_is_what_was_asked_for() {
    let bodies: Arc<Lock<Vec<(String, bool)>>> = Arc::default();
    let log = Arc::clone(&bodies);
    let server = StandIn::new(move |it: &Asked| {
        log.lock().unwrap().push((it.body.clone(), it.header("authorization").is_some()));
        None
    })
    .await;
    server.session().caller().await.unwrap();
    let (body, signed) = bodies.lock().unwrap()[0].clone();
    assert!(!signed);
    for part in [
        "RoleSessionName=boltseal-7-1",
        "DurationSeconds=3600",
        "Policy=%7B%22Version%22%3A%222012-10-17%22%7D",
        "WebIdentityToken=eyJ.hunter2.token",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fci",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn another_account_is_refused_before_any_call() {
    let server = StandIn::new(|_: &Asked| None).await;
    let error = server.session().guard(&["999988887777".parse().unwrap()]).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::ForeignAccount);
    assert!(error.expected.contains("999988887777") && error.found.contains("111122223333"));
    assert!(server.actions().is_empty());
}

#[tokio::test]
async fn a_denial_is_not_tried_again_and_says_what_the_role_must_trust() {
    let (error, server) = denied("AccessDenied", "Not authorized to perform").await;
    assert_eq!((error.kind, server.actions().len()), (AwsErrorKind::Unauthorised, 1));
    assert!(error.found.contains("sub project_path:acme/app:ref_type:branch:ref:main"));
    assert!(error.fix.contains("oidc-provider/gitlab.example"), "{error:?}");
    assert!(error.fix.contains(r#""gitlab.example:aud":"sts.amazonaws.com""#), "{error:?}");
}

#[tokio::test]
async fn each_refusal_of_sts_has_its_own_reason() {
    for (code, message, kind, fix) in [
        ("ExpiredTokenException", "expired", AwsErrorKind::Expired, "clock"),
        (
            "InvalidIdentityToken",
            "No OpenIDConnect provider found",
            AwsErrorKind::Unauthorised,
            "create-open-id-connect-provider --url https://gitlab.example",
        ),
        (
            "InvalidIdentityToken",
            "Incorrect token audience",
            AwsErrorKind::Unauthorised,
            "add-client-id-to-open-id-connect-provider",
        ),
        (
            "InvalidIdentityToken",
            "Couldn't retrieve verification key",
            AwsErrorKind::Unreachable,
            "answers the internet",
        ),
        ("IDPRejectedClaim", "no", AwsErrorKind::Unauthorised, "run the job again"),
        ("PackedPolicyTooLarge", "130%", AwsErrorKind::Invalid, "fewer repositories"),
        ("MalformedPolicyDocument", "x", AwsErrorKind::Invalid, "fewer repositories"),
        ("RegionDisabledException", "x", AwsErrorKind::Invalid, "activate STS"),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            AwsErrorKind::Invalid,
            "--max-session-duration 3600",
        ),
    ] {
        let (error, _server) = denied(code, message).await;
        assert_eq!(error.kind, kind, "{code}");
        assert!(error.fix.contains(fix), "{code}: {error:?}");
        assert!(error.found.contains(message), "{code}: {error:?}");
    }
}

#[tokio::test]
async fn a_service_that_echoes_the_token_does_not_get_it_shown() {
    let (error, _server) = denied("AccessDenied", "no eyJ.hunter2.token here").await;
    assert!(error.found.contains("(the token)"), "{error:?}");
}

#[tokio::test]
async fn the_wrong_audience_is_found_before_aws_is_asked() {
    let server = StandIn::new(|_: &Asked| None).await;
    let session = server.session_of(identity(NOW, Renewal::Static), Some("other"));
    let error = session.caller().await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Unauthorised);
    assert!(error.expected.contains("other") && error.found.contains("sts.amazonaws.com"));
    assert!(server.actions().is_empty());
}

#[tokio::test]
async fn credentials_with_little_time_left_are_renewed() {
    let count = AtomicU32::new(0);
    let server = StandIn::new(move |it: &Asked| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let expires = if number == 0 { "2026-03-01T13:00:00Z" } else { "2026-03-01T14:00:00Z" };
        (it.action() == ASSUME).then(|| assumed(&format!("AKIA{number}"), expires))
    })
    .await;
    let session = server.session_of(identity("2026-03-02T12:00:00Z", Renewal::Renews), None);
    let key = async || session.credentials().await.unwrap().access_key_id().to_owned();
    assert_eq!(key().await, "AKIA0");
    server.advance(Duration::from_mins(54));
    assert_eq!(key().await, "AKIA0");
    server.advance(Duration::from_secs(90));
    assert_eq!((key().await.as_str(), key().await.as_str()), ("AKIA1", "AKIA1"));
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_sent() {
    let server = StandIn::new(|_: &Asked| None).await;
    let given = server.session_of(identity("2026-03-01T11:00:00Z", Renewal::Static), None);
    let error = given.credentials().await.unwrap_err();
    assert!(error.found.contains("expired at 2026-03-01T11:10:00Z"), "{error:?}");
    assert!(error.fix.contains("`timeout`"), "{error:?}");
    assert!(server.actions().is_empty());
}

#[tokio::test]
async fn expired_credentials_lead_to_a_new_token_and_the_call_is_made_again() {
    let count = AtomicU32::new(0);
    let server = StandIn::new(move |it: &Asked| match it.action() {
        ASSUME => {
            let number = count.fetch_add(1, Ordering::SeqCst);
            Some(assumed(&format!("AKIA{number}"), "2026-03-01T13:00:00Z"))
        }
        "GetAuthorizationToken" if it.head.contains("AKIA0/") => {
            Some(crate::stand_in::refuse("ExpiredTokenException", "too old"))
        }
        _ => Some(crate::stand_in::ok(&serde_json::json!({ "authorizationData": [] }))),
    })
    .await;
    let session = server.session();
    let client = aws_sdk_ecr::Client::new(&session.config(Service::Ecr, Hosts::default()));
    session.send(Service::Ecr, || client.get_authorization_token().send()).await.unwrap();
    let login = "GetAuthorizationToken";
    assert_eq!(server.actions(), [ASSUME, login, ASSUME, login]);
}

#[tokio::test]
async fn credentials_that_stay_expired_are_an_error_and_no_endless_loop() {
    let server = StandIn::new(|it: &Asked| {
        (it.action() != ASSUME).then(|| crate::stand_in::refuse("ExpiredTokenException", "no"))
    })
    .await;
    let session = server.session();
    let client = aws_sdk_ecr::Client::new(&session.config(Service::Ecr, Hosts::default()));
    let fault =
        session.send(Service::Ecr, || client.get_authorization_token().send()).await.unwrap_err();
    assert_eq!(fault.class, FaultClass::Expired);
    assert_eq!(server.actions().len(), 4);
}

#[tokio::test]
async fn no_credentials_are_the_reason_that_a_call_gives() {
    let server = StandIn::new(|it: &Asked| {
        (it.action() == ASSUME).then(|| refuse_xml("AccessDenied", "no"))
    })
    .await;
    let session = server.session();
    let client = aws_sdk_ecr::Client::new(&session.config(Service::Ecr, Hosts::default()));
    let fault =
        session.send(Service::Ecr, || client.get_authorization_token().send()).await.unwrap_err();
    let call = Call::new(Service::Ecr, "GetAuthorizationToken", "eu-central-1");
    let error = fault.into_error(&call);
    assert!(error.place.starts_with("sts:AssumeRoleWithWebIdentity"), "{error:?}");
    assert_eq!(server.actions(), [ASSUME]);
}

#[tokio::test]
async fn a_static_token_must_outlive_the_plan() {
    let server = StandIn::new(|_: &Asked| None).await;
    let given = server.session_of(identity(NOW, Renewal::Static), None);
    // The session lives an hour, the token ten minutes.
    given.endures(Duration::from_mins(50)).await.unwrap();
    let error = given.endures(Duration::from_mins(70)).await.unwrap_err();
    assert!(error.fix.contains("timeout: 75 minutes"), "{error:?}");
    let renewed = server.session();
    renewed.endures(Duration::from_mins(70)).await.unwrap();
}

#[tokio::test]
async fn a_throttled_sts_is_asked_again_and_given_up_in_time() {
    let server = StandIn::with_patience(Duration::from_secs(4), |it: &Asked| {
        (it.action() == ASSUME).then(|| refuse_xml("Throttling", "Rate exceeded"))
    })
    .await;
    let error = server.session().caller().await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Throttled);
    assert!(error.found.contains("gave up after"), "{error:?}");
    assert!(server.actions().len() > 2, "{:?}", server.actions());
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let server = StandIn::new(who).await;
    let request = RoleRequest {
        role: "arn:aws:iam::111122223333:user/ci".parse().unwrap(),
        audience: None,
        name: "boltseal".to_owned(),
        policy: None,
        lifetime: Duration::from_hours(1),
    };
    let region = "eu-central-1".parse().unwrap();
    let identity = Arc::new(identity(NOW, Renewal::Renews));
    let error = Session::of_role(server.aws(), &region, identity, request).unwrap_err();
    assert_eq!((error.kind, error.place.as_str()), (AwsErrorKind::Invalid, "--role"));
}
