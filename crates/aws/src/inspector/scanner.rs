//! Inspector's scan of an SBOM: of an image that nobody has pushed yet.

use async_trait::async_trait;
use aws_sdk_inspectorscan::Client;
use aws_sdk_inspectorscan::types::OutputFormat;
use boltseal_core::{Digest, json};
use boltseal_ports::{ScanError, ScanErrorKind, ScanInput, ScanInputKind, ScanReport, Scanner};
use serde_json::{Value, json};

use super::document::document;
use super::parts;
use crate::call::Call;
use crate::capture::Capture;
use crate::fault::Fault;
use crate::service::Service;
use crate::{Hosts, Region, Session};

/// The largest SBOM that is scanned.
const MAX_SBOM: usize = 64 << 20;

/// `ScanSbom` of Inspector.
pub struct InspectorScanner {
    session: Session,
    client: Client,
    region: Region,
}

impl InspectorScanner {
    /// Inspector in `region`.
    pub fn new(session: &Session, region: &Region) -> Self {
        let config = session.config_in(Service::InspectorScan, region, Hosts::default());
        Self { session: session.clone(), client: Client::new(&config), region: region.clone() }
    }

    /// The answer about one part, byte for byte.
    async fn scan(&self, part: &Value) -> Result<Vec<u8>, ScanError> {
        let capture = Capture::default();
        let asked =
            self.client.scan_sbom().sbom(document(part)).output_format(OutputFormat::CycloneDx15);
        let sent = || asked.clone().customize().interceptor(capture.clone()).send();
        let answer = self.session.send(Service::InspectorScan, sent).await;
        answer.map_err(|fault| self.refusal(fault))?;
        Ok(capture.take())
    }

    fn read(&self, answer: &[u8]) -> Result<Value, ScanError> {
        let wrong = || self.error(ScanErrorKind::Unreadable, "a CycloneDX document", "none");
        let mut answer = json::parse(answer).map_err(|_| wrong())?;
        answer.get_mut("sbom").map(Value::take).ok_or_else(wrong)
    }

    fn check(&self, sbom: &[u8]) -> Result<Value, ScanError> {
        let expected = "a CycloneDX 1.5 document in JSON";
        let wrong = |found: &str| self.error(ScanErrorKind::Invalid, expected, found);
        if sbom.len() > MAX_SBOM {
            return Err(wrong(&format!("{} bytes, more than {MAX_SBOM}", sbom.len())));
        }
        let value = json::parse(sbom).map_err(|error| wrong(&error.to_string()))?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or("none");
        match (text("bomFormat"), text("specVersion")) {
            ("CycloneDX", "1.5") => Ok(value),
            ("CycloneDX", version) => Err(wrong(&format!("specVersion {version}"))),
            _ => Err(wrong("another format")),
        }
    }

    fn refusal(&self, fault: Fault) -> ScanError {
        let call = self.call();
        match fault.code.as_str() {
            "ValidationException" => {
                self.error(ScanErrorKind::Invalid, "an SBOM that Inspector reads", &fault.found())
            }
            _ => fault.into_error(&call).into(),
        }
    }

    fn error(&self, kind: ScanErrorKind, expected: &str, found: &str) -> ScanError {
        let fix = match kind {
            ScanErrorKind::Invalid => "give Inspector CycloneDX 1.5, as `boltseal sbom` writes it",
            _ => "look at what answers there: a proxy, or AWS_ENDPOINT_URL_INSPECTOR_SCAN",
        };
        ScanError {
            kind,
            place: self.call().to_string(),
            expected: expected.to_owned(),
            found: found.to_owned(),
            fix: fix.to_owned(),
        }
    }

    fn call(&self) -> Call {
        Call::new(Service::InspectorScan, "ScanSbom", &self.region)
    }
}

