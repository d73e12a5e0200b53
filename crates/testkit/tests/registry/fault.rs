//! Things that go wrong on purpose.

use std::time::{Duration, Instant};

use boltseal_core::Digest;
use boltseal_testkit::registry::{Auth, Edge, Fault, Options, Redirects, Server, What, When};

use crate::client::{digest_of, get, push_blob, request, small_image};

fn server() -> Server {
    Server::start_blocking(Options::default())
}

fn set(server: &Server, when: When, what: What) {
    server.fault(Fault { when, what });
}

#[test]
fn answers_with_a_status_instead() {
    let server = server();
    let throttled = What::throttled(Duration::from_secs(7));
    for (what, status) in [
        (throttled, 429),
        (What::server_error(), 500),
        (What::unauthorised(), 401),
        (What::forbidden(), 403),
        (What::html(), 200),
        (What::empty(), 200),
    ] {
        set(&server, When::Nth(1), what);
        let reply = request(&server, "POST", "/v2/app/blobs/uploads/").body(b"").send().unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("retry-after").is_some(), status == 429);
        assert_eq!(reply.header("location"), None);
        server.clear_faults();
    }
    assert!(server.store().repositories().is_empty());
}

#[test]
fn resets_before_or_after_the_work() {
    let server = server();
    let manifest = small_image(&server, "app", "layer");
    let digest = digest_of(&manifest);
    let target = format!("/v2/app/manifests/{digest}");
    let bytes = manifest.to_string();
    let put = || {
        let request = request(&server, "PUT", &target)
            .with("Content-Type", manifest["mediaType"].as_str().unwrap());
        request.body(bytes.as_bytes()).send()
    };
    set(&server, When::matching("PUT", "/manifests/"), What::Reset);
    assert!(put().is_err());
    assert_eq!(server.store().manifest("app", &digest), None);
    server.clear_faults();
    set(&server, When::first(1, "PUT", "/manifests/"), What::ResetAfterStore);
    assert!(put().is_err());
    assert_eq!(server.store().manifest("app", &digest).unwrap(), bytes);
    assert_eq!(put().unwrap().status, 201);
    let recorded = server.requests();
    assert_eq!(recorded.iter().filter(|it| it.status.is_none()).count(), 2);
}

#[test]
fn a_reset_is_a_reset_and_not_an_orderly_close() {
    let server = server();
    for what in [What::Reset, What::ResetAfterStore] {
        set(&server, When::Nth(1), what);
        let error = request(&server, "GET", "/v2/").send().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn cuts_tampers_and_delays() {
    let server = server();
    let digest = push_blob(&server, "app", b"0123456789");
    let target = format!("/v2/app/blobs/{digest}");
    set(&server, When::Nth(1), What::Truncate);
    let cut = request(&server, "GET", &target).send();
    assert_eq!(cut.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    let sent = server.requests().last().unwrap().bytes_out;
    assert_eq!(sent, 5);

    set(&server, When::Nth(1), What::flipped_bit());
    let tampered = get(&server, &target);
    assert_eq!(tampered.body.len(), 10);
    assert_ne!(Digest::sha256_of(&tampered.body), digest);
    assert_eq!(tampered.header("docker-content-digest"), Some(digest.to_string().as_str()));

    let wait = Duration::from_millis(80);
    for what in [What::Slow(wait), What::Stall(wait)] {
        set(&server, When::Nth(1), what);
        let start = Instant::now();
        assert_eq!(get(&server, &target).body, b"0123456789");
        assert!(start.elapsed() >= wait);
    }
    assert_eq!(get(&server, &target).body, b"0123456789");
}

#[test]
fn a_truncated_answer_without_a_body_is_lost() {
    let server = server();
    set(&server, When::Always, What::Truncate);
    assert!(request(&server, "POST", "/v2/app/blobs/uploads/").body(b"").send().is_err());
}

#[test]
fn stops_before_or_after_a_write() {
    for (edge, stored) in [(Edge::Before, false), (Edge::After, true)] {
        let server = server();
        let manifest = small_image(&server, "app", "layer");
        let digest = digest_of(&manifest).to_string();
        let mut reached = server.stop_at_write(2, edge);
        assert!(request(&server, "POST", "/v2/app/blobs/uploads/").body(b"").send().is_ok());
        assert!(get(&server, "/v2/").status == 200 && reached.try_recv().is_err());
        let target = format!("/v2/app/manifests/{digest}");
        let bytes = manifest.to_string();
        let put = || {
            let request = request(&server, "PUT", &target)
                .with("Content-Type", manifest["mediaType"].as_str().unwrap());
            request.body(bytes.as_bytes()).send()
        };
        assert!(put().is_err());
        assert!(reached.try_recv().is_ok() && server.is_stopped());
        assert_eq!(server.store().manifests("app").len(), usize::from(stored));
        // Nothing more is served, until it is told to.
        assert!(put().is_err() && request(&server, "GET", "/v2/").send().is_err());
        server.resume();
        assert_eq!(put().unwrap().status, 201);
    }
}

#[test]
fn a_stop_that_is_not_reached_tells_nobody() {
    let server = server();
    let mut reached = server.block_before_write(3);
    push_blob(&server, "app", b"two writes");
    assert!(reached.try_recv().is_err() && !server.is_stopped());
}

#[test]
fn holds_every_answer_back() {
    let latency = Duration::from_millis(60);
    let server = Server::start_blocking(Options { latency: Some(latency), ..Options::default() });
    let start = Instant::now();
    get(&server, "/v2/");
    assert!(start.elapsed() >= latency);
}

#[test]
fn redirects_to_a_storage_that_refuses_authorization() {
    let server = Server::start_blocking(Options {
        auth: Auth::basic("ci", "secret"),
        redirects: Redirects::Storage,
        ..Options::default()
    });
    let digest = server.store().put_blob("app", "layer".into());
    let login = "Basic Y2k6c2VjcmV0";
    let target = format!("/v2/app/blobs/{digest}");
    let redirect = request(&server, "GET", &target).with("Authorization", login);
    let redirect = redirect.send().unwrap();
    assert_eq!(redirect.status, 307);
    let origin = format!("http://{}", server.storage_host());
    let path = redirect.header("location").unwrap().strip_prefix(&origin).unwrap();
    let ask = |authorised: bool| {
        let start = request(&server, "GET", path);
        let request = if authorised { start.with("Authorization", login) } else { start };
        request.send_to(server.storage_host()).unwrap()
    };
    assert_eq!(ask(false).body, b"layer");
    assert_eq!(ask(true).status, 400);
    // The registry itself has no such path.
    let direct = request(&server, "GET", path).with("Authorization", login);
    assert_eq!(direct.send().unwrap().status, 404);
}
