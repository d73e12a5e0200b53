//! The table "At a glance" of docs/compatibility.md, made of what the readers really did.
//!
//! A reader accepts a release where it passes under the key of the release and refuses another
//! key. Where it does not pass, it must have said that it found nothing: a program that crashed or
//! reached nothing has answered nothing, and fails the test.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;

use boltseal_testkit::document::{between, hold};

use crate::cosign::{Cosign, Form, NO_ENVELOPE_BY_KEY, UNSIGNED};
use crate::finished::Finished;
use crate::key_pair::KeyPair;
use crate::policy::{NO_BUNDLE, Policy};
use crate::program::Program;
use crate::registry::Registry;
use crate::released::{PREDICATES, Released};

const VERDICT: &str = PREDICATES[3];
const BEGIN: &str = "<!-- begin: written by a test, tests/peers/matrix.rs -->\n";
const END: &str = "<!-- end -->\n";
/// The shapes in which a release can write its evidence.
const SHAPES: [&str; 3] = ["bundle", "legacy", "bundle,legacy"];

/// A program that reads what boltseal wrote, asked in one way.
#[derive(Clone, Copy)]
enum Reader {
    Signature(Cosign),
    Attestation(Cosign),
    Kyverno(Policy),
    SigstoreCrate,
    Oras,
    Regctl,
}

/// Each with its name in the table, and the peer and module or crate whose pin is its version.
const READERS: [(&str, Reader, (&str, &str)); 12] = [
    ("`cosign verify`", Reader::Signature(Cosign::V3), COSIGN3),
    ("`cosign verify`", Reader::Signature(Cosign::V26), COSIGN26),
    ("`cosign verify`", Reader::Signature(Cosign::V24), COSIGN24),
    ("`cosign verify-attestation`", Reader::Attestation(Cosign::V3), COSIGN3),
    ("`cosign verify-attestation`", Reader::Attestation(Cosign::V26), COSIGN26),
    ("`cosign verify-attestation`", Reader::Attestation(Cosign::V24), COSIGN24),
    ("Kyverno `type: SigstoreBundle`", Reader::Kyverno(Policy::Bundle(VERDICT)), KYVERNO),
    ("Kyverno `ImageValidatingPolicy`", Reader::Kyverno(Policy::Validating(VERDICT)), KYVERNO),
    ("Kyverno `type: Cosign`", Reader::Kyverno(Policy::ClassicSignature), KYVERNO),
    ("`sigstore` crate", Reader::SigstoreCrate, ("sigstore-rs/Cargo.toml", "sigstore = ")),
    ("`oras discover`", Reader::Oras, ("oras/go.mod", "oras.land/oras ")),
    (
        "`regctl artifact list`",
        Reader::Regctl,
        ("regctl/go.mod", "github.com/regclient/regclient "),
    ),
];

const COSIGN3: (&str, &str) = ("cosign3/go.mod", "github.com/sigstore/cosign/v3 ");
const COSIGN26: (&str, &str) = ("cosign26/go.mod", "github.com/sigstore/cosign/v2 ");
const COSIGN24: (&str, &str) = ("cosign24/go.mod", "github.com/sigstore/cosign/v2 ");
const KYVERNO: (&str, &str) = ("kyverno/go.mod", "github.com/kyverno/kyverno ");

/// What readers say where they find nothing that they can read.
const NOTHING: [&str; 8] = [
    UNSIGNED,
    NO_BUNDLE,
    NO_ENVELOPE_BY_KEY,
    "no matching attestations",
    "no signature found",
    "cosign bundle verification failed",
    "none of 1 signatures is by this key",
    "no matching signatures: invalid signature",
];