#[async_trait]
impl Scanner for InspectorScanner {
    fn name(&self) -> &'static str {
        "inspector"
    }

    fn wants(&self) -> ScanInputKind {
        ScanInputKind::Sbom
    }

    /// Nothing to do: [`Scanner::report`] scans.
    async fn start(&self, _digest: &Digest) -> Result<(), ScanError> {
        Ok(())
    }

    /// An SBOM of up to 2,000 components is one call, whose answer comes back byte for byte. A
    /// larger one is scanned in parts, and the answers are put together.
    async fn report(&self, input: ScanInput<'_>) -> Result<ScanReport, ScanError> {
        let ScanInput::Sbom(sbom) = input else {
            return Err(self.error(ScanErrorKind::Invalid, "an SBOM", "a digest"));
        };
        let sbom = self.check(sbom)?;
        let parts = parts::split(&sbom);
        let mut answers = Vec::new();
        for part in &parts {
            answers.push(self.scan(part).await?);
        }
        let bytes = match <[Vec<u8>; 1]>::try_from(answers) {
            Ok([only]) => only,
            Err(answers) => {
                let read: Result<Vec<_>, _> = answers.iter().map(|it| self.read(it)).collect();
                let merged = parts::merge(read?);
                let merged = merged.map_err(|found| {
                    self.error(ScanErrorKind::Unreadable, "answers about each part", found)
                })?;
                json!({ "sbom": merged }).to_string().into_bytes()
            }
        };
        Ok(ScanReport { bytes, promise: None, pushed_at: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer, Asked, StandIn, ok, refuse};

    fn scanner(server: &StandIn) -> InspectorScanner {
        InspectorScanner::new(&server.session(), &"eu-central-1".parse().unwrap())
    }

    fn sbom(count: usize) -> Vec<u8> {
        let components: Vec<_> = (0..count)
            .map(|n| json!({"type": "library", "name": format!("p{n}"), "hashes": [1.5]}))
            .collect();
        let sbom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
        sbom.to_string().into_bytes()
    }

    fn answered(asked: &Asked) -> Option<Answer> {
        let body = (asked.line.starts_with("POST /scan/sbom ")).then(|| asked.json())?;
        let components = &body["sbom"]["components"];
        Some(ok(&json!({"sbom": {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {},
            "components": components, "vulnerabilities": [
                {"id": format!("CVE-{}", components[0]["name"].as_str().unwrap())}]}})))
    }

    #[tokio::test]
    async fn one_call_and_its_own_bytes() {
        let raw = r#"{"sbom": {"new":  1}}"#;
        let server = StandIn::new(move |it: &Asked| {
            it.line.contains("/scan/sbom").then(|| Answer { status: 200, body: raw.to_owned() })
        })
        .await;
        let sent = sbom(2_000);
        let report = scanner(&server).report(ScanInput::Sbom(&sent)).await.unwrap();
        assert_eq!(report.bytes, raw.as_bytes());
        let asked = server.asked();
        assert_eq!((asked.len(), &asked[0].json()["outputFormat"]), (1, &json!("CYCLONE_DX_1_5")));
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(asked[0].json()["sbom"], sent);
        assert!(asked[0].head.contains("/eu-central-1/inspector-scan/"), "{}", asked[0].head);
    }

    #[tokio::test]
    async fn a_large_sbom_is_scanned_in_parts() {
        let server = StandIn::new(answered).await;
        let report = scanner(&server).report(ScanInput::Sbom(&sbom(4_100))).await.unwrap();
        assert_eq!(server.asked().len(), 3);
        let report: Value = serde_json::from_slice(&report.bytes).unwrap();
        assert_eq!(report["sbom"]["components"].as_array().unwrap().len(), 4_100);
        let ids: Vec<_> = report["sbom"]["vulnerabilities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["id"])
            .collect();
        assert_eq!(ids, ["CVE-p0", "CVE-p2000", "CVE-p4000"]);
    }

    #[tokio::test]
    async fn what_inspector_would_not_read_is_not_sent() {
        let server = StandIn::new(answered).await;
        for bad in [
            &b"{}"[..],
            b"<xml/>",
            br#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
            br#"{"spdxVersion":"SPDX-2.3"}"#,
        ] {
            let error = scanner(&server).report(ScanInput::Sbom(bad)).await.unwrap_err();
            assert_eq!(error.kind, ScanErrorKind::Invalid);
            assert!(error.fix.contains("1.5"));
        }
        assert!(server.asked().is_empty());
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_kind() {
        for (code, kind) in [
            ("ValidationException", ScanErrorKind::Invalid),
            ("AccessDeniedException", ScanErrorKind::Unauthorised),
        ] {
            let server = StandIn::new(move |it: &Asked| {
                it.line.contains("/scan/sbom").then(|| refuse(code, "words"))
            })
            .await;
            let error = scanner(&server).report(ScanInput::Sbom(&sbom(1))).await.unwrap_err();
            assert_eq!(error.kind, kind, "{code}");
        }
    }
}
