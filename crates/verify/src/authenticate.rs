//! Who signed a piece, and whether it is about this digest.

use boltseal_core::{Digest, Kind, Statement};
use boltseal_crypto::{
    BlobArtifact, Bundle, Content, Envelope, Material, SimpleSigning, parse_detached,
};
use jiff::Timestamp;

use crate::{
    Authentic, Format, NamedKey, NotationPiece, Piece, PieceContent, Refusal, Trust, verdict,
};

/// The longest predicate type that is read out of what nobody signed, in bytes.
const MAX_TYPE_BYTES: usize = 1024;

/// Checks one piece: its form, its signature by one of the trusted keys, its log entries where a
/// trusted root is given, its subject, that its time is not ahead of `now`, and that its key counts
/// then.
///
/// All checks are over the exact bytes; the statement is parsed only out of the bytes whose
/// signature was checked.
pub fn authenticate(piece: &Piece, subject: &Digest, trust: &Trust, now: Timestamp) -> Authentic {
    let mut authentic = match &piece.content {
        PieceContent::Bundle(bytes) => bundle(piece, bytes, subject, trust),
        PieceContent::LegacyAttestation(bytes) => attestation(piece, bytes, trust),
        PieceContent::LegacySignature { payload, signature } => {
            simple_signing(piece, payload, signature, trust)
        }
        PieceContent::Notation(content) => notation(piece, content, trust, now),
        PieceContent::Unusable { refusal, .. } => refused(piece, b"", refusal.clone()),
    };
    if authentic.refusal.is_none() {
        let statement = authentic.statement.as_ref();
        authentic.refusal = about_something_else(&authentic, subject)
            .or_else(|| statement.and_then(verdict::unreadable))
            .or_else(|| statement.and_then(|it| verdict::untimely(it, now)))
            .or_else(|| out_of_time(&authentic, subject, trust, now));
    }
    note_wrong_hint(piece, &mut authentic);
    authentic
}

fn bundle(piece: &Piece, bytes: &[u8], subject: &Digest, trust: &Trust) -> Authentic {
    let bundle = match Bundle::parse(bytes) {
        Ok(bundle) => bundle,
        Err(problem) => return refused(piece, bytes, malformed(&problem)),
    };
    let Content::Dsse(envelope) = &bundle.content else {
        return refused(piece, bytes, Refusal::NotAStatement);
    };
    let mut authentic = read_envelope(piece, envelope, trust);
    if let Material::Certificate(_) = bundle.material {
        authentic.refusal = Some(Refusal::KeylessSignature);
        return authentic;
    }
    if let (Some(signer), None) = (signer_of(envelope, trust), &authentic.refusal) {
        check_log(&bundle, signer, (subject, trust), &mut authentic);
        note_hint(&bundle, signer, &mut authentic);
    }
    authentic
}

fn check_log(
    bundle: &Bundle,
    signer: &NamedKey,
    (subject, trust): (&Digest, &Trust),
    authentic: &mut Authentic,
) {
    let Some(root) = &trust.root else { return };
    match bundle.verify_log(root, &signer.key, BlobArtifact::Digest(subject)) {
        Ok(proof) => {
            authentic.log_entries = proof.entries.len();
            authentic.timestamps = proof.timestamps;
        }
        Err(problem) => {
            authentic.refusal = Some(Refusal::LogProof { problem: problem.to_string() });
        }
    }
}

fn note_hint(bundle: &Bundle, signer: &NamedKey, authentic: &mut Authentic) {
    if let Material::PublicKey { hint } = &bundle.material
        && !hint.is_empty()
        && *hint != signer.key.hint()
    {
        authentic.notes.push("its key hint names another key than the one that signed".to_owned());
    }
}

fn attestation(piece: &Piece, bytes: &[u8], trust: &Trust) -> Authentic {
    match Envelope::parse(bytes) {
        Ok(envelope) => read_envelope(piece, &envelope, trust),
        Err(problem) => refused(piece, bytes, malformed(&problem)),
    }
}

fn read_envelope(piece: &Piece, envelope: &Envelope, trust: &Trust) -> Authentic {
    let mut authentic = blank(piece, &envelope.payload);
    authentic.claimed = claimed_type(&envelope.payload).or(authentic.claimed);
    if authentic.claimed == Some(Kind::Vsa) {
        authentic.envelope = Some(Digest::sha256_of(&envelope.to_json()));
    }
    let Some(signer) = signer_of(envelope, trust) else {
        authentic.refusal = Some(Refusal::UnknownSigner { tried: trust.names() });
        return authentic;
    };
    sign(&mut authentic, signer);
    if envelope.payload_type != boltseal_core::media_type::IN_TOTO {
        authentic.refusal = Some(Refusal::NotAStatement);
        return authentic;
    }
    match Statement::parse(&envelope.payload) {
        Ok(statement) => {
            authentic.claimed = Some(statement.kind());
            authentic.statement = Some(statement);
        }
        Err(problem) => authentic.refusal = Some(malformed(&problem)),
    }
    authentic
}

