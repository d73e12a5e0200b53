//! ECR's own scanning: basic, or enhanced by Inspector.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::ImageIdentifier;
use boltseal_core::Digest;
use boltseal_ports::{
    ScanError, ScanErrorKind, ScanInput, ScanInputKind, ScanPromise, ScanReport, Scanner,
};
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};

use super::refusal::refusal;
use super::{EcrHost, EcrRegistry};
use crate::call::Call;
use crate::capture::Capture;
use crate::fault::{Fault, FaultClass};
use crate::service::Service;
use crate::{AwsError, AwsErrorKind, Session};

/// The most findings that one page has.
const PAGE: i32 = 1_000;
const MAX_PAGES: usize = 200;
/// What the gate reads at most.
const MAX_BYTES: usize = 64 << 20;

/// Scanning of one repository's images. It asks about single images: the manifest of a platform,
/// never an index, which has no findings of its own.
pub struct EcrScanner {
    session: Session,
    client: Client,
    registry: EcrRegistry,
    /// What the configuration promises; asked for once.
    promise: OnceCell<Option<ScanPromise>>,
    /// When images were pushed; asked for once each, for reports are asked for again and again.
    pushed: Mutex<HashMap<Digest, Option<Timestamp>>>,
}

impl EcrScanner {
    /// The scanning of the repository that `registry` is about.
    pub fn new(session: &Session, registry: &EcrRegistry) -> Self {
        let host = registry.host();
        let config = session.config_in(Service::Ecr, &host.region, host.hosts());
        Self {
            session: session.clone(),
            client: Client::new(&config),
            registry: registry.clone(),
            promise: OnceCell::new(),
            pushed: Mutex::default(),
        }
    }

    /// What the registry's and the repository's scan configuration promise; [`None`] where this
    /// role may not ask.
    pub async fn promise(&self) -> Result<Option<ScanPromise>, AwsError> {
        let asked = self.promise.get_or_try_init(|| self.ask_promise());
        asked.await.copied()
    }

    /// [`None`] where this role may not ask.
    async fn pushed_at(&self, digest: &Digest) -> Result<Option<Timestamp>, AwsError> {
        let mut pushed = self.pushed.lock().await;
        if let Some(known) = pushed.get(digest) {
            return Ok(*known);
        }
        let time = match self.registry.pushed_at(digest).await {
            Err(error) if error.kind == AwsErrorKind::Unauthorised => None,
            other => other?,
        };
        pushed.insert(digest.clone(), time);
        Ok(time)
    }

    async fn ask_promise(&self) -> Result<Option<ScanPromise>, AwsError> {
        let scan_type = match self.registry_scan_type().await {
            Err(fault) if fault.is_denied() => return Ok(None),
            other => other.map_err(|it| self.refusal(it, "GetRegistryScanningConfiguration"))?,
        };
        match scan_type.as_deref() {
            Some("ENHANCED") => {}
            Some("BASIC") => return Ok(Some(ScanPromise::Basic)),
            _ => return Ok(None),
        }
        let frequency = match self.repository_frequency().await {
            Err(fault) if fault.is_denied() => return Ok(None),
            other => {
                other.map_err(|it| self.refusal(it, "BatchGetRepositoryScanningConfiguration"))?
            }
        };
        // Enhanced scanning knows no manual scans: what no filter covers is not scanned.
        Ok(frequency.map(|it| match it.as_str() {
            "MANUAL" => ScanPromise::Off,
            _ => ScanPromise::Enhanced,
        }))
    }

    async fn registry_scan_type(&self) -> Result<Option<String>, Fault> {
        let sent = || self.client.get_registry_scanning_configuration().send();
        let answer = self.session.send(Service::Ecr, sent).await?;
        let scan_type = answer.scanning_configuration().and_then(|it| it.scan_type());
        Ok(scan_type.map(|it| it.as_str().to_owned()))
    }

    async fn repository_frequency(&self) -> Result<Option<String>, Fault> {
        let asked = self.client.batch_get_repository_scanning_configuration();
        let asked = asked.repository_names(self.registry.repository());
        let answer = self.session.send(Service::Ecr, || asked.clone().send()).await?;
        let frequency = answer.scanning_configurations().iter().find_map(|it| it.scan_frequency());
        Ok(frequency.map(|it| it.as_str().to_owned()))
    }

