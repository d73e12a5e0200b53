//! Each request of a verification fails for good, in every way: the outcome is never that the
//! image lacks evidence, and never that it is verified where anything needed was not read.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use boltseal_testkit::image::{BuiltImage, ImageBuilder, index};
use boltseal_testkit::registry::{Fault, Options, Referrers, Server, Snapshot, What, When};
use boltseal_testkit::report::trivy;
use serde_json::Value;

use crate::harness::Run;
use crate::scene::{NAME, Scene, without_referrers};

/// Cases run at once; most of the time they wait before they try again.
const LANES: usize = 8;

#[test]
fn of_a_registry_with_the_referrers_api() {
    every_request_fails(Options::default);
}

#[test]
fn of_a_registry_without_the_referrers_api() {
    every_request_fails(without_referrers);
}

/// A request, so that it can be told from all others.
type Asked = (String, String);

/// How a request fails.
type Fails = (&'static str, fn() -> What);

const FAULTS: [Fails; 8] = [
    ("429", || What::throttled(Duration::ZERO)),
    ("500", What::server_error),
    ("reset", || What::Reset),
    ("truncated", || What::Truncate),
    ("html", What::html),
    ("empty", What::empty),
    ("401", What::unauthorised),
    ("403", What::forbidden),
];

fn every_request_fails(options: fn() -> Options) {
    let scene = Scene { patience: "1", ..Scene::new() };
    let (content, requests) = undisturbed(&scene, options);
    assert!(requests.len() >= 10, "{requests:?}");
    let cases: Vec<_> =
        requests.iter().flat_map(|asked| FAULTS.iter().map(move |fails| (asked, fails))).collect();
    let lane = |first: usize| {
        for (asked, fails) in cases.iter().skip(first).step_by(LANES) {
            let server = Server::start_blocking(options());
            server.store().restore(&content);
            fail(&scene, &server, asked, fails);
        }
    };
    thread::scope(|scope| {
        for first in 0..LANES {
            let lane = &lane;
            scope.spawn(move || lane(first));
        }
    });
}

/// What a released image leaves in a registry, and what a verification asks it.
fn undisturbed(scene: &Scene, options: fn() -> Options) -> (Snapshot, BTreeSet<Asked>) {
    left_by(scene, options, |server| scene.release(server, "image"))
}

fn left_by(
    scene: &Scene,
    options: fn() -> Options,
    release: impl FnOnce(&Server) -> Command,
) -> (Snapshot, BTreeSet<Asked>) {
    let server = Server::start_blocking(options());
    Run::of(release(&server).output()).exits(0);
    server.reset_recording();
    scene.verify_tag(&server).exits(0);
    let requests = server.requests().into_iter().map(|it| {
        let query = if it.query.is_empty() { String::new() } else { format!("?{}", it.query) };
        (it.method, format!("{}{query}", it.path))
    });
    (server.store().snapshot(), requests.collect())
}

fn fail(scene: &Scene, server: &Server, (method, path): &Asked, (name, what): &Fails) {
    server.fault(Fault { when: When::matching(method, path), what: what() });
    let run = scene.verify_tag(server);
    let case = format!("{name} for {method} {path}: {run:?}");
    let place = path.split('?').next().unwrap_or(path);
    let asked = server.requests().iter().any(|it| it.method == *method && it.path == place);
    assert!(asked, "never asked: {case}");
    let report = run.json();
    // What the tag of the referrers lists may be used although the API's answer says nothing:
    // it is absence that such an answer cannot prove, and here all that is required is found.
    if matches!(*name, "html" | "empty") && path.contains("/referrers/") && run.code == 0 {
        let fallback = server.requests().iter().any(|it| it.path.contains("/manifests/sha256-"));
        assert!(fallback && server.options().referrers != Referrers::Api, "{case}");
        return;
    }
    match (*name, run.code) {
        ("401" | "403", code) => assert_eq!(code, 22, "{case}"),
        // Other bytes than the digest promises are a contradiction, whoever sent them.
        ("html" | "empty", 30) => assert!(path.contains("sha256:"), "{case}"),
        (_, code) => assert_eq!(code, 21, "{case}"),
    }
    let outcome = if run.code == 30 { "refused" } else { "undetermined" };
    assert_eq!(report["outcome"], outcome, "{case}");
    assert!(names(&report, path), "no reason says where: {case}");
}

/// A registry that answers at first, and then nothing useful any more, with the time that a
/// verification has by default.
#[test]
fn for_good_are_given_up_within_a_minute() {
    let scene = Scene { patience: DEFAULT_PATIENCE, ..Scene::new() };
    let reports = add_index(&scene);
    let both: [fn() -> Options; 2] = [Options::default, without_referrers];
    let images = both.map(|options| (options, undisturbed(&scene, options)));
    let indexes = both.map(|options| {
        let release = |server: &Server| release_index(&scene, server, &reports);
        (options, left_by(&scene, options, release))
    });
    thread::scope(|scope| {
        for (options, (content, requests)) in images.iter().chain(&indexes) {
            // The tag; the list of referrers; the first piece; the middle of the pieces.
            for begin in [1, 2, 3, requests.len() / 2] {
                for (name, what) in &LASTING {
                    let case = format!("{name} from request {begin} of {}", requests.len());
                    let scene = &scene;
                    let fault = move || Fault { when: When::From(begin as u64), what: what() };
                    scope.spawn(move || last(scene, *options, content, fault(), &case));
                }
            }
        }
    });
}

const DEFAULT_PATIENCE: &str = "45";

const LASTING: [Fails; 4] = [
    ("500", What::server_error),
    ("429", || What::throttled(Duration::from_secs(5))),
    ("reset", || What::Reset),
    ("silence", || What::Slow(Duration::from_mins(10))),
];

/// An index of five platforms, `index`, with a report for each.
fn add_index(scene: &Scene) -> Vec<String> {
    let child = |platform: &str| ImageBuilder::new().platform(platform).label("of", platform);
    let platforms = ["amd64", "arm64", "s390x", "ppc64le", "riscv64"];
    let children = platforms.map(|it| child(&format!("linux/{it}")).build());
    let image = index(children.to_vec());
    image.write_layout(&scene.sandbox.path("index"), None).expect("a layout in the sandbox");
    let report = |(at, child): (usize, &BuiltImage)| {
        scene.sandbox.write(&format!("index-{at}.json"), trivy(child, &[]))
    };
    children.iter().enumerate().map(report).collect()
}

fn release_index(scene: &Scene, server: &Server, reports: &[String]) -> Command {
    let to = format!("{}:1.0", server.repository(NAME));
    let mut command = scene.sandbox.command(&["release", "oci:index", "--to", &to]);
    command.args(["--key", &scene.key.private]);
    command.args(reports.iter().flat_map(|it| ["--scan", it]));
    command
}

fn last(scene: &Scene, options: fn() -> Options, content: &Snapshot, fault: Fault, case: &str) {
    let server = Server::start_blocking(options());
    server.store().restore(content);
    server.fault(fault);
    let start = Instant::now();
    let run = scene.verify_tag(&server);
    let took = start.elapsed();
    assert_eq!(run.code, 21, "{case}: {run:?}");
    assert_eq!(run.json()["outcome"], "undetermined", "{case}: {run:?}");
    assert!(took < Duration::from_mins(1), "{case}: {took:?}");
    assert!(took > Duration::from_secs(10), "{case} is worth some patience: {took:?}");
}

/// Whether a reason says that it was this request.
fn names(report: &Value, path: &str) -> bool {
    let reasons = report["reasons"].as_array().expect("a list of reasons");
    let place = path.split('?').next().unwrap_or(path);
    let named = |reason: &Value| reason["where"].as_str().is_some_and(|it| it.contains(place));
    assert!(place.contains(NAME), "{place}");
    reasons.iter().any(named)
}
