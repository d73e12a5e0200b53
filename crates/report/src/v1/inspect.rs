use boltseal_core::{Digest, Reason};
use boltseal_pipeline::{GraphNode, InspectResult};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.inspect/v1";

/// The result of `inspect`. Nothing in it was verified.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspect {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The media type of the manifest.
    pub media_type: Option<String>,
    /// The platforms, for an index.
    pub platforms: Vec<PlatformOfIndex>,
    /// The layers, for an image.
    pub layers: Vec<LayerOfImage>,
    /// Every piece that is attached.
    pub evidence: Vec<Node>,
    /// Why it is not known whether there is more.
    pub incomplete: Option<String>,
    /// Requests, reads and writes.
    pub requests: u64,
}

/// A child of an index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformOfIndex {
    /// `OS/ARCH[/VARIANT]`.
    pub platform: String,
    /// The digest of its manifest.
    pub digest: Digest,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerOfImage {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes, as stored.
    pub size: u64,
}

/// One piece that is attached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// The digest of its manifest, or of its legacy layer.
    pub digest: Option<Digest>,
    /// How it is stored.
    pub format: String,
    /// The predicate type that it claims.
    pub predicate_type: Option<String>,
    /// What is wrong with it, as far as can be seen without a key.
    pub problem: Option<String>,
}

impl Inspect {
    /// The document of what was found at `reference`.
    pub fn of(reference: &str, result: &InspectResult) -> Self {
        let subject = SubjectOfResult::new(reference, Some(result.subject.digest.clone()));
        let platforms = result.platforms.iter().map(|(platform, digest)| PlatformOfIndex {
            platform: platform.to_string(),
            digest: digest.clone(),
        });
        let layers = result.layers.iter().map(|layer| LayerOfImage {
            digest: layer.digest.clone(),
            media_type: layer.media_type.clone(),
            size: layer.size,
        });
        Self {
            head: Head::good(SCHEMA, Outcome::Inspected, subject),
            media_type: Some(result.subject.media_type.clone()),
            platforms: platforms.collect(),
            layers: layers.collect(),
            evidence: result.nodes.iter().map(Node::from).collect(),
            incomplete: result.incomplete.clone(),
            requests: result.traffic.requests(),
        }
    }

    /// The document of something that could not be looked at.
    pub fn failed(reference: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(reference, None);
        Self {
            head: Head::failed(SCHEMA, subject, reasons),
            media_type: None,
            platforms: Vec::new(),
            layers: Vec::new(),
            evidence: Vec::new(),
            incomplete: None,
            requests: 0,
        }
    }
}

impl From<&GraphNode> for Node {
    fn from(node: &GraphNode) -> Self {
        Self {
            digest: node.digest.clone(),
            format: node.format.clone(),
            predicate_type: node.predicate_type.clone(),
            problem: node.problem.clone(),
        }
    }
}

impl Document for Inspect {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::inspect(self, paint)
    }
}
