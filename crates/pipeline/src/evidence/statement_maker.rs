//! The statements of a release: what is said about an image.

use std::collections::BTreeMap;

use boltseal_core::predicate::{
    BuildDefinition, BuildMetadata, Builder, Database, GATE_PASSED, Invocation, Provenance,
    ReportFacts, Resource, RunDetails, ScanMetadata, Scanner, Vuln,
};
use boltseal_core::{Counts, Digest, Kind, Location, Statement, Subject, Tag, own_uri};
use boltseal_gate::{Report, ScannerFacts};
use boltseal_verify::{REPOSITORY_ANNOTATION, TAGS_ANNOTATION};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::evidence::sealed::Sealed;
use crate::evidence::summary::Summary;
use crate::{BuildFacts, BuildWorkflow};

/// The note in the verification summary of a release that no scanner judged.
pub(crate) const NO_SCAN_NOTE: &str = "no scan was judged";

/// What all statements of one release have in common.
pub(crate) struct StatementMaker<'a> {
    /// Where the image goes.
    pub(crate) destination: &'a Location,
    /// Where it came from.
    pub(crate) source: &'a Location,
    /// The tags that the signature is bound to.
    pub(crate) tags: &'a [Tag],
    /// What is known about the run.
    pub(crate) facts: &'a BuildFacts,
    /// When the run began.
    pub(crate) started: Timestamp,
    /// The time that the verdict carries.
    pub(crate) now: Timestamp,
}

