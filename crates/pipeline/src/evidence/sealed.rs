//! Sealed statements: signed by every key in every format asked for, or found signed already.

use boltseal_core::{Descriptor, Digest, Exit, Kind, Location, Reason, Statement};
use boltseal_crypto::{Envelope, MAX_BUNDLE_BYTES};
use boltseal_verify::{Authentic, Format};
use serde_json::Value;

use crate::evidence::adoption::{Existing, adoptable};
use crate::evidence::legacy::LegacyLayer;
use crate::evidence::referrer::Referrer;
use crate::evidence::signing_key::SigningKey;
use crate::{EvidenceFormats, Failure, WrittenEvidence};

/// A statement about one subject, with one piece of evidence for each key and format.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) subject: Digest,
    pub(crate) kind: Kind,
    /// The digest of the signed bytes.
    pub(crate) statement: Digest,
    /// What a provenance says, as it was signed; none for other kinds.
    pub(crate) provenance: Option<Value>,
    /// In the order of the keys; of each key the bundle first.
    pieces: Vec<SealedPiece>,
}

/// A statement under one key, in one format.
#[derive(Clone, Debug)]
struct SealedPiece {
    format: Format,
    /// The key, as its user named it.
    signer: String,
    state: PieceState,
}

#[derive(Clone, Debug)]
enum PieceState {
    /// It was there, and says the same.
    Adopted(Digest),
    /// It is to be pushed as a referrer.
    NewReferrer(Box<Referrer>),
    /// It is to be added under one of cosign's tags.
    NewLayer(LegacyLayer),
}

impl SealedPiece {
    const fn is_adopted(&self) -> bool {
        matches!(self.state, PieceState::Adopted(_))
    }

    const fn carrier(&self) -> &Digest {
        match &self.state {
            PieceState::Adopted(carrier) => carrier,
            PieceState::NewReferrer(referrer) => referrer.manifest.digest(),
            PieceState::NewLayer(layer) => &layer.descriptor.digest,
        }
    }
}

/// Everything that the sealing of statements about one subject has in common.
pub(crate) struct Sealer<'a, 'k> {
    pub(crate) subject: &'a Descriptor,
    /// Where the image goes; a simple-signing payload names it.
    pub(crate) destination: &'a Location,
    pub(crate) existing: Existing<'a>,
    pub(crate) keys: &'a [SigningKey<'k>],
    pub(crate) formats: EvidenceFormats,
    /// When the release began, RFC 3339.
    pub(crate) created: &'a str,
}

impl Sealer<'_, '_> {
    /// Seals `statement` with every key. A statement that is there, verifies under one of the
    /// keys and says the same is kept, byte for byte; keys that have not signed it yet sign those
    /// bytes. Each key signs a statement once, for all formats.
    pub(crate) async fn seal(&self, statement: &Statement) -> Result<Sealed, Failure> {
        let adopted = adoptable(statement, self.existing);
        let payload = adopted.unwrap_or_else(|| statement.to_payload());
        fits(&payload, statement)?;
        let mut pieces = Vec::new();
        for (key, seen) in self.keys.iter().zip(self.existing) {
            let work = OneKey { sealer: self, statement, payload: &payload, key, seen };
            pieces.extend(work.pieces().await?);
        }
        Ok(Sealed {
            subject: self.subject.digest.clone(),
            kind: statement.kind(),
            statement: Digest::sha256_of(&payload),
            provenance: provenance(&statement.kind(), &payload),
            pieces,
        })
    }
}

/// The predicate of a provenance. What was adopted is told as it stands there.
fn provenance(kind: &Kind, payload: &[u8]) -> Option<Value> {
    let mut statement: Value =
        (*kind == Kind::Provenance).then(|| serde_json::from_slice(payload).ok()).flatten()?;
    statement.get_mut("predicate").map(Value::take)
}

/// Refuses a statement that no reader would take: what is written must be readable again.
fn fits(payload: &[u8], statement: &Statement) -> Result<(), Reason> {
    // Base64 takes four bytes for three; signature, key and frame are far below 64 KiB.
    let size = payload.len().div_ceil(3) * 4 + 64 * 1024;
    if size <= MAX_BUNDLE_BYTES {
        return Ok(());
    }
    Err(Reason::new(Exit::Invalid, "statement-too-large")
        .expected(format!("a statement whose bundle has at most {MAX_BUNDLE_BYTES} bytes"))
        .found(format!("{} bytes before they are encoded", payload.len()))
        .place(statement.kind().predicate_type())
        .fix("give a smaller report or SBOM: leave out what is no finding and no component"))
}

