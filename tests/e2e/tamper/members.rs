//! Every member of an evidence file: changed, cut, removed, doubled, added.

use std::fs;

use boltseal_core::{Digest, Kind};
use boltseal_crypto::{Envelope, KeyAlgorithm, PrivateKey};
use serde_json::{Value, json};

use super::change::{Change, flip};
use super::files::{OnFiles, blob_name, tar_of};
use super::place::Place;
use super::refusal::{Ending, Refusal};
use super::signing::{Signer, statement};

const TARGET: &str = "evidence:e.tar";
const POLICY: &str = "boltseal/policy.json";
const SUMMARY: &str = "boltseal/vsa.dsse.json";
const KEYS: &str = "boltseal/keys/";
const INDEX: &str = "index.json";
const VERSION: &str = "oci-layout";

/// What a member is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    /// The image's manifest.
    Image,
    /// The manifest of a piece of evidence.
    Carrier(Kind),
    /// What it carries.
    Bundle(Kind),
    /// The configuration that all those manifests share: two bytes that everybody knows.
    EmptyConfig,
    Policy,
    Summary,
    Key,
    Index,
    Version,
}

/// All members of a valid file; none is left out.
fn members(file: &OnFiles) -> Vec<(String, Role)> {
    let place: &dyn Place = file;
    let pieces = place.pieces();
    let role = |name: &str| {
        let is = |digest: &Digest| name == blob_name(digest);
        let kind = |predicate_type: &str| Kind::of_predicate_type(predicate_type);
        match name {
            INDEX => return Role::Index,
            VERSION => return Role::Version,
            POLICY => return Role::Policy,
            SUMMARY => return Role::Summary,
            _ if name.starts_with(KEYS) => return Role::Key,
            _ if is(file.image()) => return Role::Image,
            _ if is(&Digest::sha256_of(b"{}")) => return Role::EmptyConfig,
            _ => {}
        }
        let carrier = pieces.iter().find(|it| is(&it.digest));
        let bundle = pieces.iter().find(|it| is(&it.layer));
        let carrier = carrier.map(|it| Role::Carrier(kind(it.predicate_type())));
        let bundle = bundle.map(|it| Role::Bundle(kind(it.predicate_type())));
        carrier.or(bundle).unwrap_or_else(|| panic!("nobody knows what {name} is for"))
    };
    let members: Vec<_> = file.names().into_iter().map(|it| (it.clone(), role(&it))).collect();
    assert_eq!(members.len(), 1 + 5 + 5 + 1 + 1 + 1 + 1 + 2, "{members:?}");
    members
}

/// Every member is changed in a way that leaves it what it is.
#[test]
fn changed_in_place() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    for (name, role) in members(&file) {
        let before = file.file(&name);
        file.write(&name, changed(&role, &before));
        assert_ne!(before, file.file(&name));
        let ending = match role {
            Role::Policy => refused(30, "policy-contradicts", &name),
            Role::Key => refused(30, "key-contradicts", &name),
            Role::Summary => refused(11, "unknown-signer", &name),
            // An entry of the index with another digest names nothing that is there.
            Role::Index => missing(&Kind::Provenance, file.image()),
            _ => refused(30, "content-contradicts", &name),
        };
        place.expect(TARGET, &ending, &format!("{role:?} in place"));
    }
}

fn changed(role: &Role, before: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(before.to_vec()).expect("text");
    let mut document: Value = serde_json::from_slice(before).unwrap_or_default();
    match role {
        Role::Image | Role::Carrier(_) => document["annotations"]["x"] = json!("y"),
        Role::Bundle(_) => {
            document["verificationMaterial"]["publicKey"]["hint"] = json!("another key");
        }
        Role::EmptyConfig | Role::Policy => document["x"] = json!("y"),
        Role::Summary => flip(&mut document["signatures"][0]["sig"]),
        Role::Index => {
            let entries = document["manifests"].as_array_mut().expect("a list");
            let predicate = Kind::Provenance.predicate_type();
            let is_it = |it: &&mut Value| it.to_string().contains(predicate);
            let entry = entries.iter_mut().find(is_it).expect("an entry for the provenance");
            entry["digest"] = json!(Digest::sha256_of(b"another manifest"));
        }
        Role::Version => document["imageLayoutVersion"] = json!("2.0.0"),
        Role::Key => {
            let key = PrivateKey::generate(KeyAlgorithm::P256).expect("a key");
            return key.public_key().to_pem().into();
        }
    }
    assert_ne!(document.to_string(), text);
    document.to_string().into()
}