    async fn page(&self, digest: &Digest, next: Option<String>) -> Result<Page, ScanError> {
        let capture = Capture::default();
        let asked = self
            .client
            .describe_image_scan_findings()
            .registry_id(self.host().account.as_str())
            .repository_name(self.registry.repository())
            .image_id(image(digest))
            .max_results(PAGE)
            .set_next_token(next);
        let sent = || asked.clone().customize().interceptor(capture.clone()).send();
        let answer = self.session.send(Service::Ecr, sent).await;
        let answer =
            answer.map_err(|fault| self.scan_error(fault, "DescribeImageScanFindings", digest))?;
        let next = answer.next_token().filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        Ok(Page { bytes: capture.take(), next })
    }

    async fn pages(&self, digest: &Digest) -> Result<Vec<u8>, ScanError> {
        let mut bytes = b"[".to_vec();
        let mut next = None;
        for number in 0..MAX_PAGES {
            let page = self.page(digest, next).await?;
            if number > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(&page.bytes);
            if bytes.len() >= MAX_BYTES {
                return Err(self.too_long(digest, &format!("more than {MAX_BYTES} bytes")));
            }
            next = page.next;
            if next.is_none() {
                bytes.push(b']');
                return Ok(bytes);
            }
        }
        Err(self.too_long(digest, &format!("more than {MAX_PAGES} pages")))
    }

    fn too_long(&self, digest: &Digest, found: &str) -> ScanError {
        ScanError {
            kind: ScanErrorKind::Unreadable,
            place: self
                .call("DescribeImageScanFindings")
                .about(self.image_name(digest))
                .to_string(),
            expected: "findings that fit into a report".to_owned(),
            found: found.to_owned(),
            fix: "scan with another scanner and give its report to --scan".to_owned(),
        }
    }

    /// What a fault means for a scan. The codes that the table does not have are those of every
    /// call.
    fn scan_error(&self, fault: Fault, action: &'static str, digest: &Digest) -> ScanError {
        let call = self.call(action).about(self.image_name(digest));
        let error = |kind, expected: &str, fix: String| ScanError {
            kind,
            place: call.to_string(),
            expected: expected.to_owned(),
            found: fault.found(),
            fix,
        };
        let region = &self.host().region;
        match fault.code.as_str() {
            "ScanNotFoundException" => error(
                ScanErrorKind::Absent,
                "a scan of this image",
                format!(
                    "turn on scanning (aws ecr put-registry-scanning-configuration --region \
                     {region} --scan-type BASIC --rules ...), or wait longer (--scan-timeout)"
                ),
            ),
            "ImageNotFoundException" => error(
                ScanErrorKind::Invalid,
                "an image that is in the repository",
                "push it again; an index has no findings, its platforms' images have".to_owned(),
            ),
            "ImageArchivedException" => error(
                ScanErrorKind::Invalid,
                "an image that is not archived",
                format!(
                    "aws ecr update-image-storage-class --region {region} --repository-name {} \
                     --image-id imageDigest={digest} --target-storage-class STANDARD",
                    self.registry.repository()
                ),
            ),
            "LimitExceededException" => error(
                ScanErrorKind::LimitReached,
                "a scan of this image, which ECR starts once in 24 hours",
                "use the findings of the last scan, or wait until tomorrow".to_owned(),
            ),
            "UnsupportedImageTypeException" => error(
                ScanErrorKind::Unsupported,
                "an image that ECR can scan",
                "scan it with another scanner and give its report to --scan".to_owned(),
            ),
            _ => refusal(fault, &call, self.host(), self.registry.repository()).into(),
        }
    }

    fn refusal(&self, fault: Fault, action: &'static str) -> AwsError {
        let call = self.call(action).about(self.registry.repository());
        refusal(fault, &call, self.host(), self.registry.repository())
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new(Service::Ecr, action, &self.host().region)
    }

    const fn host(&self) -> &EcrHost {
        self.registry.host()
    }

    fn image_name(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.registry.repository())
    }
}

struct Page {
    bytes: Vec<u8>,
    next: Option<String>,
}

fn image(digest: &Digest) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(digest.to_string()).build()
}

