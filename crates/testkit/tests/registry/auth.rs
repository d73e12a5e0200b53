//! Logins.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_testkit::registry::{Access, Auth, Bearer, Mounts, Options, Server};

use crate::client::{Reply, get, request};

fn server(auth: Auth) -> Server {
    Server::start_blocking(Options { auth, ..Options::default() })
}

fn basic(login: &str) -> String {
    format!("Basic {}", STANDARD.encode(login))
}

fn bearer(change: impl FnOnce(&mut Bearer)) -> Server {
    let Auth::Bearer(mut options) = Auth::bearer("ci", "secret") else {
        unreachable!("that is what bearer() makes");
    };
    change(&mut options);
    server(Auth::Bearer(options))
}

fn token(server: &Server, login: &str, scope: &str) -> String {
    let reply = request(server, "GET", &format!("/token?service=x&scope={scope}"))
        .with("Authorization", &basic(login))
        .send()
        .unwrap();
    assert_eq!(reply.status, 200);
    reply.json()["token"].as_str().unwrap().to_owned()
}

fn call(server: &Server, method: &str, target: &str, token: &str) -> Reply {
    request(server, method, target)
        .with("Authorization", &format!("Bearer {token}"))
        .body(b"")
        .send()
        .unwrap()
}

const UPLOADS: &str = "/v2/team/app/blobs/uploads/";
const TAGS: &str = "/v2/team/app/tags/list";

#[test]
fn basic_wants_the_right_password_every_time() {
    let server = server(Auth::basic("AWS", "secret"));
    let challenged = get(&server, "/v2/");
    assert_eq!(challenged.status, 401);
    assert!(challenged.header("www-authenticate").unwrap().starts_with("Basic "));
    let with = |login: &str| {
        let request = request(&server, "POST", UPLOADS).with("Authorization", &basic(login));
        request.body(b"").send().unwrap().status
    };
    assert_eq!((with("AWS:wrong"), with("AWS:secret")), (401, 202));
    let requests = server.requests();
    assert_eq!(requests[2].authorization.as_deref(), Some("Basic"));
    assert!(!format!("{requests:?}").contains(&STANDARD.encode("AWS:secret")));
}

#[test]
fn a_challenge_says_where_and_for_what() {
    let server = bearer(|_| {});
    let challenged = request(&server, "POST", UPLOADS).body(b"").send().unwrap();
    let host = server.host();
    let expected = format!(
        "Bearer realm=\"http://{host}/token\",service=\"{host}\",\
         scope=\"repository:team/app:pull,push\""
    );
    assert_eq!(challenged.header("www-authenticate"), Some(expected.as_str()));
    assert_eq!(challenged.code(), "UNAUTHORIZED");
}

#[test]
fn a_token_is_good_for_what_it_was_asked_for() {
    let server = bearer(|_| {});
    let pull = token(&server, "ci:secret", "repository:team/app:pull");
    assert_eq!(call(&server, "GET", TAGS, &pull).code(), "NAME_UNKNOWN");
    let refused = call(&server, "POST", UPLOADS, &pull);
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").unwrap().contains("insufficient_scope"));
    let push = token(&server, "ci:secret", "repository:team/app:pull,push");
    assert_eq!(call(&server, "POST", UPLOADS, &push).status, 202);
    assert_eq!(call(&server, "POST", "/v2/other/blobs/uploads/", &push).status, 401);
    assert_eq!(server.counts().tokens, 2);
    assert_eq!(call(&server, "GET", "/v2/", "made-up").status, 401);
}

#[test]
fn what_is_not_granted_is_forbidden() {
    let server = bearer(|options| options.access = Access::PushOnly(vec!["mine".to_owned()]));
    let scope = "repository:team/app:pull,push&scope=repository:mine:pull,push";
    let both = token(&server, "ci:secret", scope);
    assert_eq!(call(&server, "POST", "/v2/mine/blobs/uploads/", &both).status, 202);
    let refused = call(&server, "POST", UPLOADS, &both);
    assert_eq!((refused.status, refused.code().as_str()), (403, "DENIED"));
    let wrong = request(&server, "GET", "/token").with("Authorization", &basic("ci:guess"));
    assert_eq!(wrong.send().unwrap().status, 401);
}

#[test]
fn strangers_may_pull_where_that_is_allowed() {
    let server = bearer(|options| options.anonymous = Access::Pull);
    let reply = get(&server, "/token?scope=repository:team/app:pull,push");
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(call(&server, "GET", TAGS, &token).status, 404);
    assert_eq!(call(&server, "POST", UPLOADS, &token).status, 403);
}

#[test]
fn tokens_expire() {
    let server = bearer(|_| {});
    let old = token(&server, "ci:secret", "repository:team/app:pull");
    assert_eq!(call(&server, "GET", TAGS, &old).status, 404);
    server.expire_tokens();
    let refused = call(&server, "GET", TAGS, &old);
    assert!(refused.header("www-authenticate").unwrap().contains("invalid_token"));

    let short = bearer(|options| options.lifetime = Duration::ZERO);
    let dead = token(&short, "ci:secret", "repository:team/app:pull");
    assert_eq!(call(&short, "GET", TAGS, &dead).status, 401);
}

#[test]
fn the_oauth_form_takes_a_refresh_token() {
    let server = bearer(|options| options.identity_token = Some("refresh me".to_owned()));
    let ask = |form: &str| {
        let request = request(&server, "POST", "/token").body(form.as_bytes());
        request.send().unwrap()
    };
    let scope = "scope=repository:team/app:pull,push";
    let good = ask(&format!("grant_type=refresh_token&refresh_token=refresh+me&{scope}"));
    let token = good.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(call(&server, "POST", UPLOADS, &token).status, 202);
    assert_eq!(ask(&format!("grant_type=refresh_token&refresh_token=no&{scope}")).status, 401);
    let password = ask(&format!("grant_type=password&username=ci&password=secret&{scope}"));
    assert_eq!(password.status, 200);
    // A token is no write, whatever its method.
    assert_eq!(server.counts().writes, 1);
}

#[test]
fn a_mount_needs_the_right_to_pull_from_there() {
    let server = bearer(|_| {});
    assert_eq!(server.options().mounts, Mounts::Allowed);
    let digest = server.store().put_blob("base", "layer".into());
    let target = format!("{UPLOADS}?mount={digest}&from=base");
    let scope = "repository:team/app:pull,push";
    let narrow = token(&server, "ci:secret", scope);
    assert_eq!(call(&server, "POST", &target, &narrow).status, 202);
    let wide = token(&server, "ci:secret", &format!("{scope}&scope=repository:base:pull"));
    assert_eq!(call(&server, "POST", &target, &wide).status, 201);
}
