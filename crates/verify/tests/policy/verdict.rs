use boltseal_core::Kind;
use boltseal_verify::Demands;

use crate::signed::{Key, evidence, image, judged, summary, trust};

#[test]
fn a_verdict_is_as_fresh_as_is_demanded() {
    let key = Key::new("k");
    let signature = key.signature(&image(), "");
    let early = summary("2026-05-01T00:00:00Z", "PASSED", &[&signature]);
    let vsa = key.says(&image(), &Kind::Vsa, early);
    let late = summary("2026-05-31T00:00:00Z", "PASSED", &[&signature]);
    let later = key.says(&image(), &Kind::Vsa, late);
    let judge = |pieces, age: &str| {
        let demands =
            Demands { max_verdict_age: age.parse().unwrap(), ..Demands::kinds(&[Kind::Vsa]) };
        judged(&evidence(pieces), &trust(&[&key]), &demands)
    };
    let old = vec![signature.clone(), vsa.clone()];
    assert_eq!(judge(old.clone(), "60d").0, 0);
    assert_eq!(judge(old, "7d"), (10, vec!["verdict-too-old"]));
    assert_eq!(judge(vec![signature, vsa, later], "7d").0, 0);
}

#[test]
fn a_signer_who_took_a_verdict_back_is_not_counted_for_it() {
    let (one, two) = (Key::new("one"), Key::new("two"));
    let signature = one.signature(&image(), "");
    let said = |key: &Key, time: &str, result: &str| {
        key.says(&image(), &Kind::Vsa, summary(time, result, &[&signature]))
    };
    let demands = Demands { signers: 2, ..Demands::kinds(&[Kind::Vsa]) };
    let judge = |pieces| judged(&evidence(pieces), &trust(&[&one, &two]), &demands);
    let first = said(&two, "2026-05-01T00:00:00Z", "PASSED");
    let last = said(&one, "2026-05-03T00:00:00Z", "PASSED");
    assert_eq!(judge(vec![signature.clone(), first.clone(), last.clone()]).0, 0);
    let back = said(&two, "2026-05-02T00:00:00Z", "FAILED");
    let taken = judge(vec![signature.clone(), first, back, last]);
    assert_eq!(taken, (11, vec!["too-few-signers"]));
}
