//! A valid release, changed in one place at a time: what `verify` says of each change.
//!
//! Every change is made in every place where a release may lie, and twice: in place, so that
//! content contradicts its digest (30), and pushed again under new digests in place of the
//! original, which only the signatures can tell. Each leads to exactly one refusal.

mod change;
mod files;
mod members;
mod place;
mod refusal;
mod registry;
mod signed;
mod signing;
mod stray;

use boltseal_core::Kind;
use boltseal_testkit::image::{BuiltImage, ImageBuilder, LayerBuilder};

use change::Change;
use files::OnFiles;
use place::Place;
use refusal::{Ending, Refusal};
use registry::OnRegistry;

use crate::harness::codes;
use crate::scene::ALL;

/// A place, made anew for each test.
type Made = fn() -> Box<dyn Place>;

/// Every row of the table, in one place after another.
macro_rules! table {
    ($($name:ident: $make:expr),* $(,)?) => {$(
        mod $name {
            use super::*;

            #[test]
            fn changed_in_place_contradicts_its_digest() {
                super::in_place(|| Box::new($make));
            }

            #[test]
            fn changed_and_pushed_again_is_told_by_what_was_signed() {
                super::pushed_again(|| Box::new($make));
            }

            #[test]
            fn a_piece_that_is_not_listed_is_missing() {
                super::not_listed(|| Box::new($make));
            }

            #[test]
            fn an_image_changed_in_place_contradicts_its_digest() {
                super::image_in_place(|| Box::new($make));
            }

            #[test]
            fn a_tag_that_was_moved_leads_to_an_image_without_evidence() {
                super::moved_tag(|| Box::new($make));
            }

            #[test]
            fn a_valid_signature_makes_no_statement_of_bad_bytes() {
                super::signed::payloads(|| Box::new($make));
            }

            #[test]
            fn a_valid_signature_of_another_type_is_no_statement() {
                super::signed::payload_types(|| Box::new($make));
            }

            #[test]
            fn the_latest_verdict_counts() {
                super::signed::later_verdicts(|| Box::new($make));
            }

            #[test]
            fn a_summary_lists_what_is_there() {
                super::signed::lists(|| Box::new($make));
            }

            #[test]
            fn bad_evidence_beside_the_good_changes_nothing() {
                super::stray::strays(|| Box::new($make));
            }
        }
    )*};
}

table! {
    registry_with_the_api: OnRegistry::with_api(),
    registry_with_the_fallback_tag: OnRegistry::with_fallback(),
    layout: OnFiles::layout(),
    evidence_file: OnFiles::evidence_file(),
}

fn in_place(make: Made) {
    let place = &*make();
    for piece in place.pieces() {
        for (at, change) in Change::ALL.into_iter().enumerate() {
            place.change_in_place(&piece, change);
            let what = format!("{change:?} of {} in place", piece.predicate_type());
            place.expect(&place.targets()[at % 2], &change.in_place(&piece), &what);
        }
    }
}

fn pushed_again(make: Made) {
    let place = &*make();
    for piece in place.pieces() {
        for (at, change) in Change::ALL.into_iter().enumerate() {
            let digest = place.push_again(&piece, change);
            let what = format!("{change:?} of {}, pushed again", piece.predicate_type());
            let ending = change.pushed_again(&piece, &digest, place.image());
            place.expect(&place.targets()[at % 2], &ending, &what);
        }
    }
}

fn not_listed(make: Made) {
    let place = &*make();
    for piece in place.pieces() {
        place.unlist(&piece.digest);
        let kind = Kind::of_predicate_type(piece.predicate_type());
        let missing = Refusal::new(12, "evidence-missing", place.image()).expected(&kind);
        let what = format!("{kind} is not listed");
        place.expect(&place.targets()[0], &Ending::Refused(missing), &what);
    }
}

fn image_in_place(make: Made) {
    let place = &*make();
    for target in place.targets() {
        place.set_manifest(place.image(), other_image().raw().bytes().to_vec());
        let ending = Ending::Refused(Refusal::contradiction(&""));
        let document = place.expect(&target, &ending, "the image's manifest in place");
        // By tag a registry names the digest, by digest it is in the name.
        let reason = document["reasons"][0].to_string();
        assert!(reason.contains(place.image().hex()), "{reason}");
    }
}

/// Nothing at all is known of another image: five kinds, five reasons.
fn moved_tag(make: Made) {
    let place = &*make();
    place.retag(&other_image());
    place.settle();
    let document = place.verify(&place.targets()[0]);
    assert_eq!(document["exit"], 12, "{document:#}");
    assert_eq!(codes(&document), ["evidence-missing"; 5], "{document:#}");
    let reasons = document["reasons"].as_array().expect("a list of reasons");
    for (reason, kind) in reasons.iter().zip(ALL.split(',')) {
        assert!(reason["expected"].as_str().is_some_and(|it| it.contains(kind)), "{reason:#}");
        assert_eq!(reason["where"], other_image().digest().to_string(), "{reason:#}");
        assert!(reason["fix"].as_str().is_some_and(|it| !it.is_empty()), "{reason:#}");
    }
}

fn other_image() -> BuiltImage {
    let layer = LayerBuilder::new().file("etc/motd", "another image\n");
    ImageBuilder::new().layer(layer).build()
}

#[test]
fn a_fallback_index_changed_in_place_contradicts_its_digest() {
    let released = OnRegistry::with_fallback();
    let (digest, mut index) = released.fallback().expect("a fallback index");
    index["manifests"].as_array_mut().expect("a list").pop();
    released.set_manifest(&digest, index.to_string().into());
    let place: &dyn Place = &released;
    let refusal = Refusal::contradiction(&place.image().to_string().replace(':', "-"));
    place.expect(&place.targets()[0], &Ending::Refused(refusal), "the fallback index in place");
}
