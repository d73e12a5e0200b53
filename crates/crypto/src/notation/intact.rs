//! Envelopes that hold together.

use super::certificate_chain::CertificateChain;
use super::chain_error::ChainError;
use super::envelope::{Envelope, Format};
use super::integrity_error::IntegrityError;
use super::payload::Payload;
use super::signed_attributes::SignedAttributes;

/// An envelope whose signature was verified with the key of its own leaf certificate, and whose
/// chain follows the rules. Anybody can make one: only [`Intact::judge`] says who is behind it.
#[derive(Clone, Debug)]
pub struct Intact {
    pub(super) envelope: Envelope,
    pub(super) chain: CertificateChain,
    pub(super) payload: Payload,
}

impl Intact {
    /// Reads an envelope and checks its integrity: [`Envelope::parse`], then
    /// [`Envelope::check_integrity`].
    pub fn read(format: Format, bytes: &[u8]) -> Result<Self, IntegrityError> {
        Envelope::parse(format, bytes)?.check_integrity()
    }

    /// The chain comes before the signature: without its rules the leaf's key is nobody's.
    pub(super) fn new(envelope: Envelope) -> Result<Self, IntegrityError> {
        let chain = CertificateChain::code_signing(&envelope.chain)?;
        let subject = || chain.leaf().subject();
        let expected = chain.algorithm().ok_or_else(|| ChainError::Key { subject: subject() })?;
        if envelope.algorithm != expected {
            return Err(IntegrityError::Algorithm { expected, found: envelope.algorithm });
        }
        let spki = chain.leaf().spki_der();
        if !expected.holds(&spki, &envelope.signed, &envelope.signature) {
            return Err(IntegrityError::Signature { subject: subject() });
        }
        let payload = Payload::parse(&envelope.payload)?;
        Ok(Self { envelope, chain, payload })
    }

    /// The format it came in.
    pub const fn format(&self) -> Format {
        self.envelope.format
    }

    /// What it says about itself.
    pub const fn attributes(&self) -> &SignedAttributes {
        &self.envelope.attributes
    }

    /// Its chain, leaf first.
    pub const fn chain(&self) -> &CertificateChain {
        &self.chain
    }

    /// What it says is signed.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The software that made it, as it says; signed by nobody.
    pub fn agent(&self) -> Option<&str> {
        self.envelope.agent.as_deref()
    }

    /// Whether it carries a timestamp, which may be anything until it is verified.
    pub const fn has_timestamp(&self) -> bool {
        self.envelope.timestamp.is_some()
    }
}
