//! What an accepted key signed, and what must not count all the same.

use boltseal_core::{Digest, Kind, media_type};
use boltseal_testkit::image::debian_like;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Made;
use super::change::signed_bytes;
use super::place::{Place, Stored};
use super::refusal::{Ending, Refusal};
use super::signing::{Signer, statement};

/// A payload under a valid signature, in the place of a piece of evidence.
type Payload = fn(&Stored) -> Vec<u8>;

/// What is signed instead, and what it must be refused for.
const PAYLOADS: [(&str, Payload, &str, &str); 9] = [
    ("a duplicate key", duplicate_key, "malformed", "twice"),
    ("a duplicate key deep down", deep_duplicate, "malformed", "twice"),
    ("an escaped duplicate key", escaped_duplicate, "malformed", "twice"),
    (
        "trailing data",
        |it| [&signed_bytes(&it.bundle)[..], b"{}"].concat(),
        "malformed",
        "trailing",
    ),
    (
        "a trailing byte",
        |it| [&signed_bytes(&it.bundle)[..], b"\0"].concat(),
        "malformed",
        "trailing",
    ),
    ("another subject", other_subject, "wrong-subject", "sha256:00"),
    ("a subject of another algorithm", other_algorithm, "wrong-subject", "sha512:"),
    ("no subject", no_subject, "malformed", "subject"),
    ("a deep document", deep, "malformed", "recursion"),
];

pub(super) fn payloads(make: Made) {
    let place = &*make();
    let signer = Signer::of(place.sandbox());
    for piece in place.pieces() {
        let kind = Kind::of_predicate_type(piece.predicate_type());
        for (at, (what, payload, code, found)) in PAYLOADS.into_iter().enumerate() {
            let bundle = signer.bundle(media_type::IN_TOTO, payload(&piece));
            let digest = instead(place, &piece, bundle);
            let refusal = Refusal::new(11, code, &digest).expected(&kind).found(&found);
            let what = format!("{what} in {kind}, validly signed");
            place.expect(&place.targets()[at % 2], &Ending::Refused(refusal), &what);
        }
    }
}

pub(super) fn payload_types(make: Made) {
    let place = &*make();
    let signer = Signer::of(place.sandbox());
    for piece in place.pieces() {
        let kind = Kind::of_predicate_type(piece.predicate_type());
        for payload_type in ["text/plain", "application/json", ""] {
            let digest =
                instead(place, &piece, signer.bundle(payload_type, signed_bytes(&piece.bundle)));
            let refusal = Refusal::new(11, "not-a-statement", &digest).expected(&kind);
            let what = format!("{kind} as {payload_type:?}");
            place.expect(&place.targets()[0], &Ending::Refused(refusal), &what);
        }
    }
}

/// Puts a bundle in the place of a piece.
fn instead(place: &dyn Place, piece: &Stored, bundle: Vec<u8>) -> Digest {
    place.unlist(&piece.digest);
    place.attach_bundle(piece.manifest.clone(), bundle)
}

fn text(piece: &Stored) -> String {
    String::from_utf8(signed_bytes(&piece.bundle)).expect("text")
}

fn duplicate_key(piece: &Stored) -> Vec<u8> {
    let predicate_type = piece.predicate_type();
    text(piece).replacen('{', &format!("{{\"predicateType\":\"{predicate_type}\","), 1).into()
}

fn deep_duplicate(piece: &Stored) -> Vec<u8> {
    let hex = debian_like().digest();
    let member = format!("\"sha256\":\"{}\"", hex.hex());
    let twice = format!("{member},{member}");
    let changed = text(piece).replacen(&member, &twice, 1);
    assert_ne!(changed, text(piece));
    changed.into()
}

fn escaped_duplicate(piece: &Stored) -> Vec<u8> {
    text(piece).replacen('{', "{\"predicate\\u0054ype\":\"https://example.org/x\",", 1).into()
}

fn with(piece: &Stored, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    statement(piece, change).to_string().into()
}

fn other_subject(piece: &Stored) -> Vec<u8> {
    with(piece, |it| it["subject"][0]["digest"]["sha256"] = json!("0".repeat(64)))
}

fn other_algorithm(piece: &Stored) -> Vec<u8> {
    let hex = debian_like().digest().hex().to_owned();
    with(piece, |it| it["subject"][0]["digest"] = json!({"sha512": hex}))
}

fn no_subject(piece: &Stored) -> Vec<u8> {
    with(piece, |it| it["subject"] = json!([]))
}

fn deep(piece: &Stored) -> Vec<u8> {
    let nested = format!("{{\"x\":{}{},", "[".repeat(1000), "]".repeat(1000));
    text(piece).replacen('{', &nested, 1).into()
}

