//! Scans of inventories.

use boltseal_core::Severity;
use serde_json::{Value, json};

use super::client::{Answer, Sent, send, session};
use crate::cloud::{Cloud, Options, Service};

fn scan(cloud: &Cloud, sbom: &Value, output: &str) -> Answer {
    let body = json!({"sbom": sbom, "outputFormat": output}).to_string();
    let more = [("Content-Type", "application/json")];
    let sent = Sent { method: "POST", target: "/scan/sbom", more: &more, body: &body };
    send(cloud, &session(cloud, None), Service::InspectorScan, &sent)
}

fn inventory(count: usize) -> Value {
    let component = |at| {
        let purl = format!("pkg:deb/debian/p{at}@1");
        json!({"type": "library", "bom-ref": format!("c{at}"), "name": format!("p{at}"),
            "version": "1", "purl": purl})
    };
    let components: Vec<_> = (0..count).map(component).collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components})
}

#[test]
fn what_is_known_of_a_package_is_told() {
    let cloud = Cloud::start(Options::default()).unwrap();
    cloud.know("CVE-1", "p1", Severity::Critical);
    cloud.know("CVE-2", "elsewhere", Severity::High);
    let sbom = scan(&cloud, &inventory(3), "CYCLONE_DX_1_5").json()["sbom"].clone();
    assert_eq!(sbom["specVersion"], "1.5");
    let found = sbom["vulnerabilities"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["affects"], json!([{"ref": "c1"}]));
    assert_eq!(found[0]["ratings"][0]["severity"], "critical");
    let property = &sbom["metadata"]["properties"][0];
    assert_eq!(property["name"], "amazon:inspector:sbom_scanner:critical_vulnerabilities");
    assert_eq!(property["value"], "1");
}

#[test]
fn too_much_and_the_wrong_kind_are_refused() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let status = |sbom: &Value, output: &str| scan(&cloud, sbom, output).status;
    assert_eq!(status(&inventory(2000), "CYCLONE_DX_1_5"), 200);
    assert_eq!(status(&inventory(2001), "CYCLONE_DX_1_5"), 400);
    assert_eq!(status(&inventory(1), "CYCLONE_DX_1_6"), 400);
    let mut newer = inventory(1);
    newer["specVersion"] = "1.6".into();
    assert_eq!(status(&newer, "CYCLONE_DX_1_5"), 400);
    let nothing = Cloud::start(Options::default().release_may(Vec::new())).unwrap();
    assert_eq!(scan(&nothing, &inventory(1), "CYCLONE_DX_1_5").status, 403);
}
