//! What the reports say of the gate against an earlier release.

use boltseal_testkit::registry::Options;
use serde_json::Value;

use crate::baseline::{PREVIOUS, scan, with_a_past};
use crate::release::Place;
use crate::report_forms::{Reported, release, valid_outputs, valid_scanning};

/// The previous release had 1 and 2; this one has 2, 3 and 4, of which 4 is waived.
fn compared() -> (Place, Reported) {
    let place = with_a_past();
    let report = scan(&place, "now.json", &["CVE-2026-2", "CVE-2026-3", "CVE-2026-4"]);
    place.sandbox.write(
        "w.toml",
        "[[waiver]]\nid = \"CVE-2026-4\"\npackage = \"*\"\nreason = \"not reachable\"\n\
         owner = \"sec\"\nexpires = 2099-01-01\n",
    );
    let more = [&["--scan", &*report, "--waivers", "w.toml"][..], &PREVIOUS].concat();
    let reported = release(&place, &place.to("1.1"), &more);
    (place, reported)
}

/// The states of the results by the findings' ids.
fn states(reported: &Reported) -> Vec<(String, Option<String>)> {
    let sarif = reported.json("sarif");
    let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut states: Vec<_> = results
        .iter()
        .map(|it| (text(&it["ruleId"]).unwrap(), text(&it["baselineState"])))
        .collect();
    states.sort();
    states
}

#[test]
fn each_form_says_what_is_new() {
    let (place, reported) = compared();
    reported.is(10, "refused");
    let digest = place.image.digest().to_string();
    let outputs = valid_outputs(&reported.texts["github-outputs"]);
    let numbers = ["new", "fixed", "carried", "waived"].map(|name| &*outputs[name]);
    assert_eq!(numbers, ["1", "1", "1", "1"]);
    for kind in ["markdown", "comment"] {
        let text = &reported.texts[kind];
        assert!(text.contains("### Against the baseline") && text.contains(&digest), "{text}");
        assert!(text.contains("| new | 1 | CVE-2026-3 in libc6"), "{text}");
        assert!(text.contains("| fixed | 1 | CVE-2026-1 in libc6"), "{text}");
    }
    let row = "| high, carried | <code>CVE-2026-2</code> |";
    assert!(reported.texts["markdown"].contains(row), "{}", reported.texts["markdown"]);
    assert!(!reported.texts["comment"].contains(row), "a comment lists what counts");
    let page = &reported.texts["html"];
    assert!(page.contains("1 new, 1 fixed, 1 carried, 1 waived"));
    for mark in ["<tr data-since=\"new\">", "<tr data-since=\"carried\">"] {
        assert_eq!(page.matches(mark).count(), 1, "{mark}");
    }
    assert!(page.contains("<option value=\"carried\">carried (1)</option>"));
    let fixed = page.split_once("id=\"fixed\"").expect("a list of what is fixed").1;
    assert!(fixed.split_once("</section>").unwrap().0.contains("CVE-2026-1"));
}

/// GitHub and GitLab close what is no longer listed, so what is carried is; and open what is
/// listed, so what is fixed is not.
#[test]
fn what_is_carried_is_not_told_as_fixed() {
    let (_place, reported) = compared();
    let state = |id: &str, state: &str| (id.to_owned(), Some(state.to_owned()));
    let expected =
        [state("CVE-2026-2", "unchanged"), state("CVE-2026-3", "new"), state("CVE-2026-4", "new")];
    assert_eq!(states(&reported), expected);
    let notes = &reported.json("sarif")["runs"][0]["invocations"][0];
    let notes = notes["toolExecutionNotifications"].to_string();
    assert!(notes.contains("1 new, 1 fixed, 1 carried, 1 waived"), "{notes}");
    let scanning = valid_scanning(&reported, "success");
    assert_eq!(scanning["vulnerabilities"].as_array().map(Vec::len), Some(2));
}

#[test]
fn without_a_baseline_it_is_said_why() {
    let place = Place::new(Options::default());
    let report = scan(&place, "now.json", &["CVE-2026-1"]);
    let more = [&["--scan", &*report][..], &PREVIOUS].concat();
    let reported = release(&place, &place.to("1.0"), &more);
    reported.is(10, "refused");
    for kind in ["markdown", "comment", "html", "text"] {
        let text = &reported.texts[kind];
        assert!(text.contains("there is no image"), "{kind}: {text}");
        assert!(text.contains("every finding is new"), "{kind}: {text}");
    }
    assert_eq!(states(&reported), [("CVE-2026-1".to_owned(), None)], "there is no baseline");
    assert!(!reported.texts["html"].contains("data-since"));
    let plain = release(&place, &place.to("1.0"), &["--scan", "now.json"]);
    assert!(!plain.texts["html"].contains("Baseline") && !plain.texts["text"].contains("baseline"));
    assert!(!valid_outputs(&plain.texts["github-outputs"]).contains_key("new"));
}
