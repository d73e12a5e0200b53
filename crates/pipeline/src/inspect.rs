//! The evidence graph of a digest: what is attached to it, whoever made it.

use boltseal_core::{Descriptor, Digest, Manifest, Platform, Target};
use boltseal_ports::{Absence, Registry, Traffic};
use boltseal_verify::{Status, Trust, judge};

use crate::Failure;
use crate::evidence::collect::{NotationLookup, collect_legacy, collect_referrers};
use crate::sbom::choose;
use crate::verify::resolve;

/// What is attached to a digest.
#[derive(Debug)]
pub struct InspectResult {
    /// The target, as its user named it.
    pub target: Target,
    /// The manifest: type, digest and size.
    pub subject: Descriptor,
    /// The platforms, for an index.
    pub platforms: Vec<(Platform, Digest)>,
    /// The layers, for an image.
    pub layers: Vec<Descriptor>,
    /// Every referrer and every legacy piece.
    pub nodes: Vec<GraphNode>,
    /// Why it is not known whether there is more.
    pub incomplete: Option<String>,
    /// Requests and bytes.
    pub traffic: Traffic,
}

/// One piece that is attached. Nothing of it was verified: inspection trusts nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphNode {
    /// The digest of its manifest, or of its legacy layer.
    pub digest: Option<Digest>,
    /// How it is stored: `bundle`, `legacy-signature`, `legacy-attestation`, or an artifact type.
    pub format: String,
    /// The predicate type that it claims.
    pub predicate_type: Option<String>,
    /// What is wrong with it, as far as can be seen without a key.
    pub problem: Option<String>,
}

/// Looks at everything that is attached to a target.
///
/// # Errors
/// Where the target is not there or cannot be read; a piece that cannot be read is a node.
pub async fn inspect(
    target: &Target,
    registry: &dyn Registry,
    platform: Option<&Platform>,
    now: jiff::Timestamp,
) -> Result<InspectResult, Failure> {
    let mut root = resolve(registry, target.pick.as_ref()).await?;
    if platform.is_some() {
        let digest = choose(&root, platform, registry)?;
        root = resolve(registry, Some(&boltseal_core::Pick::Digest(digest))).await?;
    }
    let (platforms, layers) = match root.parse() {
        Ok(Manifest::Index(index)) => {
            let named = |child: &Descriptor| Some((child.platform.clone()?, child.digest.clone()));
            (index.images().filter_map(named).collect(), Vec::new())
        }
        Ok(Manifest::Image(image)) => (Vec::new(), image.layers),
        Err(_) => (Vec::new(), Vec::new()),
    };
    let others = other_referrers(registry, root.digest()).await?;
    let mut collected = collect_referrers(registry, &root.descriptor(), NotationLookup::Read).await;
    collected.join(collect_legacy(registry, root.digest()).await);
    let incomplete = collected.evidence.absence_unproven.as_ref().map(|it| it.found.clone());
    let judged = judge(&collected.evidence, &Trust::in_keys(Vec::new()), &[], now);
    let pieces = judged.evidence.into_iter().map(|piece| GraphNode {
        digest: piece.carrier,
        format: piece.format.map_or_else(|| "unknown".to_owned(), |it| it.to_string()),
        predicate_type: piece.predicate_type,
        problem: (piece.status != Status::Refused || piece.format.is_none())
            .then_some(piece.reason)
            .flatten(),
    });
    let mut nodes: Vec<GraphNode> = pieces.collect();
    nodes.extend(
        others
            .into_iter()
            .filter(|it| !nodes.iter().any(|n| n.digest == it.digest))
            .collect::<Vec<_>>(),
    );
    let (target, subject) = (target.clone(), root.descriptor());
    let traffic = registry.traffic();
    Ok(InspectResult { target, subject, platforms, layers, nodes, incomplete, traffic })
}

/// Referrers of every kind, as the registry lists them.
async fn other_referrers(
    registry: &dyn Registry,
    subject: &Digest,
) -> Result<Vec<GraphNode>, Failure> {
    let listed = registry.referrers(subject).await?;
    let problem = match listed.absence {
        Absence::Proven => None,
        Absence::Undetermined(error) => Some(error.found),
    };
    let node = |descriptor: Descriptor| GraphNode {
        digest: Some(descriptor.digest),
        format: descriptor.artifact_type.unwrap_or_else(|| "unknown".to_owned()),
        predicate_type: descriptor.annotations.get("dev.sigstore.bundle.predicateType").cloned(),
        problem: problem.clone(),
    };
    Ok(listed.descriptors.into_iter().map(node).collect())
}
