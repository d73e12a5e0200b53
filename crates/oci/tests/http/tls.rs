//! Connections that are encrypted, and steps down from them.

use std::time::Instant;

use boltseal_oci::http::{HttpOptions, HttpRegistry, PlainHttp};
use boltseal_ports::{Registry as _, RegistryErrorKind};

use crate::rig::{NAME, anonymous, by_tag, content, layer, on, push};
use crate::scripted::{Scripted, answer, pem};

fn tls() -> HttpOptions {
    HttpOptions { plain_http: PlainHttp::Never, ca_file: Some(pem("authority.pem")), ..anonymous() }
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_named() {
    let server = Scripted::tls(|_| answer("404 Not Found", &[], ""));
    let found = on(&server.host, &tls()).fetch_manifest(&by_tag("1")).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn an_unknown_authority_is_not_tried_again() {
    let server = Scripted::tls(|_| answer("404 Not Found", &[], ""));
    let http = HttpOptions { ca_file: None, ..tls() };
    let begin = Instant::now();
    let error = on(&server.host, &http).fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
    assert!(
        error.found.contains("certificate") && error.fix.contains("SSL_CERT_FILE"),
        "{error:?}"
    );
    assert!(begin.elapsed() < http.patience);
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_is_named() {
    let server = Scripted::plain(|_| answer("404 Not Found", &[], ""));
    let error = on(&server.host, &tls()).fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
    assert!(error.fix.contains("--plain-http"), "{error:?}");
}

#[tokio::test]
async fn no_redirect_leads_from_tls_to_plain_http() {
    let bytes = content(1, 100);
    let copy = bytes.clone();
    let plain = Scripted::plain(move |_| answer("200 OK", &[], &copy));
    let location = format!("http://{}/blob", plain.host);
    let server = Scripted::tls(move |seen| match seen.method.as_str() {
        "POST" => answer("202 Accepted", &[("Location", &location)], ""),
        _ => answer("307 Temporary Redirect", &[("Location", &location)], ""),
    });
    let registry = on(&server.host, &tls());
    let error = registry.fetch_blob(&layer(&bytes), 1000).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
    let error = push(&registry, &bytes).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
    assert!(plain.seen().is_empty());
}

#[tokio::test]
async fn redirects_end() {
    let server = Scripted::plain(|_| answer("302 Found", &[("Location", "/again")], ""));
    let registry = on(&server.host, &anonymous());
    let error = registry.fetch_manifest(&by_tag("1")).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{error}");
    assert!(server.seen().len() <= 6, "{}", server.seen().len());
}

#[test]
fn a_file_of_authorities_that_holds_none_is_refused() {
    for (file, kind) in [
        (pem("none.pem"), RegistryErrorKind::Unreachable),
        (pem("server.key.pem"), RegistryErrorKind::Malformed),
    ] {
        let http = HttpOptions { ca_file: Some(file.clone()), ..tls() };
        let repository = format!("h.example/{NAME}").parse().unwrap();
        let error = HttpRegistry::new(&repository, &http).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(error.place, file.display().to_string());
    }
}
