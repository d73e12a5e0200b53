use boltseal_core::own_uri;
use serde::Serialize;

use crate::{MaxAge, Thresholds, Waiver, Waivers};

/// Whether the gate judges scanner reports at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scanning {
    /// Reports were given and are judged.
    Judged,
    /// `--scan none`: no scan is judged, and the verdict says so.
    None,
}

/// Which findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedFindings {
    /// Every one.
    All,
    /// Those that an earlier release does not have. Which release that is, is no part of the
    /// policy: once a release is finished, it is the release itself.
    New,
}

/// The effective policy of the gate as JSON, the same bytes for the same policy: what
/// `policy.digest` of the VSA is taken of and what the evidence file holds. Members stand in a
/// fixed order, waivers are sorted, and a maximum age is in its largest exact unit; the name of
/// the waiver file is no part of it.
///
/// # Panics
/// Never: what is written are texts, numbers and lists.
pub fn effective_policy(
    scanning: Scanning,
    thresholds: &Thresholds,
    max_age: MaxAge,
    waivers: &Waivers,
    counting: CountedFindings,
) -> Vec<u8> {
    let mut sorted: Vec<&Waiver> = waivers.entries.iter().collect();
    sorted.sort_by_key(|it| (&it.id, &it.package, &it.version));
    let policy = Policy {
        schema: own_uri("gate-policy"),
        scan: scanning,
        thresholds,
        max_scan_age: max_age,
        waivers: sorted,
        baseline: (counting == CountedFindings::New).then_some("previous-release"),
    };
    serde_json::to_vec(&policy).expect("texts, numbers and lists always serialise")
}

/// The members of the policy, in the order in which they are written.
#[derive(Serialize)]
struct Policy<'a> {
    schema: String,
    scan: Scanning,
    thresholds: &'a Thresholds,
    max_scan_age: MaxAge,
    waivers: Vec<&'a Waiver>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
}
