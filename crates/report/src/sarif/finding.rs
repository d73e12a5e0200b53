use std::collections::{BTreeMap, BTreeSet};

use boltseal_core::{Digest, Finding, Severity};
use boltseal_gate::Since;
use serde_json::{Value, json};

use super::location;
use crate::dossier::Dossier;
use crate::escape::sarif;
use crate::table::visible;

/// What several scanners say of one thing: the worst of it.
pub(super) struct Merged<'d> {
    pub(super) finding: &'d Finding,
    /// The reports that have it.
    files: BTreeSet<&'d str>,
    /// Why it does not count, where somebody answers for it.
    waived: Option<String>,
    /// How it stands against the earlier release, where there is one.
    since: Option<Since>,
    key: String,
}

/// Findings that count, that are carried and that are waived, the worst first, one for each id, package and
/// place without its version.
pub(super) fn merged<'d>(dossier: &Dossier<'d>) -> Vec<Merged<'d>> {
    let gate = dossier.gate;
    let counting = dossier.present().map(|it| (&it.finding, &*it.file, it.since, None));
    let waived = gate.map_or(&[][..], |gate| &gate.waived).iter().map(|it| {
        let why = format!("{}; {} answers for it until {}", it.reason, it.owner, it.expires);
        (&it.finding, &*it.file, it.since, Some(why))
    });
    let mut merged: BTreeMap<String, Merged<'d>> = BTreeMap::new();
    for (finding, file, since, why) in counting.chain(waived) {
        let key = identity(finding);
        let entry = merged.entry(key.clone()).or_insert_with(|| Merged {
            finding,
            files: BTreeSet::new(),
            waived: why.clone(),
            since: since.filter(|_| dossier.compared().is_some()),
            key,
        });
        entry.files.insert(file);
        if finding.severity < entry.finding.severity {
            entry.finding = finding;
        }
        // What counts in one report counts.
        if why.is_none() {
            entry.waived = None;
        }
        // What is new in one report is new.
        if entry.since.is_some() && since == Some(Since::New) {
            entry.since = since;
        }
    }
    let mut all: Vec<_> = merged.into_values().collect();
    all.sort_by(|a, b| a.finding.severity.cmp(&b.finding.severity).then(a.key.cmp(&b.key)));
    all
}

impl Merged<'_> {
    pub(super) fn result(&self, name: &str, rule: usize) -> Value {
        let finding = self.finding;
        let hash = Digest::sha256_of(self.key.as_bytes()).hex().to_owned();
        let mut result = json!({
            "ruleId": visible(&finding.id),
            "ruleIndex": rule,
            "level": level(finding.severity),
            "message": {"text": sarif(&self.words(name))},
            "locations": [location(name, &visible(&finding.place))],
            // GitHub reads the first, everyone else the second.
            "partialFingerprints": {
                "primaryLocationLineHash": format!("{}:1", &hash[..16]),
                "boltsealFinding/v1": hash,
            },
            "properties": {"severity": finding.severity.name(), "reports": self.files},
        });
        // Fixed findings are not there as `absent`: GitHub opens an alert for whatever is listed.
        if let Some(since) = self.since {
            let state = if since == Since::New { "new" } else { "unchanged" };
            result["baselineState"] = state.into();
        }
        if let Some(why) = &self.waived {
            result["suppressions"] = json!([
                {"kind": "external", "status": "accepted", "justification": visible(why)}
            ]);
        }
        result
    }

    fn words(&self, name: &str) -> String {
        let Finding { id, package, version, severity, fixed_in, .. } = self.finding;
        let package = format!("{package} {version}");
        let package = if package == " " { "a package" } else { package.trim() };
        let fix = match fixed_in {
            Some(fixed) => format!("fixed in {fixed}"),
            None => "no fixed version is known".to_owned(),
        };
        format!("{package} in {name}: {id}, {severity}; {fix}")
    }
}

/// What stays the same of a finding when the image is built again.
fn identity(finding: &Finding) -> String {
    let place = without_version(&finding.place);
    // The separator is in none of the parts.
    [&finding.id, &finding.package, place].map(visible).join("\u{1f}")
}

/// A purl without its version and what follows; a path as it is.
fn without_version(place: &str) -> &str {
    if !place.starts_with("pkg:") {
        return place;
    }
    let end = place.find(['@', '?', '#']).unwrap_or(place.len());
    &place[..end]
}

pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unknown => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_is_the_same_finding() {
        let finding = |version: &str, place: String| Finding {
            id: "CVE-1".to_owned(),
            package: "openssl".to_owned(),
            version: version.to_owned(),
            place,
            severity: Severity::High,
            fixed_in: None,
        };
        let purl = |version: &str| {
            let place = format!("pkg:deb/debian/openssl@{version}?arch=amd64");
            identity(&finding(version, place))
        };
        assert_eq!(purl("1"), purl("2"));
        let path = |path: &str| identity(&finding("1", path.to_owned()));
        assert_ne!(path("a/package-lock.json"), path("b/package-lock.json"));
    }
}