/// A later verdict than the release's own, by the same key.
pub(super) fn later_verdicts(make: Made) {
    let place = &*make();
    let signer = Signer::of(place.sandbox());
    let vsa = place.piece_of(&Kind::Vsa);
    let now = Timestamp::now();
    let at = |seconds: i64| (now + SignedDuration::from_secs(seconds)).to_string();
    let failed = |time: &str| verdict(&signer, &vsa, time, "FAILED");
    let passed = |time: &str| verdict(&signer, &vsa, time, "PASSED");
    let passed_at = statement(&vsa, |_| {})["predicate"]["timeVerified"].clone();
    let passed_at = passed_at.as_str().expect("a time").to_owned();
    let vsa_failed = || Ending::Refused(Refusal::new(11, "vsa-failed", &"").found(&"FAILED"));
    let add = |bundle: Vec<u8>| place.attach_bundle(vsa.manifest.clone(), bundle);
    let target = &place.targets()[0];

    add(failed(&at(60)));
    place.expect(target, &vsa_failed(), "a later FAILED");
    add(failed(&passed_at));
    place.expect(target, &vsa_failed(), "a FAILED of the same time: the worse counts");
    add(failed("2020-01-01T00:00:00Z"));
    place.expect(target, &Ending::Accepted, "an earlier FAILED");
    add(failed(&at(60)));
    add(passed(&at(120)));
    place.expect(target, &Ending::Accepted, "a FAILED, and a PASSED after it");
    add(failed(&at(3600)));
    place.expect(target, &Ending::Accepted, "a FAILED out of the future does not count");

    let digest = instead(place, &vsa, passed(&at(3600)));
    let refusal = Refusal::new(11, "from-the-future", &digest);
    place.expect(target, &Ending::Refused(refusal), "a PASSED out of the future");
}

/// A change of what a summary lists.
type Relist = fn(&mut Value);
/// An exit code and the code of a reason, where it is refused.
type Expected = Option<(i32, &'static str)>;

/// Summaries that list other things than are there, and what they are refused for.
const LISTS: [(&str, Relist, Expected); 6] = [
    ("nothing", |it| *it = json!([]), Some((11, "vsa-without-inputs"))),
    ("no list", |it| *it = Value::Null, Some((11, "malformed"))),
    ("what is not there", |it| nobodys(&mut it[0]), Some((12, "vsa-input-missing"))),
    ("another kind", other_kind, Some((11, "vsa-input-contradicts"))),
    ("no kinds", |it| each(it, "boltseal_predicateType"), None),
    ("carriers alone", |it| each(it, "boltseal_statement"), None),
];

pub(super) fn lists(make: Made) {
    let place = &*make();
    let signer = Signer::of(place.sandbox());
    let vsa = place.piece_of(&Kind::Vsa);
    for (what, change, refused) in LISTS {
        let changed = statement(&vsa, |it| change(&mut it["predicate"]["inputAttestations"]));
        let bundle = signer.bundle(media_type::IN_TOTO, changed.to_string().into());
        instead(place, &vsa, bundle);
        let target = &*place.targets()[0];
        let ending = match refused {
            Some((exit, code)) => Ending::Refused(Refusal::new(exit, code, &"")),
            // The bare summary in the file is still the first one.
            None if target.starts_with("evidence:") => {
                Ending::Refused(Refusal::new(30, "summary-contradicts", &"vsa.dsse.json"))
            }
            None => Ending::Accepted,
        };
        place.expect(target, &ending, &format!("a summary that lists {what}"));
    }
}

fn nobodys(input: &mut Value) {
    input["digest"]["sha256"] = json!("0".repeat(64));
    input["boltseal_statement"] = json!(format!("sha256:{}", "0".repeat(64)));
}

fn other_kind(inputs: &mut Value) {
    let other = inputs[1]["boltseal_predicateType"].clone();
    assert_ne!(inputs[0]["boltseal_predicateType"], other);
    inputs[0]["boltseal_predicateType"] = other;
}

fn each(inputs: &mut Value, without: &str) {
    for input in inputs.as_array_mut().expect("a list") {
        let members = input.as_object_mut().expect("an object");
        assert!(members.remove(without).is_some(), "{without}");
    }
}

fn verdict(signer: &Signer, vsa: &Stored, time: &str, result: &str) -> Vec<u8> {
    let verdict = statement(vsa, |it| {
        it["predicate"]["timeVerified"] = json!(time);
        it["predicate"]["verificationResult"] = json!(result);
    });
    signer.bundle(media_type::IN_TOTO, verdict.to_string().into())
}
