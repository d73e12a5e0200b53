//! The verify journey (DESIGN.md 2).

use boltseal_core::{Descriptor, Digest, Exit, Kind, Manifest, Pick, RawManifest, Reason, Target};
use boltseal_ports::{Clock, Registry, RevocationAuthority, Traffic};
use boltseal_verify::{
    Demands, Gap, Judgement, Outcome, Trust, authenticate, judge_by, tag_not_bound,
};
use jiff::Timestamp;

use crate::Failure;
use crate::evidence::collect::{
    Collected, Lookup, NotationLookup, collect_legacy, collect_referrers,
};
use crate::evidence::revocation;
use crate::steps::network_traffic;

/// The images of an index whose evidence is looked for. Whoever may push may point a tag at an
/// index of any length.
const MAX_CHILDREN: usize = 100;

/// What to verify, and what it must have.
pub struct VerifyRequest {
    /// The target, as its user named it.
    pub target: Target,
    /// Whose evidence counts.
    pub trust: Trust,
    /// What of it must be there, and what it must say.
    pub demands: Demands,
    /// Where to look.
    pub lookup: Lookup,
}

/// What a verification came to.
#[derive(Debug)]
pub struct VerifyResult {
    /// The target, as its user named it.
    pub target: Target,
    /// Its digest, once it was resolved.
    pub digest: Option<Digest>,
    /// The judgement, where there was anything to judge.
    pub judgement: Option<Judgement>,
    /// Why it did not come to a judgement.
    pub failure: Option<Failure>,
    /// The tags that the signatures were made for, where the one asked for is not among them.
    pub tag_not_bound: Option<Vec<String>>,
    /// Requests and bytes.
    pub traffic: Traffic,
}

impl VerifyResult {
    /// The exit code: 0 only with a proof.
    pub fn exit(&self) -> Exit {
        match (&self.failure, self.judgement.as_ref().map(|it| &it.outcome)) {
            (None, Some(Outcome::Verified(_))) => Exit::Proof,
            _ => self.reasons().first().map_or(Exit::Bug, |reason| reason.exit),
        }
    }

    /// Why not; empty where there is a proof.
    pub fn reasons(&self) -> &[Reason] {
        if let Some(failure) = &self.failure {
            return failure.reasons();
        }
        match self.judgement.as_ref().map(|it| &it.outcome) {
            Some(Outcome::Refused(reasons) | Outcome::Undetermined(reasons)) => reasons,
            _ => &[],
        }
    }
}

/// The world that a verification needs.
#[derive(Clone, Copy)]
pub struct VerifyWorld<'a> {
    /// Where the image is.
    pub registry: &'a dyn Registry,
    /// Who knows what has been revoked; none where nobody may be asked.
    pub revocation: Option<&'a dyn RevocationAuthority>,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// Verifies a target: resolves it to a digest, collects what is attached to it, and judges that.
pub async fn verify(request: &VerifyRequest, world: &VerifyWorld<'_>) -> VerifyResult {
    let VerifyWorld { registry, clock, .. } = *world;
    let mut result = VerifyResult {
        target: request.target.clone(),
        digest: None,
        judgement: None,
        failure: None,
        tag_not_bound: None,
        traffic: Traffic::default(),
    };
    match resolve(registry, request.target.pick.as_ref()).await {
        Ok(manifest) => {
            result.digest = Some(manifest.digest().clone());
            let examined = examine(request, world, &manifest, clock.now()).await;
            result.tag_not_bound = unbound(request, &examined, clock.now());
            result.judgement = Some(examined.judgement);
        }
        Err(failure) => result.failure = Some(failure),
    }
    result.traffic = network_traffic(registry);
    result
}

/// Evidence with its judgement.
pub(crate) struct Examined {
    pub(crate) collected: Collected,
    pub(crate) judgement: Judgement,
}

