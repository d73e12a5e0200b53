use std::collections::BTreeSet;

use boltseal_core::{Digest, Finding, Severity};
use boltseal_gate::{Counting, ReportJudgement};
use serde_json::{Value, json};

use crate::dossier::Dossier;
use crate::occasion::Occasion;
use crate::sarif::vulnerability_page;
use crate::table::visible;

/// The version of GitLab's security report format that this is.
const VERSION: &str = "15.2.1";
/// The longest name that GitLab takes, in characters.
const LONGEST: usize = 255;
const UNKNOWN: &str = "unknown";

/// `artifacts: reports: container_scanning`. Where not all reports could be judged, the scan's
/// status is `failure`: what is missing from the list is then no good news.
pub(crate) fn container_scanning(dossier: &Dossier<'_>, occasion: &Occasion) -> Value {
    let mut seen = BTreeSet::new();
    let vulnerabilities: Vec<Value> = dossier
        .present()
        .map(|it| (it, id(dossier, it)))
        .filter(|(_, id)| seen.insert(id.clone()))
        .map(|(it, id)| vulnerability(dossier, it, &id))
        .collect();
    json!({
        "version": VERSION,
        "scan": scan(dossier, occasion),
        "vulnerabilities": vulnerabilities,
        "remediations": [],
    })
}

fn scan(dossier: &Dossier<'_>, occasion: &Occasion) -> Value {
    let own = json!({
        "id": "boltseal",
        "name": "boltseal",
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": {"name": "boltseal"},
    });
    let messages = dossier.head.reasons.iter().map(|reason| {
        json!({"level": "warn", "value": visible(&format!("{}: {}", reason.code, reason.found))})
    });
    json!({
        "type": "container_scanning",
        "status": if dossier.is_counted() { "success" } else { "failure" },
        "start_time": Occasion::plain(occasion.started),
        "end_time": Occasion::plain(occasion.ended),
        "analyzer": own,
        "scanner": scanner(dossier).unwrap_or(own.clone()),
        "messages": messages.collect::<Vec<_>>(),
    })
}

/// The scanner, where there is only one.
fn scanner(dossier: &Dossier<'_>) -> Option<Value> {
    let [one] = &dossier.gate?.reports[..] else {
        return None;
    };
    let name = visible(&one.scanner.name);
    let version = one.scanner.version.as_deref().map(visible).filter(|it| !it.is_empty());
    let version = version.unwrap_or_else(|| UNKNOWN.to_owned());
    let vendor = json!({"name": name});
    (!name.is_empty())
        .then(|| json!({"id": name, "name": name, "version": version, "vendor": vendor}))
}

fn vulnerability(dossier: &Dossier<'_>, it: &Counting, id: &str) -> Value {
    let finding = &it.finding;
    let package = visible(&finding.package);
    let name = format!("{} in {package}", identifier_of(finding));
    let mut value = json!({
        "id": id,
        "name": name.chars().take(LONGEST).collect::<String>(),
        "description": format!("{} in {package} {}", identifier_of(finding),
                               visible(&finding.version)),
        "severity": severity(finding.severity),
        "identifiers": [identifier(finding)],
        "location": {
            "dependency": {
                "package": {"name": package},
                "version": visible(&finding.version),
            },
            "operating_system": operating_system(dossier),
            "image": image(dossier, &it.file),
        },
    });
    if let Some(fixed) = &finding.fixed_in {
        let (to, from) = (visible(fixed), visible(&finding.version));
        value["solution"] = format!("Upgrade {package} from {from} to {to}").into();
    }
    if let Some(page) = vulnerability_page(&finding.id) {
        value["links"] = json!([{"url": page}]);
    }
    value
}

/// A UUID (version 8) of what stays the same when the image is built again.
fn id(dossier: &Dossier<'_>, it: &Counting) -> String {
    let Finding { id, package, version, place, .. } = &it.finding;
    let image = dossier.place().unwrap_or_default();
    let key = [image, id, package, version, place].join("\u{1f}");
    let digest = Digest::sha256_of(key.as_bytes());
    let hex = digest.hex();
    format!("{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn identifier_of(finding: &Finding) -> String {
    let id = visible(&finding.id);
    if id.is_empty() { UNKNOWN.to_owned() } else { id }
}

fn identifier(finding: &Finding) -> Value {
    let id = identifier_of(finding);
    let kind = match id.split_once('-') {
        Some(("CVE", _)) => "cve",
        Some(("GHSA", _)) => "ghsa",
        _ => "boltseal",
    };
    let mut identifier = json!({"type": kind, "name": id, "value": id});
    if let Some(page) = vulnerability_page(&finding.id) {
        identifier["url"] = page.into();
    }
    identifier
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Informational => "Info",
        Severity::Unknown => "Unknown",
    }
}

/// As the SBOM says, where there is one.
fn operating_system(dossier: &Dossier<'_>) -> String {
    let component = dossier.sboms.iter().find_map(|it| super::cyclonedx::system(&it.document));
    component.map_or_else(
        || UNKNOWN.to_owned(),
        |(name, version)| format!("{name} {version}").trim().to_owned(),
    )
}

/// The image: what was asked for; of reports alone, what they say they are about.
fn image(dossier: &Dossier<'_>, file: &str) -> String {
    let named = |report: &ReportJudgement| report.image.clone().filter(|it| !it.is_empty());
    let reports = dossier.gate.map_or(&[][..], |gate| &gate.reports);
    let claimed = || reports.iter().find(|it| it.file == file).and_then(named);
    let name = dossier.head.subject.reference.clone().or_else(claimed);
    name.map_or_else(|| UNKNOWN.to_owned(), |name| visible(&name))
}
