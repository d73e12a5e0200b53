use boltseal_core::{Kind, Pick, Tag};
use boltseal_gate::{MaxAge, Thresholds, Waivers};
use serde_json::{Map, Value, json};

use crate::{SourceDemand, Trust};

/// What a verifier demands of the evidence, besides that an accepted key has signed it. Whatever
/// is not set is not demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demands {
    /// The kinds that must be there.
    pub required: Vec<Kind>,
    /// How many different keys must have signed each of these kinds; none and one mean the same.
    pub signers: usize,
    /// Whether a signature must name the tag that was asked for.
    pub bind_tag: bool,
    /// The tag that was asked for, where one was.
    pub asked_tag: Option<Tag>,
    /// What the provenance must say.
    pub source: SourceDemand,
    /// What the attested scans must come to when they are judged again.
    pub scans: Option<ScanDemand>,
    /// How old the latest verdict may be.
    pub max_verdict_age: MaxAge,
}

/// By what attested scans are judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanDemand {
    /// How many findings are allowed.
    pub thresholds: Thresholds,
    /// Findings that somebody answers for.
    pub waivers: Waivers,
    /// How old the scan may be.
    pub max_age: MaxAge,
}

impl Demands {
    /// These kinds and nothing else.
    pub fn kinds(required: &[Kind]) -> Self {
        Self {
            required: required.to_vec(),
            signers: 1,
            bind_tag: false,
            asked_tag: None,
            source: SourceDemand::default(),
            scans: None,
            max_verdict_age: MaxAge::Unlimited,
        }
    }

    /// The same about what was picked.
    #[must_use]
    pub fn about(&self, pick: Option<&Pick>) -> Self {
        let asked_tag = match pick {
            Some(Pick::Tag(tag)) => Some(tag.clone()),
            Some(Pick::Digest(_)) | None => None,
        };
        Self { asked_tag, ..self.clone() }
    }

    /// What is checked because of it, in words.
    pub(crate) fn checked(&self, trust: &Trust) -> Vec<String> {
        let is_bounded = |it: &crate::NamedKey| it.validity != crate::Validity::always();
        let source = self.source != SourceDemand::default();
        let checks = [
            (trust.keys.iter().any(is_bounded), "that each signer's key counts now"),
            (self.signers > 1, "how many keys signed each required kind"),
            (source, "source and builder of the provenance"),
            (self.bind_tag && self.asked_tag.is_some(), "that the tag is signed for"),
            (self.scans.is_some(), "the attested scans, judged again"),
            (self.max_verdict_age != MaxAge::Unlimited, "the age of the verdict"),
        ];
        let done = checks.into_iter().filter(|(is_done, _)| *is_done);
        done.map(|(_, what)| what.to_owned()).collect()
    }

    /// The effective policy as JSON, the same bytes for the same demands and keys: what a
    /// promotion's verdict names the digest of. Names of keys and files are no part of it.
    pub fn effective(&self, trust: &Trust) -> Vec<u8> {
        let mut keys: Vec<String> = trust.keys.iter().map(|it| it.key.hint()).collect();
        keys.sort();
        let mut required: Vec<String> = self.required.iter().map(Kind::to_string).collect();
        required.sort();
        let mut policy = Map::new();
        policy.insert("keys".to_owned(), json!(keys));
        policy.insert("required".to_owned(), json!(required));
        let more = [
            ("bind_tag", self.bind_tag.then_some(Value::Bool(true))),
            ("max_verdict_age", limited(self.max_verdict_age)),
            ("scans", self.scans.as_ref().map(ScanDemand::effective)),
            ("signers", (self.signers > 1).then(|| json!(self.signers))),
            ("source", self.source.effective()),
            ("validity", validity(trust)),
        ];
        for (name, value) in more {
            policy.extend(value.map(|it| (name.to_owned(), it)));
        }
        serde_json::to_vec(&policy).unwrap_or_default()
    }
}

impl ScanDemand {
    fn effective(&self) -> Value {
        let mut waivers: Vec<_> = self.waivers.entries.iter().collect();
        waivers.sort_by_key(|it| (&it.id, &it.package, &it.version));
        json!({
            "thresholds": self.thresholds,
            "max_scan_age": self.max_age,
            "waivers": waivers,
        })
    }
}

fn limited(age: MaxAge) -> Option<Value> {
    (age != MaxAge::Unlimited).then(|| json!(age))
}

/// The windows of the keys that have one.
fn validity(trust: &Trust) -> Option<Value> {
    let mut windows = Map::new();
    for named in &trust.keys {
        let it = &named.validity;
        if *it == crate::Validity::always() {
            continue;
        }
        let mut digests: Vec<String> = it.digests.iter().map(ToString::to_string).collect();
        digests.sort();
        let time = |time: Option<jiff::Timestamp>| time.map(|it| it.to_string());
        let window = json!({
            "not_before": time(it.not_before),
            "not_after": time(it.not_after),
            "digests": digests,
        });
        windows.insert(named.key.hint(), window);
    }
    (!windows.is_empty()).then_some(Value::Object(windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demand_is_part_of_the_effective_policy() {
        let trust = Trust::in_keys(Vec::new());
        let plain = Demands::kinds(&[Kind::Signature, Kind::Sbom]);
        let effective = |demands: &Demands| String::from_utf8(demands.effective(&trust)).unwrap();
        assert_eq!(effective(&plain), r#"{"keys":[],"required":["sbom","signature"]}"#);
        let source = SourceDemand { refs: vec!["x".to_owned()], ..SourceDemand::default() };
        let scans = ScanDemand {
            thresholds: Thresholds::default(),
            waivers: Waivers::none(),
            max_age: MaxAge::Unlimited,
        };
        let changed = [
            Demands { required: Vec::new(), ..plain.clone() },
            Demands { signers: 2, ..plain.clone() },
            Demands { bind_tag: true, ..plain.clone() },
            Demands { source, ..plain.clone() },
            Demands { scans: Some(scans), ..plain.clone() },
            Demands { max_verdict_age: MaxAge::Seconds(1), ..plain.clone() },
        ];
        for other in changed {
            assert_ne!(effective(&other), effective(&plain), "{other:?}");
        }
    }
}
