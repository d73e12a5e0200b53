//! The bytes of the effective policy, which signed verdicts name by digest.

use boltseal_gate::{CountedFindings, MaxAge, Scanning, Thresholds, Waivers, effective_policy};

fn of(max_age: &str, waivers: &str) -> String {
    let waivers = Waivers::parse("any.toml", waivers).unwrap();
    let max_age = max_age.parse().unwrap();
    let bytes = effective_policy(
        Scanning::Judged,
        &Thresholds::default(),
        max_age,
        &waivers,
        CountedFindings::All,
    );
    String::from_utf8(bytes).unwrap()
}

fn waiver(id: &str) -> String {
    format!(
        "[[waiver]]\nid = \"{id}\"\npackage = \"*\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-12-31\n"
    )
}

/// Golden: a change of these bytes changes the policy digest of every verdict.
#[test]
fn the_bytes_are_fixed() {
    assert_eq!(
        of("7d", &waiver("CVE-1")),
        r#"{"schema":"urn:boltseal:gate-policy:v1","scan":"judged","thresholds":{"critical":0,"high":0,"medium":"unlimited","low":"unlimited","informational":"unlimited","unknown":"unlimited"},"max_scan_age":"7d","waivers":[{"id":"CVE-1","package":"*","reason":"r","owner":"o","expires":"2026-12-31"}]}"#
    );
}

#[test]
fn equal_policies_are_equal_bytes_and_others_are_not() {
    let (one, two) = (waiver("CVE-1"), waiver("CVE-2"));
    assert_eq!(of("7d", &format!("{one}{two}")), of("168h", &format!("\n# later\n{two}{one}")));
    assert_ne!(of("7d", &one), of("8d", &one));
    assert_ne!(of("7d", &one), of("7d", &two));
    assert_ne!(of("7d", &one), of("7d", &one.replace("\"o\"", "\"p\"")));
    let none = effective_policy(
        Scanning::None,
        &Thresholds::default(),
        MaxAge::default(),
        &Waivers::none(),
        CountedFindings::All,
    );
    assert_ne!(of("7d", "").into_bytes(), none);
    let new = effective_policy(
        Scanning::Judged,
        &Thresholds::default(),
        MaxAge::default(),
        &Waivers::none(),
        CountedFindings::New,
    );
    assert_ne!(of("7d", "").into_bytes(), new);
}
