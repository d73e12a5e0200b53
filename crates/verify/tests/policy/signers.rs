use boltseal_core::{Kind, Pick};
use boltseal_verify::{Demands, Evidence, Trust, Validity};

use crate::signed::{Key, evidence, image, judged, tag, trust};

fn ended() -> Validity {
    Validity { not_after: Some("2026-05-31T00:00:00Z".parse().unwrap()), ..Validity::always() }
}

#[test]
fn an_expired_key_counts_only_for_the_images_listed_under_it() {
    let key = Key::new("old");
    let demands = Demands::kinds(&[Kind::Signature]);
    let signed = evidence(vec![key.signature(&image(), "")]);
    let with = |validity| Trust::in_keys(vec![key.within(validity)]);
    assert_eq!(judged(&signed, &trust(&[&key]), &demands).0, 0);
    assert_eq!(judged(&signed, &with(ended()), &demands), (11, vec!["signer-expired"]));
    let listed = Validity { digests: vec![image()], ..ended() };
    assert_eq!(judged(&signed, &with(listed), &demands).0, 0);
    let early = Validity {
        not_before: Some("2026-07-01T00:00:00Z".parse().unwrap()),
        ..Validity::always()
    };
    assert_eq!(judged(&signed, &with(early), &demands), (11, vec!["signer-not-yet-valid"]));
}

#[test]
fn an_index_that_is_listed_stands_for_its_images() {
    let key = Key::new("old");
    let child = boltseal_core::Digest::sha256_of(b"child");
    let sbom = key.says(&child, &Kind::Sbom, serde_json::json!({"bomFormat": "CycloneDX"}));
    let children = vec![Evidence { pieces: vec![sbom], ..Evidence::none(child) }];
    let index = Evidence { children, ..Evidence::none(image()) };
    let demands = Demands::kinds(&[Kind::Sbom]);
    let with = |validity| Trust::in_keys(vec![key.within(validity)]);
    assert_eq!(judged(&index, &with(ended()), &demands), (11, vec!["signer-expired"]));
    let listed = Validity { digests: vec![image()], ..ended() };
    assert_eq!(judged(&index, &with(listed), &demands).0, 0);
}

#[test]
fn k_of_n_counts_keys_and_not_signatures() {
    let (one, two) = (Key::new("one"), Key::new("two"));
    let demands = Demands { signers: 2, ..Demands::kinds(&[Kind::Signature]) };
    let trust = trust(&[&one, &two]);
    let both = evidence(vec![one.signature(&image(), ""), two.signature(&image(), "")]);
    assert_eq!(judged(&both, &trust, &demands).0, 0);
    let twice = evidence(vec![one.signature(&image(), "a"), one.signature(&image(), "b")]);
    assert_eq!(judged(&twice, &trust, &demands), (11, vec!["too-few-signers"]));
    let stranger = Key::new("three");
    let foreign = evidence(vec![one.signature(&image(), ""), stranger.signature(&image(), "")]);
    assert_eq!(judged(&foreign, &trust, &demands), (11, vec!["too-few-signers"]));
}

#[test]
fn a_bound_tag_is_named_by_a_signature() {
    let key = Key::new("k");
    let demands = Demands { bind_tag: true, ..Demands::kinds(&[Kind::Signature]) };
    let about = |name: &str| demands.about(Some(&Pick::Tag(tag(name))));
    let signed = evidence(vec![key.signature(&image(), "1.0,1")]);
    assert_eq!(judged(&signed, &trust(&[&key]), &about("1.0")).0, 0);
    let refused = (11, vec!["tag-not-bound"]);
    assert_eq!(judged(&signed, &trust(&[&key]), &about("latest")), refused);
    let bare = evidence(vec![key.signature(&image(), "")]);
    assert_eq!(judged(&bare, &trust(&[&key]), &about("1.0")), refused);
    let digest = demands.about(Some(&Pick::Digest(image())));
    assert_eq!(judged(&bare, &trust(&[&key]), &digest).0, 0);
    let stranger = Key::new("x").signature(&image(), "latest");
    let beside = evidence(vec![key.signature(&image(), "1.0"), stranger]);
    assert_eq!(judged(&beside, &trust(&[&key]), &about("latest")), refused);
}
