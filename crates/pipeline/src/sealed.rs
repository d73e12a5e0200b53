//! Sealed statements: signed by every key, or found signed already.

use boltseal_core::predicate::{Promotion, Provenance, Vsa, Vuln};
use boltseal_core::{Descriptor, Digest, Kind, Statement, own_uri};
use boltseal_verify::Authentic;

use crate::piece_writer::Referrer;
use crate::signing_key::SigningKey;
use crate::{Failure, WrittenEvidence};

/// A statement about one subject, with one piece of evidence for each key.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) subject: Digest,
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
    pub(crate) statement: Digest,
    /// One for each key, in the order of the keys.
    pub(crate) pieces: Vec<SealedPiece>,
}

/// A statement under one key.
#[derive(Clone, Debug)]
pub(crate) enum SealedPiece {
    /// It was there, and says the same.
    Adopted(Digest),
    /// It is to be pushed.
    New(Box<Referrer>),
}

impl SealedPiece {
    pub(crate) fn carrier(&self) -> &Digest {
        match self {
            Self::Adopted(carrier) => carrier,
            Self::New(referrer) => referrer.manifest.digest(),
        }
    }
}

/// What there is already about one subject, as seen with each key: `existing[k]` are the pieces
/// judged with trust in key `k` alone.
pub(crate) type Existing<'a> = &'a [Vec<Authentic>];

/// Seals `statement` with every key. A statement that is there, verifies under one of the keys
/// and says the same is kept, byte for byte; keys that have not signed it yet sign those bytes.
pub(crate) async fn seal(
    subject: &Descriptor,
    statement: &Statement,
    existing: Existing<'_>,
    keys: &[SigningKey<'_>],
    created: &str,
) -> Result<Sealed, Failure> {
    let kind = statement.kind();
    let payload = adoptable(statement, existing).unwrap_or_else(|| statement.to_payload());
    let digest = Digest::sha256_of(&payload);
    let mut pieces = Vec::with_capacity(keys.len());
    for (at, key) in keys.iter().enumerate() {
        let pieces_of_key = existing.get(at).map_or(&[][..], Vec::as_slice);
        let found = pieces_of_key.iter().find(|it| it.verifies() && it.statement_digest == digest);
        pieces.push(if let Some(found) = found {
            SealedPiece::Adopted(found.carrier.clone())
        } else {
            let bundle = key.seal(&payload).await?;
            let referrer = Referrer::new(subject, bundle, kind.predicate_type(), created);
            SealedPiece::New(Box::new(referrer))
        });
    }
    Ok(Sealed { subject: subject.digest.clone(), kind, payload, statement: digest, pieces })
}

fn adoptable(statement: &Statement, existing: Existing<'_>) -> Option<Vec<u8>> {
    let says_it = |piece: &&Authentic| {
        piece.verifies() && piece.statement.as_ref().is_some_and(|it| says_the_same(it, statement))
    };
    existing.iter().flatten().find(says_it).map(|piece| piece.signed.clone())
}

/// Whether a statement that is there makes a new one unnecessary (DESIGN.md, invariant 5).
fn says_the_same(old: &Statement, new: &Statement) -> bool {
    if old.kind() != new.kind() {
        return false;
    }
    match new.kind() {
        Kind::Signature => true,
        Kind::Provenance => same(old, new, |it: &Provenance| {
            let definition = &it.build_definition;
            let builder = it.run_details.builder.id.clone();
            let parameters = definition.external_parameters.clone();
            let dependencies = definition.resolved_dependencies.clone();
            Some((definition.build_type.clone(), builder, parameters, dependencies))
        }),
        Kind::Vuln => same(old, new, |it: &Vuln| it.report.as_ref().map(|it| it.digest.clone())),
        Kind::Vsa => same(old, new, |it: &Vsa| {
            let inputs = it.input_attestations.iter().map(|input| input.statement.clone());
            let mut inputs: Vec<_> = inputs.collect();
            inputs.sort();
            let policy = it.policy.digest.clone();
            Some((policy, inputs, it.verification_result, it.resource_uri.clone()))
        }),
        Kind::Other(uri) if uri == own_uri("promotion") => same(old, new, |it: &Promotion| {
            let (from, to, tags) = (it.from.clone(), it.to.clone(), it.tags.clone());
            Some((from, to, tags, it.policy.clone(), it.evidence.clone()))
        }),
        Kind::Sbom | Kind::Other(_) => old.predicate == new.predicate,
    }
}

fn same<T, K>(old: &Statement, new: &Statement, key: impl Fn(&T) -> Option<K>) -> bool
where
    T: serde::de::DeserializeOwned,
    K: PartialEq,
{
    let read = |it: &Statement| serde_json::from_value::<T>(it.predicate.clone()).ok();
    match (read(old).as_ref().and_then(&key), read(new).as_ref().and_then(&key)) {
        (Some(old), Some(new)) => old == new,
        _ => false,
    }
}

impl Sealed {
    /// Whether nothing has to be written.
    pub(crate) fn is_adopted(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, SealedPiece::Adopted(_)))
    }

    /// The pieces that have to be written.
    pub(crate) fn new_referrers(&self) -> impl Iterator<Item = &Referrer> {
        self.pieces.iter().filter_map(|piece| match piece {
            SealedPiece::New(referrer) => Some(referrer.as_ref()),
            SealedPiece::Adopted(_) => None,
        })
    }

    /// For the result.
    pub(crate) fn written(&self) -> impl Iterator<Item = WrittenEvidence> {
        self.pieces.iter().map(|piece| WrittenEvidence {
            subject: self.subject.clone(),
            kind: self.kind.clone(),
            carrier: piece.carrier().clone(),
            adopted: matches!(piece, SealedPiece::Adopted(_)),
        })
    }
}