/// A statement on its way to one key.
struct OneKey<'s, 'k> {
    sealer: &'s Sealer<'s, 'k>,
    statement: &'s Statement,
    payload: &'s [u8],
    key: &'s SigningKey<'k>,
    /// What there is, as seen with this key alone.
    seen: &'s [Authentic],
}

impl OneKey<'_, '_> {
    async fn pieces(&self) -> Result<Vec<SealedPiece>, Failure> {
        let mut envelope = None;
        let mut pieces = Vec::new();
        for format in self.formats() {
            let state = match self.adopted(format) {
                Some(carrier) => PieceState::Adopted(carrier),
                None => self.made(format, &mut envelope).await?,
            };
            pieces.push(SealedPiece { format, signer: self.key.name().to_owned(), state });
        }
        Ok(pieces)
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        let formats = self.sealer.formats;
        let legacy = match self.statement.kind() {
            Kind::Signature => Format::LegacySignature,
            _ => Format::LegacyAttestation,
        };
        let bundle = formats.bundles().then_some(Format::Bundle);
        bundle.into_iter().chain(formats.legacy().then_some(legacy))
    }

    /// A piece that is there and holds these very bytes. cosign's simple signature says nothing
    /// but the digest, so any one will do.
    fn adopted(&self, format: Format) -> Option<Digest> {
        let digest = Digest::sha256_of(self.payload);
        let same = |it: &&Authentic| {
            it.verifies()
                && it.format == format
                && (format == Format::LegacySignature || it.statement_digest == digest)
        };
        self.seen.iter().find(same).map(|it| it.carrier.clone())
    }

    async fn made(
        &self,
        format: Format,
        envelope: &mut Option<Envelope>,
    ) -> Result<PieceState, Failure> {
        let sealer = self.sealer;
        if format == Format::LegacySignature {
            let claim =
                LegacyLayer::claim(sealer.destination, &sealer.subject.digest, self.statement);
            let signature = self.key.sign(&claim).await?;
            return Ok(PieceState::NewLayer(LegacyLayer::signature(claim, &signature)));
        }
        let envelope = match envelope {
            Some(envelope) => envelope,
            None => envelope.insert(self.key.sign_statement(self.payload).await?),
        };
        let kind = self.statement.kind();
        Ok(if format == Format::Bundle {
            let bundle = self.key.bundle(envelope);
            let referrer =
                Referrer::new(sealer.subject, bundle, kind.predicate_type(), sealer.created);
            PieceState::NewReferrer(Box::new(referrer))
        } else {
            PieceState::NewLayer(LegacyLayer::attestation(envelope, &kind))
        })
    }
}

/// A Notation signature on its way into a sealed statement.
pub(crate) enum NotationSeal {
    /// It was there.
    Adopted(Digest),
    /// It is to be pushed.
    New(Box<Referrer>),
}

impl Sealed {
    /// The same with a Notation signature by `signer` beside the others.
    pub(crate) fn with_notation(mut self, signer: String, seal: NotationSeal) -> Self {
        let state = match seal {
            NotationSeal::Adopted(carrier) => PieceState::Adopted(carrier),
            NotationSeal::New(referrer) => PieceState::NewReferrer(referrer),
        };
        self.pieces.push(SealedPiece { format: Format::Notation, signer, state });
        self
    }

    /// Whether nothing has to be written.
    pub(crate) fn is_adopted(&self) -> bool {
        self.pieces.iter().all(SealedPiece::is_adopted)
    }

    /// What carries the statement, or will: one manifest or layer for each key and format.
    pub(crate) fn carriers(&self) -> impl Iterator<Item = &Digest> {
        self.pieces.iter().map(SealedPiece::carrier)
    }

    /// The referrers that have to be written.
    pub(crate) fn new_referrers(&self) -> impl Iterator<Item = &Referrer> {
        self.pieces.iter().filter_map(|piece| match &piece.state {
            PieceState::NewReferrer(referrer) => Some(referrer.as_ref()),
            PieceState::Adopted(_) | PieceState::NewLayer(_) => None,
        })
    }

    /// The layers that have to be added under cosign's tags.
    pub(crate) fn new_layers(&self) -> impl Iterator<Item = &LegacyLayer> {
        self.pieces.iter().filter_map(|piece| match &piece.state {
            PieceState::NewLayer(layer) => Some(layer),
            PieceState::Adopted(_) | PieceState::NewReferrer(_) => None,
        })
    }

    /// For the result.
    pub(crate) fn written(&self) -> impl Iterator<Item = WrittenEvidence> {
        self.pieces.iter().map(|piece| WrittenEvidence {
            subject: self.subject.clone(),
            kind: self.kind.clone(),
            format: piece.format,
            carrier: piece.carrier().clone(),
            signer: piece.signer.clone(),
            adopted: piece.is_adopted(),
        })
    }
}
