//! Logging in.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use boltseal_core::Exit;
use boltseal_oci::http::{Credentials, HttpOptions, HttpRegistry, Login};
use boltseal_ports::{Registry as _, RegistryError, RegistryErrorKind};
use boltseal_testkit::registry::{Access, Auth, Bearer, Options, What, When};

use crate::rig::{
    NAME, PASSWORD, Rig, USER, anonymous, by_tag, content, logged_in, on, push, push_image, shown,
};
use crate::scripted::{Scripted, answer};

fn bearer(anonymous: Access) -> Bearer {
    Bearer {
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        access: Access::Push,
        anonymous,
        identity_token: Some("identity-token-0815".to_owned()),
        lifetime: Duration::from_hours(1),
    }
}

fn with_auth(auth: Auth, credentials: Credentials) -> Rig {
    let http = HttpOptions { credentials, ..anonymous() };
    Rig::client(Options { auth, ..Options::default() }, &http)
}

async fn unauthorised(rig: &Rig) -> RegistryError {
    let error = rig.registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
    assert_eq!(error.exit(), Exit::Unauthorised);
    assert!(!error.fix.is_empty() && !error.place.is_empty());
    error
}

#[tokio::test]
async fn an_open_registry_is_asked_nothing_but_what_is_wanted() {
    let rig = Rig::new();
    for _ in 0..3 {
        rig.registry.fetch_manifest(&by_tag("1")).await.unwrap();
    }
    assert_eq!(rig.requests(), ["GET Manifest 404"; 3]);
}

#[tokio::test]
async fn basic_is_sent_once_it_was_asked_for() {
    let rig = Rig::login(Auth::basic(USER, PASSWORD));
    push_image(&rig.registry, &content(1, 100)).await;
    let counts = rig.server.counts();
    assert_eq!((counts.challenges, counts.tokens), (1, 0));
    assert_eq!(rig.server.requests()[0].authorization, None);
}

#[tokio::test]
async fn one_token_serves_all_that_it_covers() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    push_image(&rig.registry, &content(1, 100)).await;
    rig.registry.fetch_manifest(&by_tag("1")).await.unwrap();
    let counts = rig.server.counts();
    assert_eq!((counts.challenges, counts.tokens), (1, 1));
    let traffic = rig.registry.traffic();
    assert_eq!((traffic.reads, traffic.writes), (counts.reads, counts.writes));
}

#[tokio::test]
async fn more_rights_are_asked_for_without_a_refusal() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    rig.registry.fetch_manifest(&by_tag("1")).await.unwrap();
    push(&rig.registry, &content(1, 100)).await.unwrap();
    let counts = rig.server.counts();
    assert_eq!((counts.challenges, counts.tokens), (1, 2));
}

#[tokio::test]
async fn requests_at_once_share_one_token() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    let pick = by_tag("1");
    let requests = (0..8).map(|_| rig.registry.fetch_manifest(&pick));
    for answer in futures_util::future::join_all(requests).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(rig.server.counts().tokens, 1);
}

#[tokio::test]
async fn a_token_that_expired_is_renewed() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    rig.registry.fetch_manifest(&by_tag("1")).await.unwrap();
    rig.server.expire_tokens();
    rig.registry.fetch_manifest(&by_tag("1")).await.unwrap();
    assert_eq!(rig.server.counts().tokens, 2);
}

#[tokio::test]
async fn what_anybody_may_do_needs_no_login() {
    let rig = with_auth(Auth::Bearer(bearer(Access::Pull)), Credentials::Anonymous);
    assert_eq!(rig.registry.fetch_manifest(&by_tag("1")).await.unwrap(), None);
    let error = push(&rig.registry, &content(1, 10)).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_an_error_and_never_anonymous_access() {
    for auth in [Auth::basic(USER, PASSWORD), Auth::Bearer(bearer(Access::Pull))] {
        let wrong = Credentials::Login(Login::new(USER, "wrong-password-1"));
        let rig = with_auth(auth, wrong);
        let error = unauthorised(&rig).await;
        assert!(error.fix.contains("docker login 127.0.0.1:"), "{error:?}");
        assert!(!shown(&error).contains("wrong-password-1"), "{error:?}");
    }
}

#[tokio::test]
async fn without_credentials_it_says_where_it_looked() {
    let files = vec![PathBuf::from("/nonexistent/config.json")];
    let rig = with_auth(Auth::basic(USER, PASSWORD), Credentials::Files(files));
    let error = unauthorised(&rig).await;
    assert!(error.found.contains("/nonexistent/config.json"), "{error}");
    let rig = with_auth(Auth::Bearer(bearer(Access::None)), Credentials::Anonymous);
    unauthorised(&rig).await;
}

/// A docker configuration with `entry` for the server.
fn config(rig: &Rig, entry: impl Fn(&str) -> String) -> (tempfile::TempDir, HttpRegistry) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.json");
    std::fs::write(&file, entry(rig.server.host())).unwrap();
    let http = HttpOptions { credentials: Credentials::Files(vec![file]), ..anonymous() };
    (directory, crate::rig::client(&rig.server, NAME, &http))
}

