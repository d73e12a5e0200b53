//! Seal: the promotion, and the verdict for the new place, signed by the promotion key.

use boltseal_core::predicate::{
    GATE_PASSED, InputAttestation, Promotion, Verdict, Verifier, Vsa, VsaPolicy,
};
use boltseal_core::{Digest, Kind, NAMESPACE, RawManifest, Statement, Subject, Tag, own_uri};
use boltseal_verify::authenticate;
use serde_json::json;

use super::copy::Copied;
use super::{PromoteRequest, PromoteWorld, Source};
use crate::piece_writer::{Referrer, push_empty_config};
use crate::sealed::{Sealed, seal as seal_statement};
use crate::signing_key::SigningKey;
use crate::statement_maker::{resource_uri, seconds, version};
use crate::{Failure, WrittenEvidence};

/// The kinds that a promotion adds.
pub(crate) fn kinds() -> [Kind; 2] {
    [Kind::Other(own_uri("promotion")), Kind::Vsa]
}

/// The promotion's own statements, attached.
pub(crate) struct SealedPromotion<'a> {
    pub(crate) key: SigningKey<'a>,
    pub(crate) policy: Vec<u8>,
    pub(crate) children: Vec<RawManifest>,
    promotion: Sealed,
    summary: Sealed,
}

impl SealedPromotion<'_> {
    fn both(&self) -> [&Sealed; 2] {
        [&self.promotion, &self.summary]
    }

    /// Whether anything was written.
    pub(crate) fn wrote(&self) -> bool {
        self.both().iter().any(|it| !it.is_adopted())
    }

    /// The manifests of the promotion's own evidence.
    pub(crate) fn carriers(&self) -> Vec<Digest> {
        let pieces = self.both().into_iter().flat_map(|it| &it.pieces);
        pieces.map(|piece| piece.carrier().clone()).collect()
    }

    /// The digest of the summary's statement.
    pub(crate) const fn summary(&self) -> &Digest {
        &self.summary.statement
    }

    /// For the result.
    pub(crate) fn written(&self) -> Vec<WrittenEvidence> {
        self.both().into_iter().flat_map(Sealed::written).collect()
    }
}

pub(crate) async fn seal<'a>(
    request: &PromoteRequest,
    world: &PromoteWorld<'a>,
    source: &Source,
    copied: &Copied,
) -> Result<SealedPromotion<'a>, Failure> {
    let key = SigningKey::open(world.signer).await?;
    let now = world.clock.now();
    let policy = policy(request);
    let subject = source.root.descriptor();
    let trust = key.trust();
    let seen = |piece| authenticate(piece, &subject.digest, &trust, now);
    let existing = [copied.existing.iter().map(seen).collect::<Vec<_>>()];
    let keys = [key];
    let said =
        Said { request, world, source, policy: Digest::sha256_of(&policy), time: seconds(now) };
    let created = seconds(now);
    let promotion = seal_statement(&subject, &said.promotion(), &existing, &keys, &created).await?;
    let summary = seal_statement(&subject, &said.summary(), &existing, &keys, &created).await?;
    let [key] = keys;
    let children = copied.children.clone();
    let sealed = SealedPromotion { key, policy, children, promotion, summary };
    attach(world, &subject.digest, &sealed).await?;
    Ok(sealed)
}

async fn attach(
    world: &PromoteWorld<'_>,
    subject: &Digest,
    sealed: &SealedPromotion<'_>,
) -> Result<(), Failure> {
    let new: Vec<&Referrer> = sealed.both().iter().flat_map(|it| it.new_referrers()).collect();
    if new.is_empty() {
        return Ok(());
    }
    push_empty_config(world.destination).await?;
    for referrer in &new {
        referrer.push(world.destination).await?;
    }
    let listed: Vec<_> = new.iter().map(|it| it.listed()).collect();
    world.destination.link_referrers(subject, &listed).await?;
    Ok(())
}

/// The effective policy of a promotion: which kinds, by which keys.
fn policy(request: &PromoteRequest) -> Vec<u8> {
    let mut keys: Vec<String> = request.trust.keys.iter().map(|it| it.key.hint()).collect();
    keys.sort();
    let mut required: Vec<String> = request.required.iter().map(ToString::to_string).collect();
    required.sort();
    serde_json::to_vec(&json!({"keys": keys, "required": required})).unwrap_or_default()
}

struct Said<'s, 'a> {
    request: &'s PromoteRequest,
    world: &'s PromoteWorld<'a>,
    source: &'s Source,
    policy: Digest,
    time: String,
}

impl Said<'_, '_> {
    fn promotion(&self) -> Statement {
        let request = self.request;
        let tags = request.tags.iter().chain(&request.moving_tags);
        let mut evidence: Vec<Digest> =
            self.source.proof.accepted().iter().map(|it| it.carrier.clone()).collect();
        evidence.sort();
        let predicate = Promotion {
            from: request.source.location.to_string(),
            to: request.destination.location.to_string(),
            tags: tags.map(Tag::to_string).collect(),
            promoted_on: self.time.clone(),
            policy: self.policy.clone(),
            evidence,
        };
        self.about(&kinds()[0], &predicate)
    }

    /// The levels are those that the verified summary of the source carries.
    fn summary(&self) -> Statement {
        let hex = (self.policy.algorithm().name().to_owned(), self.policy.hex().to_owned());
        let accepted = self.source.proof.accepted().iter();
        let judged = accepted.filter(|it| it.subject == *self.source.root.digest());
        let inputs = judged
            .map(|it| InputAttestation::of(it.kind.predicate_type(), &it.carrier, &it.statement));
        let gate_passed = self.request.required.contains(&Kind::Vsa);
        let predicate = Vsa {
            verifier: Verifier { id: NAMESPACE.to_owned(), version: version() },
            time_verified: self.time.clone(),
            resource_uri: resource_uri(self.world.destination.location()),
            policy: VsaPolicy { uri: own_uri("policy"), digest: [hex].into() },
            input_attestations: inputs.collect(),
            verification_result: Verdict::Passed,
            verified_levels: gate_passed.then(|| GATE_PASSED.to_owned()).into_iter().collect(),
            slsa_version: "1.2".to_owned(),
            notes: Vec::new(),
        };
        self.about(&Kind::Vsa, &predicate)
    }

    fn about(&self, kind: &Kind, predicate: &impl serde::Serialize) -> Statement {
        let name = self.world.destination.location().to_string();
        let value = serde_json::to_value(predicate).unwrap_or_default();
        Statement::new(Subject::of(&name, self.source.root.digest()), kind, value)
    }
}