#[test]
fn the_table_of_the_document_is_what_was_seen() {
    let [without, with] = thread::scope(|scope| {
        let registries: [fn() -> Registry; 2] = [Registry::distribution, Registry::ferro];
        registries
            .map(|registry| scope.spawn(move || SHAPES.map(|shape| column(&registry(), shape))))
            .map(|column| column.join().expect("what each registry showed"))
    });
    let mut table = String::from(
        "| reader | version | `bundle` | `legacy` | `bundle,legacy` |\n|---|---|---|---|---|\n",
    );
    for (row, (name, _, (file, pin))) in READERS.iter().enumerate() {
        let cells: Vec<&str> =
            (0..SHAPES.len()).map(|shape| cell(without[shape][row], with[shape][row])).collect();
        let version = pinned(file, pin);
        let _ = writeln!(table, "| {name} | {version} | {} |", cells.join(" | "));
    }
    let marks = (BEGIN, END);
    hold(&root().join("docs/compatibility.md"), |text| between(text, marks, &table));
}

/// Which readers accept a release in this shape.
fn column(registry: &Registry, shape: &str) -> Vec<bool> {
    let released = Released::into(registry, shape);
    READERS.iter().map(|(_, reader, _)| reader.accepts(&released, registry)).collect()
}

impl Reader {
    fn accepts(self, released: &Released, registry: &Registry) -> bool {
        let accepts = self.passes(released, &released.ours, registry);
        // What is listed, is listed without a key.
        if accepts && !matches!(self, Self::Oras | Self::Regctl) {
            let stranger = self.passes(released, &released.other, registry);
            assert!(!stranger, "a stranger's key is accepted");
        }
        accepts
    }

    fn passes(self, released: &Released, key: &KeyPair, registry: &Registry) -> bool {
        let image = &released.pinned;
        match self {
            Self::Signature(cosign) => passed(&cosign.verify(image, key, Form::Bundle)),
            Self::Attestation(cosign) => {
                passed(&cosign.verify_attestation(image, VERDICT, key, Form::Bundle))
            }
            Self::Kyverno(policy) => passed(&policy.apply(image, key)),
            Self::SigstoreCrate => {
                passed(&Program::peer("sigstore-rs").run(&["verify", &key.public(), image]))
            }
            Self::Oras => {
                let words = ["discover", "--plain-http", "--format", "json", image];
                lists(Program::peer("oras").run(&words), "referrers", released)
            }
            Self::Regctl => {
                let host = format!("reg={},tls=disabled", registry.host());
                let words = ["--host", &host, "artifact", "list", "--format", "{{json .}}", image];
                lists(Program::peer("regctl").run(&words), "descriptors", released)
            }
        }
    }
}

/// Whether it passed. Where it did not, it must have said that it found nothing.
#[track_caller]
fn passed(finished: &Finished) -> bool {
    let said = format!("{}{}", finished.stdout, finished.stderr);
    let nothing = || NOTHING.iter().any(|reason| said.contains(reason));
    assert!(finished.passed() || nothing(), "neither passed nor found nothing: {finished:?}");
    finished.passed()
}

/// Whether each piece of evidence is in a list.
fn lists(finished: Finished, member: &str, released: &Released) -> bool {
    let listed = finished.passes().json();
    let bundles = &released.release.evidence;
    let names = listed[member].as_array().cloned().unwrap_or_default();
    let found = |digest: &String| names.iter().any(|it| it["digest"] == digest.as_str());
    !bundles.is_empty() && bundles.keys().all(found)
}

/// What stands in the table for a registry without the Referrers API and one with it.
fn cell(without: bool, with: bool) -> &'static str {
    match (without, with) {
        (true, true) => "yes",
        (false, false) => "no",
        (false, true) => "with the Referrers API",
        (true, false) => "without the Referrers API",
    }
}

/// The version that a peer's manifest pins.
fn pinned(file: &str, pin: &str) -> String {
    let path = root().join("tests/peers").join(file);
    let text = fs::read_to_string(&path).expect("a peer's manifest");
    let line = text
        .lines()
        .find_map(|line| line.trim_start_matches("require").trim_start().strip_prefix(pin));
    let version = line.unwrap_or_else(|| panic!("no {pin} in {file}"));
    let clean = |it: char| it == '.' || it.is_ascii_digit();
    let start = version.find(|it: char| it.is_ascii_digit()).expect("a version");
    version[start..].chars().take_while(|it| clean(*it)).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
