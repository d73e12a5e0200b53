//! Bad evidence beside the good: whoever may push may add any of this, and nothing comes of it
//! but a line in the report, in both formats.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind, media_type};
use boltseal_crypto::{Bundle, Envelope, KeyAlgorithm, PrivateKey, pae};
use serde_json::{Value, json};

use super::change::{PREDICATE, flip, signed_bytes};
use super::place::{Place, Stored};
use super::refusal::Ending;
use crate::scene::ALL;

/// A bundle made after a good one.
type Made = fn(&Stored) -> Vec<u8>;
/// A change of a manifest.
type Spoil = fn(&mut Value);

/// Bundles, and what the report must say of each.
const BUNDLES: [(&str, Made, &str); 16] = [
    ("another key's signature", strangers, "no accepted key"),
    ("no bytes", |_| Vec::new(), "malformed"),
    ("no JSON", |_| b"bundle".to_vec(), "malformed"),
    ("no members", |_| b"{}".to_vec(), "malformed"),
    ("deep brackets", |_| "[".repeat(100_000).into(), "malformed"),
    ("a million values", |_| format!("[{}0]", "0,".repeat(1_000_000)).into(), "too many values"),
    (
        "a broken signature",
        |it| edited(it, |b| flip(&mut b[DSSE]["signatures"][0]["sig"])),
        "no accepted key",
    ),
    ("no signature", |it| edited(it, |b| b[DSSE]["signatures"] = json!([])), "signature"),
    ("two signatures", |it| edited(it, twice), "signature"),
    ("no base64", |it| edited(it, |b| b[DSSE]["payload"] = json!("*")), "base64"),
    ("an unknown member", |it| edited(it, |b| b["x"] = json!(1)), "malformed"),
    ("another version", |it| edited(it, |b| b["mediaType"] = json!("x")), "malformed"),
    ("a certificate", certificate, "certificate"),
    ("a file's signature", message, "signs a file"),
    ("a payload that is none", |it| with_payload(it, b"\xff\xfe"), "no accepted key"),
    ("a type without end", endless_type, "no accepted key"),
];

/// Manifests around a good bundle, and what the report must say, or that the piece is still good,
/// or no evidence at all.
const MANIFESTS: [(&str, Spoil, Said); 8] = [
    (
        "a hint without end",
        |it| it["annotations"][PREDICATE] = json!("A".repeat(1 << 20)),
        Said::Good,
    ),
    (
        "a size too small",
        |it| it["layers"][0]["size"] = json!(1),
        Said::Bad("as its descriptor says"),
    ),
    (
        "a size too large",
        |it| it["layers"][0]["size"] = json!(1 << 20),
        Said::Bad("as its descriptor says"),
    ),
    ("a size out of bounds", |it| it["layers"][0]["size"] = json!(u64::MAX), Said::Bad("bytes")),
    (
        "a blob that is not there",
        |it| it["layers"][0]["digest"] = json!(nobodys()),
        Said::Bad("not there"),
    ),
    ("two layers", |it| it["layers"] = json!([it["layers"][0], it["layers"][0]]), Said::Nothing),
    ("no layers", |it| it["layers"] = json!([]), Said::Nothing),
    ("another layer", |it| it["layers"][0]["mediaType"] = json!("text/plain"), Said::Nothing),
];

const DSSE: &str = "dsseEnvelope";

/// What a report says of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Refused or absent, with this text in its reason.
    Bad(&'static str),
    Good,
    Nothing,
}

pub(super) fn strays(make: super::Made) {
    let place = &*make();
    let good = place.piece_of(&Kind::Vsa);
    for (at, (what, bundle, said)) in BUNDLES.into_iter().enumerate() {
        let digest = place.attach_bundle(good.manifest.clone(), bundle(&good));
        changes_nothing(place, at, (what, &digest, Said::Bad(said)));
    }
    for (at, (what, change, said)) in MANIFESTS.into_iter().enumerate() {
        let mut manifest = good.manifest.clone();
        manifest["annotations"]["added"] = json!(what);
        change(&mut manifest);
        let digest = place.attach(manifest.to_string().into());
        changes_nothing(place, at, (what, &digest, said));
    }
}

#[track_caller]
fn changes_nothing(place: &dyn Place, at: usize, (what, digest, said): (&str, &Digest, Said)) {
    let targets = place.targets();
    let target = &*targets[at % targets.len()];
    place.settle();
    let text = place.sandbox().boltseal(&["verify", target, "--key", "k.pub", "--require", ALL]);
    assert_eq!(text.code, 0, "{what} at {target}: {text:?}");
    assert!(text.stdout.len() < 20_000, "{what}: {} bytes of text", text.stdout.len());
    let document = place.expect(target, &Ending::Accepted, what);
    assert!(document.to_string().len() < 20_000, "{what}: a report without end");
    let items = document["evidence"].as_array().expect("a list of evidence");
    let item = items.iter().find(|it| it["digest"] == digest.to_string());
    let status = item.map(|it| it["status"].as_str().unwrap_or_default());
    match said {
        Said::Nothing => assert_eq!(status, None, "{what}: {document:#}"),
        Said::Good => assert_eq!(status, Some("verified"), "{what}: {document:#}"),
        Said::Bad(wanted) => {
            let item = item.unwrap_or_else(|| panic!("{what} is not reported: {document:#}"));
            assert!(["refused", "absent"].contains(&status.unwrap_or_default()), "{item:#}");
            let reason = item["reason"].as_str().unwrap_or_default();
            assert!(reason.contains(wanted), "{what}: no {wanted:?} in {reason:?}");
        }
    }
}

fn edited(piece: &Stored, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut bundle = piece.bundle.clone();
    change(&mut bundle);
    assert_ne!(bundle, piece.bundle);
    bundle.to_string().into()
}

fn twice(bundle: &mut Value) {
    let one = bundle[DSSE]["signatures"][0].clone();
    bundle[DSSE]["signatures"] = json!([one, one]);
}

fn with_payload(piece: &Stored, payload: &[u8]) -> Vec<u8> {
    edited(piece, |bundle| bundle[DSSE]["payload"] = json!(STANDARD.encode(payload)))
}

/// The same statement, by somebody whom nobody asked.
fn strangers(piece: &Stored) -> Vec<u8> {
    let key = PrivateKey::generate(KeyAlgorithm::P256).expect("a key");
    let payload = signed_bytes(&piece.bundle);
    let signature = key.sign(&pae(media_type::IN_TOTO, &payload)).expect("a signature");
    let envelope = Envelope::new(media_type::IN_TOTO, payload, signature);
    Bundle::sealed(&key.public_key().hint(), &envelope)
}

fn endless_type(piece: &Stored) -> Vec<u8> {
    with_payload(piece, json!({"predicateType": "A".repeat(1 << 20)}).to_string().as_bytes())
}

fn certificate(piece: &Stored) -> Vec<u8> {
    edited(piece, |bundle| {
        bundle["verificationMaterial"] = json!({"certificate": {"rawBytes": "AAAA"}});
    })
}

fn message(piece: &Stored) -> Vec<u8> {
    edited(piece, |bundle| {
        let signature = bundle[DSSE]["signatures"][0]["sig"].clone();
        let members = bundle.as_object_mut().expect("an object");
        members.remove(DSSE);
        members.insert("messageSignature".to_owned(), json!({"signature": signature}));
    })
}

fn nobodys() -> Digest {
    Digest::sha256_of(b"what nobody stored")
}
