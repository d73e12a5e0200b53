use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use boltseal_core::{Digest, media_type};
use serde_json::{Value, json};

use super::page::{Page, with_token};
use super::{EcrRepository, Findings, ScanType, image, repository};
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::lock::locked;
use crate::registry::Store;

/// What a repository answers to the question for the findings of an image. Each image goes
/// through the steps by itself, one with each first page that is asked for; the last one stays.
#[derive(Clone, Debug)]
pub enum ScanStep {
    /// Nobody has scanned the image.
    NotFound,
    /// The same, until somebody asks for a scan.
    NotStarted,
    /// In progress, from the first time that it is asked for and for so long.
    Busy(Duration),
    /// A status, and nothing found: `IN_PROGRESS`, `FAILED`, `UNSUPPORTED_IMAGE`, …
    Status(String),
    /// Finished, by its own account, and nothing of what a finished scan has: what the service
    /// was seen to answer when Inspector had not delivered yet.
    FinishedTooEarly,
    /// Scanned for good, by its own account, and nothing of what a scan has.
    ActiveTooEarly,
    /// Finished.
    Finished(Findings),
}

/// How far each image is.
#[derive(Debug, Default)]
pub(crate) struct Scans(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    scripts: BTreeMap<String, Vec<ScanStep>>,
    images: BTreeMap<(String, Digest), Progress>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    /// The step after the one that was answered last.
    next: usize,
    shown: Option<ScanStep>,
    /// When an image was begun to be scanned.
    busy_since: Option<Instant>,
    started: bool,
}

impl Scans {
    /// Sets the steps of a repository, for images that were not asked for so far as for others.
    pub(crate) fn set(&self, repository: &str, steps: Vec<ScanStep>) {
        let mut state = locked(&self.0);
        state.images.retain(|(name, _), _| name != repository);
        state.scripts.insert(repository.to_owned(), steps);
    }

    /// The step to answer with. A further page is one of the step that was answered before.
    fn step(&self, call: &Call<'_>, repository: &EcrRepository, digest: &Digest) -> ScanStep {
        let mut state = locked(&self.0);
        let script = state.scripts.get(&repository.name).cloned();
        let script = script.unwrap_or_else(|| usual(call, repository));
        let key = (repository.name.clone(), digest.clone());
        let progress = state.images.entry(key).or_default();
        if let (Some(_), Some(shown)) = (call.input["nextToken"].as_str(), &progress.shown) {
            return shown.clone();
        }
        if matches!(script.get(progress.next), Some(ScanStep::NotStarted)) && progress.started {
            progress.next += 1;
        }
        if let Some(ScanStep::Busy(time)) = script.get(progress.next) {
            if progress.busy_since.get_or_insert_with(Instant::now).elapsed() < *time {
                return ScanStep::Status("IN_PROGRESS".to_owned());
            }
            progress.next += 1;
        }
        let at = progress.next.min(script.len().saturating_sub(1));
        let step = script.get(at).cloned().unwrap_or(ScanStep::NotFound);
        if !matches!(step, ScanStep::NotStarted) {
            progress.next = at + 1;
        }
        progress.shown = Some(step.clone());
        step
    }

    /// Notes that a scan was asked for; whether it is the first time.
    fn start(&self, repository: &str, digest: &Digest) -> bool {
        let mut state = locked(&self.0);
        let progress = state.images.entry((repository.to_owned(), digest.clone())).or_default();
        !std::mem::replace(&mut progress.started, true)
    }
}

/// A repository without a script finds nothing, at once where it scans what is pushed.
fn usual(call: &Call<'_>, repository: &EcrRepository) -> Vec<ScanStep> {
    let finished = ScanStep::Finished(Findings::new(Vec::new()));
    let by_itself = repository.scan_on_push || call.realm.registry.scan_type == ScanType::Enhanced;
    if by_itself { vec![finished] } else { vec![ScanStep::NotStarted, finished] }
}

/// `DescribeImageScanFindings`.
pub(super) fn findings(
    call: &Call<'_>,
    store: &Store,
    scans: &Scans,
) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let digest = image::pick(call, store, repository, &call.input["imageId"])?;
    let scan_type = call.realm.registry.scan_type;
    if is_index(store, repository, &digest) {
        return Err(not_found(call, repository, &digest));
    }
    let (status, body, next) = match scans.step(call, repository, &digest) {
        ScanStep::NotFound | ScanStep::NotStarted => {
            return Err(not_found(call, repository, &digest));
        }
        ScanStep::Busy(_) => ("IN_PROGRESS".to_owned(), None, None),
        ScanStep::Status(status) => (status, None, None),
        ScanStep::FinishedTooEarly => ("COMPLETE".to_owned(), Some(json!({"findings": []})), None),
        ScanStep::ActiveTooEarly => ("ACTIVE".to_owned(), Some(json!({"findings": []})), None),
        ScanStep::Finished(findings) => {
            let all = findings.list.iter().collect();
            let page = Page::of(all, &call.input, 100, 1000)?;
            let document = findings.document(scan_type, &page.items);
            let status = match scan_type {
                ScanType::Basic => "COMPLETE",
                ScanType::Enhanced => "ACTIVE",
            };
            (status.to_owned(), Some(document), page.next)
        }
    };
    let mut document = about(call, repository, &digest, &status);
    if let Some(body) = body {
        document["imageScanFindings"] = body;
    }
    Ok(with_token(document, next))
}

/// `StartImageScan`.
pub(super) fn start(call: &Call<'_>, store: &Store, scans: &Scans) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let digest = image::pick(call, store, repository, &call.input["imageId"])?;
    if call.realm.registry.scan_type == ScanType::Enhanced {
        let message = "This feature is disabled when Enhanced scanning is enabled.";
        return Err(ServiceError::new("ValidationException", message));
    }
    if is_index(store, repository, &digest) {
        let message = "The image manifest list is not supported by scanning";
        return Err(ServiceError::new("UnsupportedImageTypeException", message));
    }
    if !scans.start(&repository.name, &digest) {
        let message = "The scan quota per image has been exceeded. Wait and try again.";
        return Err(ServiceError::new("LimitExceededException", message));
    }
    Ok(about(call, repository, &digest, "IN_PROGRESS"))
}

fn about(call: &Call<'_>, repository: &EcrRepository, digest: &Digest, status: &str) -> Value {
    let description = match status {
        "ACTIVE" => "Continuous scan is selected for image.",
        "COMPLETE" => "The scan was completed successfully.",
        _ => "",
    };
    json!({
        "registryId": call.realm.account.id,
        "repositoryName": repository.name,
        "imageId": {"imageDigest": digest},
        "imageScanStatus": {"status": status, "description": description},
    })
}

fn not_found(call: &Call<'_>, repository: &EcrRepository, digest: &Digest) -> ServiceError {
    let message = format!(
        "Image scan does not exist for the image with '{{imageDigest:'{digest}'}}' in the \
         repository with name '{}' in the registry with id '{}'",
        repository.name, call.realm.account.id
    );
    ServiceError::new("ScanNotFoundException", message)
}

/// Indexes are never scanned, only what they list.
fn is_index(store: &Store, repository: &EcrRepository, digest: &Digest) -> bool {
    let found = store.media_type(&repository.name, digest);
    found.is_some_and(|it| it == media_type::OCI_INDEX || it == media_type::DOCKER_LIST)
}