#[tokio::test]
async fn docker_configurations_are_read() {
    for auth in [Auth::basic(USER, PASSWORD), Auth::Bearer(bearer(Access::None))] {
        let rig = Rig::login(auth);
        let encoded =
            base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let (_dir, registry) =
            config(&rig, |host| format!(r#"{{"auths":{{"{host}":{{"auth":"{encoded}"}}}}}}"#));
        push(&registry, &content(1, 10)).await.unwrap();
    }
}

#[tokio::test]
async fn identity_tokens_are_exchanged_by_post() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    let (_dir, registry) = config(&rig, |host| {
        format!(r#"{{"auths":{{"{host}":{{"identitytoken":"identity-token-0815"}}}}}}"#)
    });
    push(&registry, &content(1, 10)).await.unwrap();
    let exchanged =
        rig.server.requests().iter().any(|it| it.path == "/token" && it.method == "POST");
    assert!(exchanged);
    assert_eq!(registry.traffic().writes, 3, "POST refused, POST, PUT; the token is a read");
}

#[tokio::test]
async fn a_helper_that_is_missing_is_named() {
    let rig = Rig::login(Auth::basic(USER, PASSWORD));
    let (_dir, registry) =
        config(&rig, |host| format!(r#"{{"credHelpers":{{"{host}":"boltseal-none"}}}}"#));
    let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
    assert!(error.place.contains("docker-credential-boltseal-none"), "{error}");
}

#[tokio::test]
async fn refusals_for_good_are_unauthorised() {
    for what in [What::unauthorised(), What::forbidden(), What::status(401)] {
        let rig = Rig::login(Auth::None);
        rig.fault(When::Always, what);
        unauthorised(&rig).await;
        assert!(rig.server.counts().requests() <= 2);
    }
}

#[tokio::test]
async fn a_registry_that_echoes_a_secret_shows_it_to_nobody() {
    let server = Scripted::plain(|seen| match seen.header("authorization") {
        None => answer("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"x\"")], ""),
        Some(sent) => {
            let body = format!(
                r#"{{"errors":[{{"code":"DENIED","message":"you sent {sent} that is {PASSWORD}"}}]}}"#
            );
            answer("403 Forbidden", &[("Content-Type", "application/json")], body)
        }
    });
    let registry = on(&server.host, &logged_in());
    let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    let text = shown(&error);
    assert!(text.contains("you sent Basic ***"), "{text}");
    assert!(!text.contains(PASSWORD), "{text}");
}

#[tokio::test]
async fn a_realm_over_plain_http_elsewhere_is_sent_no_password() {
    // A name that resolves nowhere: a request to it would fail otherwise.
    let challenge = r#"Bearer realm="http://auth.invalid/token",service="x""#;
    let server = Scripted::plain(move |_| {
        answer("401 Unauthorized", &[("WWW-Authenticate", challenge)], "")
    });
    let registry = on(&server.host, &logged_in());
    let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
    assert!(error.found.contains("plain HTTP"), "{error}");
}

#[tokio::test]
async fn a_token_service_that_answers_nonsense_is_unauthorised() {
    for (status, body) in [
        ("200 OK", "<html>sign in</html>"),
        ("200 OK", ""),
        ("200 OK", r#"{"token":""}"#),
        ("302 Found", ""),
        ("404 Not Found", ""),
    ] {
        let token = Scripted::plain(move |_| answer(status, &[("Location", "/x")], body));
        let challenge = format!(r#"Bearer realm="http://{}/token""#, token.host);
        let server = Scripted::plain(move |_| {
            answer("401 Unauthorized", &[("WWW-Authenticate", &challenge)], "")
        });
        let registry = on(&server.host, &anonymous());
        let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{status} {body}: {error}");
        assert!(error.place.contains("/token"), "{error}");
        assert_eq!(token.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_token_service_that_fails_is_waited_for_and_named() {
    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    rig.fault(When::first(2, "GET", "/token"), What::throttled(Duration::ZERO));
    assert_eq!(rig.registry.fetch_manifest(&by_tag("1")).await.unwrap(), None);

    let rig = Rig::login(Auth::Bearer(bearer(Access::None)));
    rig.fault(When::matching("GET", "/token"), What::status(503));
    let error = rig.registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
    assert!(error.place.ends_with("/token?…"), "{error}");
}

#[tokio::test]
async fn a_stand_in_is_logged_in_to_under_the_real_name() {
    let rig = Rig::login(Auth::basic(USER, PASSWORD));
    let ecr = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
    let map = format!("{ecr}=http://{}", rig.server.host());
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.json");
    std::fs::write(&file, format!(r#"{{"auths":{{"{ecr}":{{"auth":"{encoded}"}}}}}}"#)).unwrap();
    let http = HttpOptions {
        credentials: Credentials::Files(vec![file]),
        registry_map: map.parse().unwrap(),
        ..anonymous()
    };
    let repository = format!("{ecr}/{NAME}").parse().unwrap();
    let registry = HttpRegistry::new(&repository, &http).unwrap();
    push(&registry, &content(1, 10)).await.unwrap();
    assert_eq!(registry.location().to_string(), format!("{ecr}/{NAME}"));
}