impl StatementMaker<'_> {
    /// SLSA provenance. It says only what is true: for an image that was handed over, that it
    /// was released, with the image itself as what went in.
    pub(crate) fn provenance(&self, subject: &Digest) -> Statement {
        let (build_type, parameters, input) = match &self.facts.built_here {
            Some(built) => (
                own_uri("image"),
                json!({"input": built.input, "name": built.resource.name}),
                built.resource.clone(),
            ),
            None => (own_uri("release"), json!({}), self.image_resource(subject)),
        };
        let mut external = object(parameters);
        external.insert("destination".to_owned(), Value::String(self.destination.to_string()));
        if let Some(BuildWorkflow { repository, reference }) = &self.facts.workflow {
            let workflow = json!({"repository": repository, "ref": reference});
            external.insert("workflow".to_owned(), workflow);
        }
        let predicate = Provenance {
            build_definition: BuildDefinition {
                build_type,
                external_parameters: external,
                internal_parameters: Map::new(),
                resolved_dependencies: vec![input],
            },
            run_details: self.run_details(),
        };
        self.about(subject, &Kind::Provenance, &predicate)
    }

    fn run_details(&self) -> RunDetails {
        let unverified = self.facts.unverified.iter();
        RunDetails {
            builder: Builder { id: own_uri("builder:step"), version: version() },
            metadata: Some(BuildMetadata {
                invocation_id: self.facts.invocation_id.clone(),
                started_on: Some(seconds(self.started)),
                finished_on: Some(seconds(self.now)),
            }),
            byproducts: Vec::new(),
            unverified: unverified.map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect(),
        }
    }

    /// The image that was handed over: by the repository it came from, where there is one. The
    /// folder that a layout lies in says nothing, and differs from run to run.
    fn image_resource(&self, subject: &Digest) -> Resource {
        let (place, query) = match self.source {
            Location::Registry(from) => (self.source, format!("?repository_url={from}")),
            _ => (self.destination, String::new()),
        };
        let version = subject.to_string().replace(':', "%3A");
        Resource::with_uri(&format!("pkg:oci/{}@{version}{query}", short_name(place)), subject)
    }

    /// The SBOM as the whole predicate.
    pub(crate) fn sbom(&self, subject: &Digest, document: Value) -> Statement {
        Statement::new(self.subject(subject), &Kind::Sbom, document)
    }

    /// cosign's vulnerability predicate, with the whole report.
    pub(crate) fn vuln(&self, subject: &Digest, report: &Report, counts: Counts) -> Statement {
        let scanned = report.scanned_at.map_or_else(String::new, seconds);
        let database = report.scanner.database.as_ref();
        let predicate = Vuln {
            invocation: Invocation {
                uri: self.facts.invocation_id.clone().unwrap_or_default(),
                builder_id: own_uri("builder:step"),
                ..Invocation::default()
            },
            scanner: Scanner {
                uri: scanner_uri(&report.scanner),
                version: report.scanner.version.clone().unwrap_or_default(),
                db: Database {
                    uri: database.map(|it| it.name.clone()).unwrap_or_default(),
                    version: database.and_then(|it| it.version.clone()).unwrap_or_default(),
                },
                result: report.raw.clone(),
            },
            metadata: ScanMetadata { scan_started_on: scanned.clone(), scan_finished_on: scanned },
            report: Some(ReportFacts {
                digest: report.digest.clone(),
                format: report.format.to_string(),
                scanner: report.scanner.name.clone(),
                counts,
            }),
        };
        self.about(subject, &Kind::Vuln, &predicate)
    }

    /// The verdict of the gate; its inputs say that the set is complete.
    pub(crate) fn vsa<'s>(
        &'s self,
        subject: &Digest,
        inputs: &[&'s Sealed],
        policy: &'s Digest,
        notes: Vec<String>,
    ) -> Statement {
        let listed = |it: &&'s Sealed| {
            let carrier = it.carriers().next().unwrap_or(&it.statement);
            (&it.kind, carrier, &it.statement)
        };
        let summary = Summary {
            destination: self.destination,
            time: self.now,
            policy,
            inputs: inputs.iter().map(listed).collect(),
            levels: vec![GATE_PASSED.to_owned()],
            notes,
        };
        self.about(subject, &Kind::Vsa, &summary.into_predicate())
    }

    /// cosign's signature; the names of the image are signed along as annotations.
    pub(crate) fn signature(&self, subject: &Digest) -> Statement {
        let mut about = Subject::of("", subject);
        about.annotations = self.name_annotations();
        Statement::new(about, &Kind::Signature, Value::Object(Map::new()))
    }

    /// The repository and the fixed tags, as a signature carries them.
    fn name_annotations(&self) -> BTreeMap<String, String> {
        let repository = (REPOSITORY_ANNOTATION.to_owned(), self.destination.to_string());
        let mut names: Vec<&str> = self.tags.iter().map(Tag::as_str).collect();
        names.sort_unstable();
        let tags = (!names.is_empty()).then(|| (TAGS_ANNOTATION.to_owned(), names.join(",")));
        std::iter::once(repository).chain(tags).collect()
    }

    /// A statement with a predicate of our own types.
    pub(crate) fn about(
        &self,
        subject: &Digest,
        kind: &Kind,
        predicate: &impl serde::Serialize,
    ) -> Statement {
        let value = serde_json::to_value(predicate).unwrap_or_default();
        Statement::new(self.subject(subject), kind, value)
    }

    fn subject(&self, digest: &Digest) -> Subject {
        Subject::of(&self.destination.to_string(), digest)
    }
}

/// The package that a known scanner is, for nobody may be named by a word where a URI is asked
/// for; empty for others.
fn scanner_uri(scanner: &ScannerFacts) -> String {
    let package = match scanner.name.to_ascii_lowercase().as_str() {
        "trivy" => "pkg:github/aquasecurity/trivy",
        "grype" => "pkg:github/anchore/grype",
        _ => return String::new(),
    };
    match &scanner.version {
        Some(version) => format!("{package}@{version}"),
        None => package.to_owned(),
    }
}

/// The last component of a location, which purls and people use as the image's name.
pub(crate) fn short_name(location: &Location) -> String {
    let text = location.to_string();
    let last = text.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or("image");
    last.to_ascii_lowercase()
}

/// Our own version, as predicates carry it.
pub(crate) fn version() -> BTreeMap<String, String> {
    BTreeMap::from([("boltseal".to_owned(), env!("CARGO_PKG_VERSION").to_owned())])
}

/// RFC 3339 in UTC with whole seconds.
pub(crate) fn seconds(time: Timestamp) -> String {
    let whole = Timestamp::from_second(time.as_second()).unwrap_or(time);
    whole.to_string()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
