//! What the environment decides: proxies, authorities, credential helpers. A process has one
//! environment, so that each case runs in a process of its own: this program, started again for
//! one of the ignored tests.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use boltseal_oci::http::{Credentials, HttpOptions, HttpRegistry, PlainHttp};
use boltseal_ports::{Registry as _, RegistryErrorKind};
use boltseal_testkit::registry::Auth;

use crate::rig::{NAME, PASSWORD, Rig, USER, anonymous, by_tag, logged_in, on, shown};
use crate::scripted::{Scripted, Seen, answer, pem};

const HOST: &str = "BOLTSEAL_TEST_HOST";

/// Runs an ignored test of this file with nothing but `variables` in its environment.
fn again(test: &str, variables: &[(&str, &str)]) -> Output {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args(["--ignored", "--exact", "--nocapture", &format!("environment::{test}")])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn passes(test: &str, variables: &[(&str, &str)]) {
    let output = again(test, variables);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    // A name that fits no test would succeed too.
    assert!(printed.contains("1 passed"), "{printed}");
}

fn registry(http: &HttpOptions) -> HttpRegistry {
    on(&std::env::var(HOST).unwrap(), http)
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_finds_nothing() {
    let http = HttpOptions { plain_http: PlainHttp::Any, ..anonymous() };
    assert_eq!(registry(&http).fetch_manifest(&by_tag("1")).await.unwrap(), None);
}

#[test]
fn a_proxy_is_used() {
    let proxy = Scripted::plain(|_| answer("404 Not Found", &[], ""));
    let address = format!("http://{}", proxy.host);
    passes("child_finds_nothing", &[(HOST, "registry.invalid"), ("HTTP_PROXY", &address)]);
    assert_eq!(proxy.seen()[0].target, format!("http://registry.invalid/v2/{NAME}/manifests/1"));
}

#[test]
fn no_proxy_leads_to_this_machine() {
    let proxy = Scripted::plain(|_| answer("500 Internal Server Error", &[], ""));
    let server = Scripted::plain(|_| answer("404 Not Found", &[], ""));
    let address = format!("http://{}", proxy.host);
    passes("child_finds_nothing", &[(HOST, &server.host), ("HTTP_PROXY", &address)]);
    assert!(proxy.seen().is_empty());
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_reaches_nobody() {
    for plain_http in [PlainHttp::Any, PlainHttp::Never] {
        let http = HttpOptions { plain_http, ..logged_in() };
        let error = registry(&http).fetch_manifest(&by_tag("1")).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
        assert!(!shown(&error).contains("proxy-s3cret"), "{error:?}");
    }
}

#[test]
fn a_tunnel_is_asked_for_without_the_registry_s_login() {
    let proxy = Scripted::plain(|_| answer("403 Forbidden", &[], ""));
    let address = format!("http://me:proxy-s3cret@{}", proxy.host);
    let both = [("HTTP_PROXY", "http://127.0.0.1:9"), ("HTTPS_PROXY", &address)];
    passes("child_reaches_nobody", &[&[(HOST, "registry.invalid")], &both[..]].concat());
    let seen = proxy.seen();
    let connects = |it: &Seen| it.method == "CONNECT" && it.target == "registry.invalid:443";
    assert!(!seen.is_empty() && seen.iter().all(connects), "{seen:?}");
    assert!(seen.iter().all(|it| it.header("authorization").is_none()), "{seen:?}");
}

#[test]
fn no_proxy_keeps_hosts_away_from_the_proxy() {
    let proxy = Scripted::plain(|_| answer("404 Not Found", &[], ""));
    let address = format!("http://{}", proxy.host);
    let proxies = [("HTTP_PROXY", &*address), ("HTTPS_PROXY", &address)];
    let direct = [(HOST, "registry.invalid"), ("NO_PROXY", "other.invalid,registry.invalid")];
    passes("child_reaches_nobody", &[&direct[..], &proxies].concat());
    assert!(proxy.seen().is_empty(), "{:?}", proxy.seen());
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_trusts_by_environment() {
    let http = HttpOptions { plain_http: PlainHttp::Never, ..anonymous() };
    assert_eq!(registry(&http).fetch_manifest(&by_tag("1")).await.unwrap(), None);
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_trusts_a_stand_in() {
    let map = format!("registry.invalid=https://{}", std::env::var(HOST).unwrap());
    let http = HttpOptions { registry_map: map.parse().unwrap(), ..anonymous() };
    let registry = on("registry.invalid", &http);
    assert_eq!(registry.fetch_manifest(&by_tag("1")).await.unwrap(), None);
}

#[test]
fn ssl_cert_file_is_trusted() {
    let server = Scripted::tls(|_| answer("404 Not Found", &[], ""));
    let authority = pem("authority.pem").display().to_string();
    let variables = [(HOST, server.host.as_str()), ("SSL_CERT_FILE", authority.as_str())];
    for test in ["child_trusts_by_environment", "child_trusts_a_stand_in"] {
        passes(test, &variables);
    }
}

/// A docker configuration that names a helper for one host.
fn for_host(host: &str) -> String {
    format!(r#"{{"credHelpers":{{"{host}":"test"}}}}"#)
}

/// A directory to be `HOME` and `PATH`, with a docker configuration and a helper that says what
/// `script` says.
fn home(config: &str, script: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let helper = home.path().join("docker-credential-test");
    std::fs::write(&helper, format!("#!/bin/sh\nread server\n{script}\n")).unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(home.path().join(".docker")).unwrap();
    std::fs::write(home.path().join(".docker/config.json"), config).unwrap();
    home
}

fn variables<'a>(host: &'a str, home: &'a Path) -> [(&'a str, &'a str); 3] {
    let home = home.to_str().unwrap();
    [(HOST, host), ("HOME", home), ("PATH", home)]
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_logs_in_by_environment() {
    let http = HttpOptions { credentials: Credentials::from_environment(), ..anonymous() };
    assert_eq!(registry(&http).fetch_manifest(&by_tag("1")).await.unwrap(), None);
}

#[test]
fn a_helper_is_asked_for_the_host() {
    let for_all = |_: &str| r#"{"credsStore":"test"}"#.to_owned();
    for (auth, config) in [
        (Auth::basic(USER, PASSWORD), for_host as fn(&str) -> String),
        (Auth::bearer(USER, PASSWORD), for_host),
        (Auth::basic(USER, PASSWORD), for_all),
    ] {
        let rig = Rig::login(auth);
        let host = rig.server.host();
        let script = format!(
            r#"[ "$1 $server" = "get {host}" ] && echo '{{"ServerURL":"","Username":"{USER}","Secret":"{PASSWORD}"}}'"#
        );
        let home = home(&config(host), &script);
        passes("child_logs_in_by_environment", &variables(host, home.path()));
    }
}

#[tokio::test]
#[ignore = "run by the tests beside it, in an environment of its own"]
async fn child_is_told_of_the_helper() {
    let http = HttpOptions { credentials: Credentials::from_environment(), ..anonymous() };
    let error = registry(&http).fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unauthorised, "{error}");
    let text = shown(&error);
    assert!(text.contains("docker-credential-test"), "{text}");
    assert!(text.contains("the cloud is away") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_helper_that_fails_is_named_and_its_output_is_not_shown() {
    let rig = Rig::login(Auth::basic(USER, PASSWORD));
    let host = rig.server.host();
    let home = home(&for_host(host), "echo hunter2; echo the cloud is away >&2; exit 1");
    passes("child_is_told_of_the_helper", &variables(host, home.path()));
}

#[test]
fn a_helper_that_has_nothing_leaves_us_anonymous() {
    let token = Scripted::plain(|_| answer("200 OK", &[], r#"{"token":"anybody"}"#));
    let challenge = format!(r#"Bearer realm="http://{}/token""#, token.host);
    let asks = Scripted::plain(move |seen| match seen.header("authorization") {
        None => answer("401 Unauthorized", &[("WWW-Authenticate", &challenge)], ""),
        Some("Bearer anybody") => answer("404 Not Found", &[], ""),
        Some(_) => answer("403 Forbidden", &[], ""),
    });
    let home = home(&for_host(&asks.host), "echo credentials not found in native keychain; exit 1");
    passes("child_logs_in_by_environment", &variables(&asks.host, home.path()));
    assert_eq!(token.seen()[0].header("authorization"), None);
}
