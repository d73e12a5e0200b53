use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::call::Call;
use super::http::Reply;
use super::service_error::ServiceError;
use crate::lock::locked;
use boltseal_core::Severity;

/// Components of one inventory, at most.
const MOST: usize = 2000;

/// Inspector's scanning of inventories.
#[derive(Debug, Default)]
pub(crate) struct Inspector {
    /// What is known to be wrong with the packages of a name.
    pub(crate) known: Mutex<Vec<Known>>,
}

/// A vulnerability that every package of a name has.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) package: String,
    pub(crate) severity: Severity,
}

impl Inspector {
    /// Answers `ScanSbom`.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, ServiceError> {
        call.permitted_on("*")?;
        let invalid = |reason: &str, message: String| {
            Err(ServiceError::new("ValidationException", format!("{reason}: {message}")))
        };
        let sbom = &call.input["sbom"];
        if call.input["outputFormat"] != "CYCLONE_DX_1_5" {
            let found = &call.input["outputFormat"];
            return invalid("FIELD_VALIDATION_FAILED", format!("outputFormat {found}"));
        }
        if sbom["bomFormat"] != "CycloneDX" || sbom["specVersion"] != "1.5" {
            let found = &sbom["specVersion"];
            return invalid("UNSUPPORTED_SBOM_TYPE", format!("specVersion {found}"));
        }
        let components = sbom["components"].as_array().cloned().unwrap_or_default();
        if components.len() > MOST {
            let found = components.len();
            return invalid("FIELD_VALIDATION_FAILED", format!("{found} components"));
        }
        Ok(Reply::json(200, &json!({"sbom": self.document(&components)})))
    }

    /// An inventory with what is wrong with it, in the shape of the service's own answers. A
    /// component without a package URL is passed over.
    fn document(&self, components: &[Value]) -> Value {
        let known = locked(&self.known);
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut vulnerabilities = Vec::new();
        for one in known.iter() {
            let hit = |it: &&Value| it["name"] == one.package.as_str() && it["purl"].is_string();
            let affected = components.iter().filter(hit).map(|it| json!({"ref": it["bom-ref"]}));
            let affected: Vec<_> = affected.collect();
            if affected.is_empty() {
                continue;
            }
            *counts.entry(label(one.severity)).or_default() += 1;
            vulnerabilities.push(vulnerability(one, &affected));
        }
        let count = |name: &str| {
            let value = counts.get(name).copied().unwrap_or_default().to_string();
            let name = format!("amazon:inspector:sbom_scanner:{name}_vulnerabilities");
            json!({"name": name, "value": value})
        };
        let properties: Vec<_> = ["critical", "high", "medium", "low"].map(count).to_vec();
        json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "serialNumber": "urn:uuid:9e4b4ae6-d9b7-4d93-93d8-000000000000",
            "metadata": {
                "properties": properties,
                "timestamp": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
                "tools": {"services": [
                    {"name": "Amazon Inspector Scan SBOM API", "version": "testkit"}]},
            },
            "components": components,
            "vulnerabilities": vulnerabilities,
        })
    }
}

fn vulnerability(known: &Known, affected: &[Value]) -> Value {
    json!({
        "bom-ref": format!("vuln-{}", known.id),
        "id": known.id,
        "source": {"name": "NVD", "url": format!("https://nvd.nist.gov/vuln/detail/{}", known.id)},
        "ratings": [
            {"method": "CVSSv31", "severity": label(known.severity), "source": {"name": "NVD"}},
            {"method": "other", "score": 0.1, "severity": "none", "source": {"name": "EPSS"}},
        ],
        "affects": affected,
    })
}

/// As `CycloneDX` spells it.
const fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Informational => "info",
        Severity::Unknown => "unknown",
    }
}