#[test]
fn changed_with_its_digests_mended() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    for (name, role) in members(&file) {
        let bytes = changed(&role, &file.file(&name));
        let ending = match &role {
            // Another image is a test of its own; nobody reads the configuration; the others have
            // no digest to mend.
            Role::Image
            | Role::EmptyConfig
            | Role::Index
            | Role::Version
            | Role::Policy
            | Role::Summary => continue,
            Role::Carrier(kind) => {
                let piece = place.piece_of(kind);
                place.unlist(&piece.digest);
                place.attach(bytes);
                Ending::Accepted
            }
            Role::Bundle(kind) => {
                let digest = place.push_again(&place.piece_of(kind), Change::Hint);
                Ending::Noted(digest.to_string(), "key hint")
            }
            Role::Key => {
                file.remove(&name);
                let key = boltseal_crypto::PublicKey::from_pem(&bytes).expect("a key");
                let hash = Digest::sha256_of(key.spki_der());
                file.write(&format!("{KEYS}{}.pub", hash.hex()), bytes);
                Ending::Accepted
            }
        };
        let document = place.expect(TARGET, &ending, &format!("{role:?}, mended"));
        if role == Role::Key {
            assert!(document["notes"][0].as_str().is_some_and(|it| it.contains("not trusted")));
        }
    }
}

#[test]
fn an_image_with_its_digests_mended_has_no_evidence() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    let manifest = changed(&Role::Image, &place.read(place.image()));
    let size = manifest.len();
    let digest = place.put_blob(manifest);
    file.move_name(&digest, size);
    place.settle();
    let document = place.verify(TARGET);
    assert_eq!(document["exit"], 12, "{document:#}");
    assert_eq!(crate::harness::codes(&document), ["evidence-missing"; 5], "{document:#}");
    assert_eq!(document["subject"]["digest"], digest.to_string());
}

#[test]
fn a_summary_that_an_accepted_key_signed_and_that_is_not_among_the_evidence() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    let signer = Signer::of(place.sandbox());
    let piece = place.piece_of(&Kind::Vsa);
    let other = statement(&piece, |it| it["predicate"]["verifiedLevels"] = json!([]));
    let envelope = signer.envelope(other.to_string().into());
    assert!(Envelope::parse(&envelope).is_ok());
    file.write(SUMMARY, envelope);
    place.expect(TARGET, &refused(30, "summary-contradicts", SUMMARY), "another summary");
}

#[test]
fn removed() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    for (name, role) in members(&file) {
        file.remove(&name);
        let ending = match &role {
            Role::Image => refused(12, "image-missing", TARGET),
            Role::Carrier(kind) | Role::Bundle(kind) => missing(kind, file.image()),
            Role::Index | Role::Version => refused(30, "content-contradicts", &name),
            // What stands beside the evidence proves nothing, so its absence takes nothing away.
            Role::EmptyConfig | Role::Policy | Role::Summary | Role::Key => Ending::Accepted,
        };
        let document = place.expect(TARGET, &ending, &format!("{role:?} removed"));
        let checked = document["checked"].to_string();
        for (gone, claim) in [(Role::Policy, "policy"), (Role::Summary, "bare summary")] {
            assert!(role != gone || !checked.contains(claim), "{checked}");
        }
    }
}