#[async_trait]
impl Scanner for EcrScanner {
    fn name(&self) -> &'static str {
        "ecr"
    }

    fn wants(&self) -> ScanInputKind {
        ScanInputKind::Pushed
    }

    /// Something must scan the repository, and the credentials must last for the wait.
    async fn ready(&self, wait: Duration) -> Result<(), ScanError> {
        self.session.endures(wait).await?;
        match self.promise().await? {
            Some(ScanPromise::Off) => Err(self.not_covered()),
            _ => Ok(()),
        }
    }

    /// `StartImageScan`, where the registry scans by the basic scanner; enhanced scans start by
    /// themselves. A repository that nothing scans is [`ScanErrorKind::Invalid`].
    async fn start(&self, digest: &Digest) -> Result<(), ScanError> {
        match self.promise().await? {
            Some(ScanPromise::Enhanced) => return Ok(()),
            Some(ScanPromise::Off) => return Err(self.not_covered()),
            Some(ScanPromise::Basic) | None => {}
        }
        let asked = self
            .client
            .start_image_scan()
            .registry_id(self.host().account.as_str())
            .repository_name(self.registry.repository())
            .image_id(image(digest));
        match self.session.send(Service::Ecr, || asked.clone().send()).await {
            Ok(_) => Ok(()),
            // How enhanced scanning refuses a manual scan, where its configuration may not be
            // asked for.
            Err(fault) if fault.is("ValidationException") && fault.class == FaultClass::Refused => {
                Ok(())
            }
            Err(fault) => Err(self.scan_error(fault, "StartImageScan", digest)),
        }
    }

    async fn report(&self, input: ScanInput<'_>) -> Result<ScanReport, ScanError> {
        let ScanInput::Pushed(digest) = input else {
            return Err(wrong_input());
        };
        let bytes = self.pages(digest).await?;
        let pushed_at = self.pushed_at(digest).await?;
        Ok(ScanReport { bytes, promise: self.promise().await?, pushed_at })
    }
}

