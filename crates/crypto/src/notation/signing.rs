//! Making envelopes, and taking those that a service made.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::certificate::Certificate;
use super::certificate_chain::CertificateChain;
use super::envelope::Format;
use super::intact::Intact;
use super::payload::{PAYLOAD_TYPE, Payload};
use super::signed_attributes::{EXPIRY, SIGNING_SCHEME, SIGNING_TIME, SigningScheme};
use super::signing_error::{SignedPayloadError, SigningError};
use super::{aws_signer, jws};
use crate::PublicKey;

const AGENT: &str = concat!("boltseal/", env!("CARGO_PKG_VERSION"));

/// How far ahead a service's clock may be.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// An envelope that is ready to be signed: a JWS under the scheme `notary.x509`.
#[derive(Clone, Debug)]
pub struct SigningRequest {
    algorithm: Algorithm,
    message: Vec<u8>,
    chain: CertificateChain,
}

/// When a signature is made, and until when it counts. Fractions of a second are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningTimes {
    /// The time of signing, which the signature claims.
    pub signed_at: Timestamp,
    /// From when on it does not count; by default there is no such time.
    pub expiry: Option<Timestamp>,
}

impl SigningRequest {
    /// Prepares a signature of `payload` by the key `key`, whose certificate is the leaf of
    /// `chain`.
    ///
    /// # Errors
    /// When the leaf is another key's, when a certificate is not valid at the time of signing, or
    /// when the expiry is not later.
    pub fn new(
        payload: &Payload,
        chain: &CertificateChain,
        key: &PublicKey,
        times: SigningTimes,
    ) -> Result<Self, SigningError> {
        let subject = || chain.leaf().subject();
        if chain.leaf().spki_der() != key.spki_der() {
            return Err(SigningError::OtherKey { subject: subject(), key: key.hint() });
        }
        let algorithm = Algorithm::of(key.algorithm());
        let algorithm = algorithm.ok_or(SigningError::Kind { found: key.algorithm() })?;
        let times = times.in_seconds();
        let at = times.signed_at;
        if let Some(subject) = chain.invalid_at(at).map(Certificate::subject) {
            return Err(SigningError::NotValid { subject, at });
        }
        if let Some(expiry) = times.expiry.filter(|expiry| *expiry <= at) {
            return Err(SigningError::Expiry { expiry, signed_at: at });
        }
        let protected = jws::part(&protected(algorithm, times));
        let message = jws::signing_input(&protected, &jws::part(&payload.to_bytes()));
        Ok(Self { algorithm, message, chain: chain.clone() })
    }

    /// The algorithm that the signature must be of. Where [`Algorithm::is_pss`], the signer has
    /// to be asked for RSASSA-PSS with that hash.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What to sign: the message itself, not a digest of it.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Puts the envelope together. An ECDSA signature is DER, as KMS and local keys make it.
    ///
    /// # Errors
    /// When the signature does not verify with the leaf's key: nothing is returned that anybody
    /// would refuse.
    pub fn seal(&self, signature: &[u8]) -> Result<SignedEnvelope, SigningError> {
        let refuse = || SigningError::Signature { expected: self.algorithm };
        let fixed = self.algorithm.fixed(signature).ok_or_else(refuse)?;
        let chain: Vec<&[u8]> = self.chain.certificates().iter().map(Certificate::der).collect();
        let bytes = jws::write(&self.message, &fixed, &chain, AGENT);
        let intact = Intact::read(Format::Jws, &bytes).map_err(|_| refuse())?;
        Ok(SignedEnvelope { bytes, intact })
    }
}

impl SigningTimes {
    fn in_seconds(self) -> Self {
        let whole = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time);
        Self { signed_at: whole(self.signed_at), expiry: self.expiry.map(whole) }
    }
}

fn protected(algorithm: Algorithm, times: SigningTimes) -> Vec<u8> {
    let mut critical = vec![Value::from(SIGNING_SCHEME)];
    let mut header = Map::from_iter([
        ("alg".to_owned(), algorithm.name().into()),
        ("cty".to_owned(), PAYLOAD_TYPE.into()),
        (SIGNING_SCHEME.to_owned(), SigningScheme::X509.name().into()),
        (SIGNING_TIME.to_owned(), times.signed_at.to_string().into()),
    ]);
    if let Some(expiry) = times.expiry {
        critical.push(EXPIRY.into());
        header.insert(EXPIRY.to_owned(), expiry.to_string().into());
    }
    header.insert("crit".to_owned(), critical.into());
    serde_json::to_vec(&header).expect("strings always serialise")
}

/// A JWS envelope that is ready to be attached: it holds together and says what was asked for.
#[derive(Clone, Debug)]
pub struct SignedEnvelope {
    bytes: Vec<u8>,
    intact: Intact,
}

impl SignedEnvelope {
    /// The envelope, to be pushed as it is.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was read back from the bytes.
    pub const fn intact(&self) -> &Intact {
        &self.intact
    }
}

/// Takes the envelope that AWS Signer's `SignPayload` answered for `asked` and the signing
/// profile `profile_arn` (without a version).
///
/// # Errors
/// When it does not hold together, signs something else or something more, was made by another
/// profile or by nobody's, is not valid at its signing time, or has expired.
pub fn check_signed_payload(
    answer: &[u8],
    asked: &Payload,
    profile_arn: &str,
    now: Timestamp,
) -> Result<SignedEnvelope, SignedPayloadError> {
    let intact = Intact::read(Format::Jws, answer)?;
    if intact.payload() != asked {
        return Err(SignedPayloadError::OtherPayload);
    }
    let job = intact.signing_job().ok_or(SignedPayloadError::NoJob)?;
    if !job.profile_arn().eq_ignore_ascii_case(profile_arn) {
        let (expected, found) = (profile_arn.to_owned(), job.profile_version_arn);
        return Err(SignedPayloadError::OtherProfile { expected, found });
    }
    let attributes = intact.attributes();
    let at = attributes.signing_time;
    if at.duration_since(now) > MAX_AHEAD {
        return Err(SignedPayloadError::Ahead { at, now });
    }
    if let Some(subject) = intact.chain().invalid_at(at).map(Certificate::subject) {
        return Err(SignedPayloadError::NotValid { subject, at });
    }
    if let Some(at) = attributes.expiry.filter(|expiry| *expiry <= now) {
        return Err(SignedPayloadError::Expired { at });
    }
    Ok(SignedEnvelope { bytes: answer.to_vec(), intact })
}

impl Intact {
    /// The job of AWS Signer that made it, as its critical attributes say.
    pub fn signing_job(&self) -> Option<aws_signer::SigningJob> {
        match aws_signer::Plugin::of(self.attributes()) {
            Ok(aws_signer::Plugin::AwsSigner(job)) => Some(job),
            _ => None,
        }
    }
}