#[test]
fn cut_in_half() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    for (name, role) in members(&file) {
        let bytes = file.file(&name);
        file.write(&name, &bytes[..bytes.len() / 2]);
        let ending = match role {
            Role::Policy => refused(30, "policy-contradicts", &name),
            Role::Key => refused(30, "key-contradicts", &name),
            Role::Summary => refused(11, "malformed", &name),
            _ => refused(30, "content-contradicts", &name),
        };
        place.expect(TARGET, &ending, &format!("{role:?} cut in half"));
    }
}

/// Readers differ in which of two members of one name they take.
#[test]
fn doubled() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    place.settle();
    let valid = fs::read(place.sandbox().path("e.tar")).expect("an evidence file");
    for (name, role) in members(&file) {
        let bytes = changed(&role, &file.file(&name));
        let names = file.names();
        let all: Vec<_> = names.iter().map(|it| (it.clone(), file.file(it))).collect();
        let before = [(name.clone(), bytes)];
        let members = before.iter().chain(&all).map(|(name, bytes)| (name.as_str(), &bytes[..]));
        place.sandbox().write("e.tar", tar_of(members));
        let document = place.verify(TARGET);
        let ending = refused(30, "content-contradicts", "e.tar");
        ending.check(&document, &format!("{role:?} doubled"));
        assert!(document["reasons"][0]["found"].as_str().is_some_and(|it| it.contains(&name)));
    }
    place.sandbox().write("e.tar", valid);
    Ending::Accepted.check(&place.verify(TARGET), "as it was");
}

#[test]
fn added() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    for name in ["README", "boltseal/other.json", "other/deep/file"] {
        file.write(name, "anything");
        place.expect(TARGET, &Ending::Accepted, &format!("{name} added"));
    }
    place.put_blob(b"a blob that nothing names".to_vec());
    place.expect(TARGET, &Ending::Accepted, "a blob added");

    let name = blob_name(&Digest::sha256_of(b"one thing"));
    file.write(&name, "another thing");
    place.expect(TARGET, &refused(30, "content-contradicts", &name), "a wrong blob added");
}

#[test]
fn a_cut_archive_is_none() {
    let file = OnFiles::evidence_file();
    let place: &dyn Place = &file;
    let valid = fs::read(place.sandbox().path("e.tar")).expect("an evidence file");
    // The last two blocks say that the archive ends; before them stands the last member, its
    // header in one block and its few bytes in another.
    let end = valid.len() - 1024;
    for at in (0..end).step_by(512 * 7).chain([end - 500, end - 512, end - 800, end - 1024]) {
        place.sandbox().write("e.tar", &valid[..at]);
        let document = place.verify(TARGET);
        assert_eq!(
            (&document["exit"], &document["outcome"]),
            (&json!(30), &json!("refused")),
            "{at}"
        );
        assert_eq!(document["reasons"].as_array().map(Vec::len), Some(1), "{at}: {document:#}");
    }
}

/// Whoever makes up a whole file can put a key into it too.
#[test]
fn a_forged_file_with_the_forgers_key_inside_is_untrusted() {
    let ours = OnFiles::evidence_file();
    let theirs = OnFiles::evidence_file();
    let (ours, theirs): (&dyn Place, &dyn Place) = (&ours, &theirs);
    assert_eq!(ours.image(), theirs.image());
    let forged = fs::read(theirs.sandbox().path("e.tar")).expect("an evidence file");
    ours.sandbox().write("e.tar", forged);
    let document = ours.verify(TARGET);
    assert_eq!((&document["exit"], &document["outcome"]), (&json!(11), &json!("refused")));
    assert_eq!(crate::harness::codes(&document), ["unknown-signer"; 5], "{document:#}");
    let notes = document["notes"].to_string();
    assert!(notes.contains("is in the file and is not trusted"), "{notes}");
}

fn refused(exit: i32, code: &'static str, place: &str) -> Ending {
    Ending::Refused(Refusal::new(exit, code, &place))
}

fn missing(kind: &Kind, image: &Digest) -> Ending {
    Ending::Refused(Refusal::new(12, "evidence-missing", image).expected(kind))
}