impl EcrScanner {
    fn not_covered(&self) -> ScanError {
        let (repository, region) = (self.registry.repository(), &self.host().region);
        ScanError {
            kind: ScanErrorKind::Invalid,
            place: self.call("GetRegistryScanningConfiguration").about(repository).to_string(),
            expected: "a rule of enhanced scanning that covers the repository".to_owned(),
            found: "none, so that nothing scans its images".to_owned(),
            fix: format!(
                "aws ecr put-registry-scanning-configuration --region {region} --scan-type \
                 ENHANCED --rules '[{{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":\
                 [{{\"filter\":\"{repository}\",\"filterType\":\"WILDCARD\"}}]}}]'"
            ),
        }
    }
}

fn wrong_input() -> ScanError {
    ScanError {
        kind: ScanErrorKind::Invalid,
        place: "ecr".to_owned(),
        expected: "the digest of a pushed image".to_owned(),
        found: "an SBOM".to_owned(),
        fix: "report this: it is a bug in boltseal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer, Asked, StandIn, ok, refuse};
    use serde_json::{Value, json};

    fn digest() -> Digest {
        Digest::sha256_of(b"image")
    }

    async fn scanner(
        handler: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> (StandIn, EcrScanner) {
        let server = StandIn::new(handler).await;
        let host = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
        let session = server.session();
        let registry = EcrRegistry::new(&session, &host, "team/app");
        (server, EcrScanner::new(&session, &registry))
    }

    /// Answers about the configuration.
    fn configured(asked: &Asked, scan_type: &str, frequency: &str) -> Option<Answer> {
        match asked.action() {
            "GetRegistryScanningConfiguration" => {
                Some(ok(&json!({"scanningConfiguration": {"scanType": scan_type, "rules": []}})))
            }
            "BatchGetRepositoryScanningConfiguration" => {
                Some(ok(&json!({"scanningConfigurations": [{"scanFrequency": frequency}]})))
            }
            "DescribeImages" => {
                Some(ok(&json!({"imageDetails": [{"imagePushedAt": 1_700_000_000}]})))
            }
            _ => None,
        }
    }

    #[tokio::test]
    async fn all_pages_are_answered_byte_for_byte() {
        let (server, scanner) = scanner(|it: &Asked| {
            if it.action() != "DescribeImageScanFindings" {
                return configured(it, "BASIC", "SCAN_ON_PUSH");
            }
            let next = it.json().get("nextToken").and_then(Value::as_str).map(ToOwned::to_owned);
            // Members that no SDK knows, and spaces, are kept.
            Some(Answer {
                status: 200,
                body: match next.as_deref() {
                    None => r#"{ "new": 1,"nextToken":"b"}"#.to_owned(),
                    Some("b") => r#"{"n":2, "imageScanStatus":{"status":"COMPLETE"}}"#.to_owned(),
                    Some(_) => unreachable!(),
                },
            })
        })
        .await;
        let report = scanner.report(ScanInput::Pushed(&digest())).await.unwrap();
        assert_eq!(
            String::from_utf8(report.bytes).unwrap(),
            r#"[{ "new": 1,"nextToken":"b"},{"n":2, "imageScanStatus":{"status":"COMPLETE"}}]"#
        );
        assert_eq!(report.promise, Some(ScanPromise::Basic));
        assert_eq!(report.pushed_at.unwrap().as_second(), 1_700_000_000);
        let first = server.asked()[0].json();
        assert_eq!(first["imageId"]["imageDigest"], digest().to_string());
        assert_eq!(
            (&first["maxResults"], &first["registryId"]),
            (&json!(1000), &json!("111122223333"))
        );
    }

    #[tokio::test]
    async fn the_promise_is_that_of_the_registry_and_of_its_filters() {
        for (scan_type, frequency, promise) in [
            ("BASIC", "MANUAL", Some(ScanPromise::Basic)),
            ("ENHANCED", "CONTINUOUS_SCAN", Some(ScanPromise::Enhanced)),
            ("ENHANCED", "SCAN_ON_PUSH", Some(ScanPromise::Enhanced)),
            ("ENHANCED", "MANUAL", Some(ScanPromise::Off)),
            ("SOMETHING_NEW", "MANUAL", None),
        ] {
            let (server, scanner) =
                scanner(move |it: &Asked| configured(it, scan_type, frequency)).await;
            assert_eq!(scanner.promise().await.unwrap(), promise, "{scan_type} {frequency}");
            let asked = server.asked().len();
            scanner.promise().await.unwrap();
            assert_eq!(server.asked().len(), asked, "it is asked for once");
        }
    }

    #[tokio::test]
    async fn a_promise_that_may_not_be_asked_for_is_unknown() {
        let (_server, scanner) = scanner(|it: &Asked| {
            it.action().contains("Configuration").then(|| refuse("AccessDeniedException", "no"))
        })
        .await;
        assert_eq!(scanner.promise().await.unwrap(), None);
    }

    #[tokio::test]
    async fn only_basic_scans_are_started() {
        for (scan_type, frequency, starts) in [
            ("BASIC", "MANUAL", 1),
            ("BASIC", "SCAN_ON_PUSH", 1),
            ("ENHANCED", "CONTINUOUS_SCAN", 0),
        ] {
            let (server, scanner) = scanner(move |it: &Asked| match it.action() {
                "StartImageScan" => Some(ok(&json!({"imageScanStatus": {"status": "PENDING"}}))),
                _ => configured(it, scan_type, frequency),
            })
            .await;
            scanner.start(&digest()).await.unwrap();
            let started =
                server.asked().iter().filter(|it| it.action() == "StartImageScan").count();
            assert_eq!(started, starts, "{scan_type}");
        }
        let (_server, scanner) = scanner(|it: &Asked| configured(it, "ENHANCED", "MANUAL")).await;
        let error = scanner.start(&digest()).await.unwrap_err();
        assert_eq!(error.kind, ScanErrorKind::Invalid);
        assert!(error.fix.contains(r#""filter":"team/app""#), "{error:?}");
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_kind() {
        for (code, kind) in [
            ("ScanNotFoundException", ScanErrorKind::Absent),
            ("ImageNotFoundException", ScanErrorKind::Invalid),
            ("RepositoryNotFoundException", ScanErrorKind::NoRepository),
            ("AccessDeniedException", ScanErrorKind::Unauthorised),
            ("ImageArchivedException", ScanErrorKind::Invalid),
            ("LimitExceededException", ScanErrorKind::LimitReached),
            ("UnsupportedImageTypeException", ScanErrorKind::Unsupported),
        ] {
            let (server, scanner) = scanner(move |it: &Asked| {
                configured(it, "BASIC", "MANUAL").or_else(|| {
                    it.head.contains("ContainerRegistry").then(|| refuse(code, "words"))
                })
            })
            .await;
            let error = scanner.report(ScanInput::Pushed(&digest())).await.unwrap_err();
            assert_eq!((error.kind, error.found.as_str()), (kind, &*format!("{code}: words")));
            assert!(
                error.place.contains(&digest().to_string()) || kind == ScanErrorKind::NoRepository
            );
            assert!(!error.fix.is_empty());
            assert_eq!(scanner.start(&digest()).await.unwrap_err().kind, kind);
            assert_eq!(server.traffic_writes(), 1);
        }
    }

    #[tokio::test]
    async fn pages_without_an_end_are_not_followed_for_ever() {
        let (server, scanner) = scanner(|it: &Asked| {
            (it.action() == "DescribeImageScanFindings").then(|| ok(&json!({"nextToken": "again"})))
        })
        .await;
        let error = scanner.report(ScanInput::Pushed(&digest())).await.unwrap_err();
        assert_eq!((error.kind, server.asked().len()), (ScanErrorKind::Unreadable, MAX_PAGES));
    }

    #[tokio::test]
    async fn an_sbom_is_no_image() {
        let (_server, scanner) = scanner(|_: &Asked| None).await;
        assert_eq!((scanner.name(), scanner.wants()), ("ecr", ScanInputKind::Pushed));
        assert!(scanner.report(ScanInput::Sbom(b"{}")).await.is_err());
    }
}
