use boltseal_core::{Digest, Kind};
use boltseal_gate::{MaxAge, Waivers};
use boltseal_verify::{Demands, Evidence, ScanDemand};
use serde_json::json;

use crate::signed::{Key, evidence, image, judged, strict, summary, trust, vuln};

const EARLY: &str = "2026-05-01T00:00:00Z";
const LATE: &str = "2026-05-02T00:00:00Z";

fn by(scans: ScanDemand) -> Demands {
    Demands { scans: Some(scans), ..Demands::kinds(&[Kind::Vuln]) }
}

#[test]
fn the_latest_scan_counts_and_of_several_at_one_time_the_worse() {
    let key = Key::new("k");
    let scan = |time, finding| key.says(&image(), &Kind::Vuln, vuln(time, finding));
    let judge = |pieces| judged(&evidence(pieces), &trust(&[&key]), &by(strict()));
    let (bad, good) = (Some("High"), None);
    assert_eq!(judge(vec![scan(EARLY, good)]).0, 0);
    assert_eq!(judge(vec![scan(EARLY, Some("Low"))]).0, 0);
    let refused = (10, vec!["over-threshold"]);
    assert_eq!(judge(vec![scan(EARLY, bad)]), refused);
    assert_eq!(judge(vec![scan(EARLY, bad), scan(LATE, good)]).0, 0);
    assert_eq!(judge(vec![scan(EARLY, good), scan(LATE, bad)]), refused);
    assert_eq!(judge(vec![scan(LATE, good), scan(LATE, bad)]), refused);
    let stranger = Key::new("x").says(&image(), &Kind::Vuln, vuln(LATE, bad));
    assert_eq!(judge(vec![scan(EARLY, good), stranger]).0, 0);
}

#[test]
fn the_scans_of_one_release_are_judged_together() {
    let key = Key::new("k");
    let early = key.says(&image(), &Kind::Vuln, vuln(EARLY, Some("High")));
    let late = key.says(&image(), &Kind::Vuln, vuln(LATE, None));
    let listing = summary(LATE, "PASSED", &[&early, &late]);
    let vsa = key.says(&image(), &Kind::Vsa, listing);
    let only = key.says(&image(), &Kind::Vsa, summary(LATE, "PASSED", &[&late]));
    let judge = |vsa| {
        let pieces = vec![early.clone(), late.clone(), vsa];
        judged(&evidence(pieces), &trust(&[&key]), &by(strict()))
    };
    assert_eq!(judge(vsa), (10, vec!["over-threshold"]));
    assert_eq!(judge(only).0, 0);
}

#[test]
fn a_scan_is_as_fresh_as_is_demanded() {
    let key = Key::new("k");
    let scan = key.says(&image(), &Kind::Vuln, vuln(EARLY, None));
    let judge = |age: &str| {
        let max_age: MaxAge = age.parse().unwrap();
        let scans = ScanDemand { max_age, ..strict() };
        judged(&evidence(vec![scan.clone()]), &trust(&[&key]), &by(scans))
    };
    assert_eq!(judge("60d").0, 0);
    assert_eq!(judge("30d"), (10, vec!["report-too-old"]));
}

#[test]
fn waivers_of_the_policy_apply_and_expire() {
    let key = Key::new("k");
    let scan = key.says(&image(), &Kind::Vuln, vuln(EARLY, Some("High")));
    let judge = |expires: &str| {
        let text = format!(
            "[[waiver]]\nid = \"CVE-2026-1\"\npackage = \"zlib\"\nreason = \"r\"\nowner = \"o\"\nexpires = {expires}\n"
        );
        let waivers = Waivers::parse("waivers.toml", &text).unwrap();
        let scans = ScanDemand { waivers, ..strict() };
        judged(&evidence(vec![scan.clone()]), &trust(&[&key]), &by(scans))
    };
    assert_eq!(judge("2026-12-31").0, 0);
    assert_eq!(judge("2026-05-31"), (10, vec!["over-threshold", "waiver-expired"]));
}

#[test]
fn a_scan_that_cannot_be_judged_again_is_refused() {
    let key = Key::new("k");
    let mut predicate = vuln(EARLY, None);
    predicate["scanner"]["result"] = json!({"unknown": "format"});
    let scan = key.says(&image(), &Kind::Vuln, predicate);
    let found = evidence(vec![scan]);
    assert_eq!(judged(&found, &trust(&[&key]), &by(strict())), (11, vec!["scan-unreadable"]));
    assert_eq!(judged(&found, &trust(&[&key]), &Demands::kinds(&[Kind::Vuln])).0, 0);
}

#[test]
fn every_platform_of_an_index_is_judged() {
    let key = Key::new("k");
    let child = |name: &[u8], finding| {
        let digest = Digest::sha256_of(name);
        let scan = key.says(&digest, &Kind::Vuln, vuln(EARLY, finding));
        Evidence { pieces: vec![scan], ..Evidence::none(digest) }
    };
    let judge = |finding| {
        let children = vec![child(b"a", None), child(b"b", finding)];
        let index = Evidence { children, ..Evidence::none(image()) };
        judged(&index, &trust(&[&key]), &by(strict()))
    };
    assert_eq!(judge(None).0, 0);
    assert_eq!(judge(Some("Critical")), (10, vec!["over-threshold"]));
}
