//! Seal: the promotion, and the verdict for the new place, signed by the promotion key.

use std::collections::BTreeSet;

use boltseal_core::predicate::{GATE_PASSED, Promotion};
use boltseal_core::{Digest, Kind, Statement, Subject, Tag, own_uri};
use boltseal_verify::authenticate;
use jiff::Timestamp;

use super::copy::{Copied, EmptyConfig};
use super::{PromoteRequest, PromoteWorld, Source};
use crate::evidence::legacy::{LegacyLayer, LegacySet};
use crate::evidence::referrer::{Referrer, push_empty_config};
use crate::evidence::sealed::{Sealed, Sealer};
use crate::evidence::signing_key::SigningKey;
use crate::evidence::statement_maker::seconds;
use crate::evidence::summary::Summary;
use crate::{Failure, WrittenEvidence};

/// The kinds that a promotion adds.
pub(crate) fn kinds() -> [Kind; 2] {
    [Kind::Other(own_uri("promotion")), Kind::Vsa]
}

/// The promotion's own statements, attached.
pub(crate) struct SealedPromotion<'a> {
    pub(crate) key: SigningKey<'a>,
    pub(crate) policy: Vec<u8>,
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
    pub(crate) fn carriers(&self) -> BTreeSet<Digest> {
        self.both().into_iter().flat_map(Sealed::carriers).cloned().collect()
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
    let keys = [SigningKey::open(world.signer).await?];
    let now = world.clock.now();
    let policy = request.demands.effective(&request.trust);
    let subject = source.root.descriptor();
    let trust = keys[0].trust();
    let seen = |piece| authenticate(piece, &subject.digest, &trust, now);
    let said = Said { request, world, source, policy: Digest::sha256_of(&policy), now };
    let signing = Sealer {
        subject: &subject,
        destination: world.destination.location(),
        existing: &[copied.existing.iter().map(seen).collect()],
        keys: &keys,
        formats: request.formats,
        created: &seconds(now),
    };
    let promotion = signing.seal(&said.promotion()).await?;
    let summary = signing.seal(&said.summary()).await?;
    let [key] = keys;
    let sealed = SealedPromotion { key, policy, promotion, summary };
    attach(world, &subject.digest, &sealed, copied).await?;
    Ok(sealed)
}

async fn attach(
    world: &PromoteWorld<'_>,
    subject: &Digest,
    sealed: &SealedPromotion<'_>,
    copied: &Copied,
) -> Result<(), Failure> {
    let both = || sealed.both().into_iter();
    let new: Vec<&Referrer> = both().flat_map(Sealed::new_referrers).collect();
    if !new.is_empty() && copied.empty_config == EmptyConfig::Unknown {
        push_empty_config(world.destination).await?;
    }
    for referrer in &new {
        referrer.push(world.destination).await?;
    }
    let mut unlisted = copied.unlisted.clone();
    unlisted.extend(new.iter().map(|it| it.listed()));
    if !unlisted.is_empty() {
        world.destination.link_referrers(subject, &unlisted).await?;
    }
    let layers: Vec<&LegacyLayer> = both().flat_map(Sealed::new_layers).collect();
    LegacySet { registry: world.destination, tags: world.tags, subject }.add(&layers).await
}

struct Said<'s, 'a> {
    request: &'s PromoteRequest,
    world: &'s PromoteWorld<'a>,
    source: &'s Source,
    policy: Digest,
    now: Timestamp,
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
            promoted_on: seconds(self.now),
            policy: self.policy.clone(),
            evidence,
        };
        self.about(&kinds()[0], &predicate)
    }

    /// The levels are those that the verified summary of the source carries.
    fn summary(&self) -> Statement {
        let accepted = self.source.proof.accepted().iter();
        let judged = accepted.filter(|it| it.subject == *self.source.root.digest());
        let inputs = judged.map(|it| (&it.kind, &it.carrier, &it.statement));
        let gate_passed = self.request.demands.required.contains(&Kind::Vsa);
        let summary = Summary {
            destination: self.world.destination.location(),
            time: self.now,
            policy: &self.policy,
            inputs: inputs.collect(),
            levels: gate_passed.then(|| GATE_PASSED.to_owned()).into_iter().collect(),
            notes: Vec::new(),
        };
        self.about(&Kind::Vsa, &summary.into_predicate())
    }

    fn about(&self, kind: &Kind, predicate: &impl serde::Serialize) -> Statement {
        let name = self.world.destination.location().to_string();
        let value = serde_json::to_value(predicate).unwrap_or_default();
        Statement::new(Subject::of(&name, self.source.root.digest()), kind, value)
    }
}