fn simple_signing(piece: &Piece, payload: &[u8], signature: &str, trust: &Trust) -> Authentic {
    let mut authentic = blank(piece, payload);
    authentic.claimed = Some(Kind::Signature);
    let claim = match SimpleSigning::parse(payload) {
        Ok(claim) => claim,
        Err(problem) => {
            authentic.refusal = Some(malformed(&problem));
            return authentic;
        }
    };
    let raw = match parse_detached(signature.as_bytes()) {
        Ok(raw) => raw,
        Err(problem) => {
            authentic.refusal = Some(malformed(&problem));
            return authentic;
        }
    };
    match trust.keys.iter().find(|named| named.key.verify(payload, &raw).is_ok()) {
        Some(signer) => {
            sign(&mut authentic, signer);
            authentic.statement = Some(statement_of(&claim));
        }
        None => authentic.refusal = Some(Refusal::UnknownSigner { tried: trust.names() }),
    }
    authentic
}

fn sign(authentic: &mut Authentic, signer: &NamedKey) {
    authentic.signer = Some(signer.name.clone());
    authentic.signer_key = Some(signer.key.hint());
}

/// Whether the key that signed it counts now, and for this digest.
fn out_of_time(
    authentic: &Authentic,
    subject: &Digest,
    trust: &Trust,
    now: Timestamp,
) -> Option<Refusal> {
    let hint = authentic.signer_key.as_ref()?;
    let signer = trust.keys.iter().find(|it| it.key.hint() == *hint)?;
    signer.validity.refusal(&signer.name, subject, &authentic.timestamps, now)
}

/// The same claim as a statement, so that everything after this sees one form.
fn statement_of(claim: &SimpleSigning) -> Statement {
    let mut subject = boltseal_core::Subject::of(&claim.docker_reference, &claim.digest);
    for (key, value) in claim.optional.iter().flatten() {
        if let Some(text) = value.as_str() {
            subject.annotations.insert(key.clone(), text.to_owned());
        }
    }
    Statement::new(subject, &Kind::Signature, serde_json::Value::Object(serde_json::Map::new()))
}

/// Its payload's annotations are what the signature says of names, as in the other formats.
fn notation(piece: &Piece, content: &NotationPiece, trust: &Trust, now: Timestamp) -> Authentic {
    let mut authentic = blank(piece, &content.envelope);
    match content.judge(trust.notation.as_deref(), now) {
        Ok(signed) => {
            authentic.signer = Some(signed.signer);
            authentic.notes = signed.notes;
            authentic.statement = Some(signed.statement);
        }
        Err(refusal) => authentic.refusal = Some(refusal),
    }
    authentic
}

fn signer_of<'a>(envelope: &Envelope, trust: &'a Trust) -> Option<&'a NamedKey> {
    trust.keys.iter().find(|named| envelope.verify(&named.key).is_ok())
}

fn about_something_else(authentic: &Authentic, subject: &Digest) -> Option<Refusal> {
    let statement = authentic.statement.as_ref()?;
    if statement.subject_with(subject).is_some() {
        return None;
    }
    let digest = |it: &boltseal_core::Subject| {
        let mut parts = it.digest.iter().map(|(name, hex)| format!("{name}:{hex}"));
        parts.next().unwrap_or_default()
    };
    let found: Vec<String> = statement.subject.iter().take(3).map(digest).collect();
    Some(Refusal::WrongSubject { found: found.join(", ") })
}

/// The predicate type that a payload claims, whoever signed it: it decides which requirement a
/// bad piece is a candidate for, and nothing else.
fn claimed_type(payload: &[u8]) -> Option<Kind> {
    #[derive(serde::Deserialize)]
    struct Claim {
        #[serde(rename = "predicateType")]
        predicate_type: String,
    }
    let claim: Claim = serde_json::from_slice(payload).ok()?;
    named_kind(&claim.predicate_type)
}

/// The kind that an unsigned text names. One that is longer than any type is said to be is none:
/// it would fill every report.
fn named_kind(text: &str) -> Option<Kind> {
    (text.len() <= MAX_TYPE_BYTES).then(|| Kind::of_predicate_type(text))
}

fn note_wrong_hint(piece: &Piece, authentic: &mut Authentic) {
    let hinted = piece.hinted_type.as_deref().and_then(named_kind);
    if let (Some(hinted), Some(claimed)) = (hinted, &authentic.claimed)
        && hinted != *claimed
    {
        authentic.notes.push(format!(
            "its annotation says {hinted}, its statement says {claimed}: the statement counts"
        ));
    }
}

fn malformed(problem: &dyn std::fmt::Display) -> Refusal {
    Refusal::Malformed { problem: problem.to_string() }
}

fn refused(piece: &Piece, bytes: &[u8], refusal: Refusal) -> Authentic {
    Authentic { refusal: Some(refusal), ..blank(piece, bytes) }
}

fn blank(piece: &Piece, signed: &[u8]) -> Authentic {
    let format = piece.content.format();
    let hinted = piece.hinted_type.as_deref().and_then(named_kind);
    let is_signature = matches!(format, Format::LegacySignature | Format::Notation);
    Authentic {
        carrier: piece.carrier.clone(),
        format,
        claimed: if is_signature { Some(Kind::Signature) } else { hinted },
        statement_digest: Digest::sha256_of(signed),
        signed: signed.to_vec(),
        statement: None,
        envelope: None,
        signer: None,
        signer_key: None,
        log_entries: 0,
        timestamps: Vec::new(),
        refusal: None,
        notes: Vec::new(),
    }
}