/// The manifest of a target. A target that is proven not to be there has no evidence either.
pub(crate) async fn resolve(
    registry: &dyn Registry,
    pick: Option<&Pick>,
) -> Result<RawManifest, Failure> {
    let missing = |what: String| {
        Reason::new(Exit::Missing, "image-missing")
            .expected(what)
            .found("there is none")
            .place(registry.location().to_string())
            .fix("look at the name: nothing is stored under it")
    };
    let Some(pick) = pick else {
        return Err(Reason::new(Exit::Usage, "image-unnamed")
            .expected("a tag or a digest")
            .found("neither")
            .place(registry.location().to_string())
            .fix("name the image: HOST/REPO@DIGEST or HOST/REPO:TAG")
            .into());
    };
    let named = match pick {
        Pick::Digest(digest) => format!("an image with digest {digest}"),
        Pick::Tag(tag) => format!("an image under the tag {tag}"),
    };
    Ok(registry.fetch_manifest(pick).await?.ok_or_else(|| missing(named))?)
}

/// Collects and judges: bundles first, cosign's tags only where something required is not met.
pub(crate) async fn examine(
    request: &VerifyRequest,
    world: &VerifyWorld<'_>,
    manifest: &RawManifest,
    now: Timestamp,
) -> Examined {
    let registry = world.registry;
    let demands = request.demands.about(request.target.pick.as_ref());
    let mut collected = collect_tree(registry, manifest, request).await;
    revocation::ask(&mut collected.evidence, &request.trust, world.revocation, now).await;
    let mut judgement = judge_by(&collected.evidence, &request.trust, &demands, now);
    let met = matches!(judgement.outcome, Outcome::Verified(_));
    let worth_it = !met && !collected.evidence.is_unreadable();
    if request.lookup == Lookup::All || worth_it {
        collected.join(collect_legacy(registry, manifest.digest()).await);
        for at in 0..collected.evidence.children.len() {
            let child = collected.evidence.children[at].subject.clone();
            let legacy = collect_legacy(registry, &child).await;
            let child = &mut collected.evidence.children[at];
            child.pieces.extend(legacy.evidence.pieces);
            child.gaps.extend(legacy.evidence.gaps);
        }
        judgement = judge_by(&collected.evidence, &request.trust, &demands, now);
    }
    Examined { collected, judgement }
}

/// The evidence about a manifest. Of an index the children's is collected as well where what is
/// required is theirs: their SBOMs and reports, and their summaries, which the index's lists.
async fn collect_tree(
    registry: &dyn Registry,
    manifest: &RawManifest,
    request: &VerifyRequest,
) -> Collected {
    let notation = NotationLookup::when(request.trust.notation.is_some());
    let required = &request.demands.required;
    let mut collected = collect_referrers(registry, &manifest.descriptor(), notation).await;
    let of_children = [Kind::Sbom, Kind::Vuln, Kind::Vsa];
    if let Ok(Manifest::Index(index)) = manifest.parse()
        && required.iter().any(|kind| of_children.contains(kind))
    {
        let children: Vec<_> = index.images().collect();
        if children.len() > MAX_CHILDREN {
            let gap = Gap::Failed { carrier: None, reason: too_many_children(manifest, &children) };
            collected.evidence.gaps.push(gap);
        }
        for child in children {
            // Each of many lookups that fail would take its time, and change nothing any more.
            if collected.evidence.is_unreadable() {
                break;
            }
            let mut below = collect_referrers(registry, &child.bare(), notation).await;
            below.evidence.platform.clone_from(&child.platform);
            collected.adopt_child(below);
        }
    }
    collected
}

fn too_many_children(manifest: &RawManifest, children: &[&Descriptor]) -> Reason {
    Reason::new(Exit::Contradiction, "content-malformed")
        .expected(format!("an index of at most {MAX_CHILDREN} images"))
        .found(children.len().to_string())
        .place(manifest.digest().to_string())
        .fix("verify the image of one platform, by its digest")
}

/// The tags that the signatures name, where the target is a tag and they do not name it.
pub(crate) fn unbound(
    request: &VerifyRequest,
    examined: &Examined,
    now: Timestamp,
) -> Option<Vec<String>> {
    let Some(Pick::Tag(tag)) = &request.target.pick else { return None };
    let evidence = &examined.collected.evidence;
    let read = |piece| authenticate(piece, &evidence.subject, &request.trust, now);
    let pieces: Vec<_> = evidence.pieces.iter().map(read).collect();
    tag_not_bound(&pieces, tag)
}
