//! Chains of certificates and the Notary Project's rules for them.

use aws_lc_rs::digest::{SHA384, digest};
use jiff::Timestamp;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

use super::algorithm::Algorithm;
use super::certificate::Certificate;
use super::chain_error::ChainError;
use crate::PublicKey;

/// The longest chain that is read.
const MAX_CHAIN: usize = 10;

const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// Any purpose; servers; clients; e-mail; timestamps; OCSP.
const UNSUITABLE: [ObjectIdentifier; 6] = [
    ObjectIdentifier::new_unwrap("2.5.29.37.0"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4"),
    TIME_STAMPING,
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9"),
];

/// A chain of certificates, leaf first and self-signed root last (or a self-signed leaf alone),
/// that follows every rule for its purpose. Validity in time is not among them, and so is no
/// extension but basic constraints and the two key usages: the specification says to ignore the
/// others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateChain {
    certificates: Vec<Certificate>,
}

impl CertificateChain {
    /// A chain whose leaf signs artifacts: at most 10 certificates in DER.
    pub fn code_signing<D: AsRef<[u8]>>(certificates: &[D]) -> Result<Self, ChainError> {
        Self::checked(read(certificates)?, Purpose::CodeSigning)
    }

    /// A chain whose leaf signs artifacts, from a PEM file, leaf first.
    pub fn from_pem(file: &[u8]) -> Result<Self, ChainError> {
        let refuse = |error| ChainError::Certificate { position: 0, error };
        Self::code_signing(&super::pem_file::certificates(file).map_err(refuse)?)
    }

    /// A chain whose leaf signs timestamps.
    pub(super) fn timestamping<D: AsRef<[u8]>>(certificates: &[D]) -> Result<Self, ChainError> {
        Self::checked(read(certificates)?, Purpose::Timestamping)
    }

    fn checked(certificates: Vec<Certificate>, purpose: Purpose) -> Result<Self, ChainError> {
        let (leaf, authorities) = certificates.split_first().ok_or(ChainError::Empty)?;
        check_links(&certificates)?;
        check_leaf(leaf, purpose)?;
        for (below, authority) in authorities.iter().enumerate() {
            check_authority(authority, below, purpose)?;
        }
        Ok(Self { certificates })
    }

    /// The certificates, leaf first; never empty.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The certificate whose key signs.
    ///
    /// # Panics
    /// Never: a chain is not empty.
    pub fn leaf(&self) -> &Certificate {
        self.certificates.first().expect("a chain is not empty")
    }

    /// The self-signed end; the leaf itself where it is alone.
    ///
    /// # Panics
    /// Never: a chain is not empty.
    pub fn root(&self) -> &Certificate {
        self.certificates.last().expect("a chain is not empty")
    }

    /// The one algorithm that the leaf's key may sign with. Only a chain for timestamps may have
    /// none.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        algorithm_of(self.leaf())
    }

    /// The first certificate that is not valid at this moment.
    pub fn invalid_at(&self, time: Timestamp) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| !certificate.is_valid_at(time))
    }

    /// The subjects of the certificates that can be asked about: all that name an OCSP responder
    /// or a CRL, but for the root, which nobody can revoke.
    pub(super) fn revocable(&self) -> Vec<String> {
        let below_root = self.certificates.split_last().map_or(&[][..], |(_, below)| below);
        let revocable = below_root.iter().filter(|certificate| certificate.is_revocable());
        revocable.map(Certificate::subject).collect()
    }

    /// What AWS Signer wants to know of each certificate: the SHA-384 of its signed part and of
    /// its issuer's, in hexadecimal; the root is its own issuer.
    pub(super) fn signer_hashes(&self) -> Vec<String> {
        let hashes: Vec<String> =
            self.certificates.iter().map(|it| hash_in_hex(it.tbs())).collect();
        let issuers = hashes.iter().skip(1).chain(hashes.last());
        hashes.iter().zip(issuers).map(|(hash, issuer)| format!("{hash}{issuer}")).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    CodeSigning,
    Timestamping,
}

fn read<D: AsRef<[u8]>>(certificates: &[D]) -> Result<Vec<Certificate>, ChainError> {
    if certificates.len() > MAX_CHAIN {
        return Err(ChainError::TooLong { limit: MAX_CHAIN, found: certificates.len() });
    }
    let read = |(position, der): (usize, &D)| {
        let certificate = Certificate::from_der(der.as_ref());
        certificate.map_err(|error| ChainError::Certificate { position, error })
    };
    certificates.iter().enumerate().map(read).collect()
}

fn hash_in_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let hash = digest(&SHA384, bytes);
    hash.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn algorithm_of(certificate: &Certificate) -> Option<Algorithm> {
    let key = PublicKey::from_spki_der(&certificate.spki_der()).ok()?;
    Algorithm::of(key.algorithm())
}

fn check_links(certificates: &[Certificate]) -> Result<(), ChainError> {
    for certificate in certificates {
        if !certificate.has_known_signature_algorithm() {
            return Err(ChainError::SignatureAlgorithm { subject: certificate.subject() });
        }
    }
    for pair in certificates.windows(2) {
        let [certificate, issuer] = pair else { continue };
        if certificate.is_self_signed() {
            return Err(ChainError::SelfSignedInside { subject: certificate.subject() });
        }
        if !certificate.is_issued_by(issuer) {
            let (subject, issuer) = (certificate.subject(), issuer.subject());
            return Err(ChainError::NotIssued { subject, issuer });
        }
    }
    match certificates.last() {
        Some(root) if !root.is_self_signed() => {
            Err(ChainError::NotSelfSigned { subject: root.subject() })
        }
        _ => Ok(()),
    }
}

fn check_authority(
    certificate: &Certificate,
    below: usize,
    purpose: Purpose,
) -> Result<(), ChainError> {
    let subject = || certificate.subject();
    let Ok(Some((true, constraints))) = certificate.basic_constraints() else {
        let expected = "critical basic constraints with CA true";
        return Err(ChainError::BasicConstraints { subject: subject(), expected });
    };
    if !constraints.ca {
        let expected = "critical basic constraints with CA true";
        return Err(ChainError::BasicConstraints { subject: subject(), expected });
    }
    if let Some(limit) = constraints.path_len_constraint.filter(|limit| usize::from(*limit) < below)
    {
        return Err(ChainError::PathLength { subject: subject(), limit, found: below });
    }
    let allowed = |usage: &KeyUsage| usage.key_cert_sign();
    check_key_usage(certificate, purpose, "keyCertSign", allowed)
}

fn check_leaf(certificate: &Certificate, purpose: Purpose) -> Result<(), ChainError> {
    let constraints = certificate.basic_constraints();
    if !constraints.is_ok_and(|it| it.is_none_or(|(_, constraints)| !constraints.ca)) {
        let expected = "no basic constraints, or ones with CA false";
        return Err(ChainError::BasicConstraints { subject: certificate.subject(), expected });
    }
    // Content commitment (non-repudiation) is the one bit that may stand beside it.
    let allowed = |usage: &KeyUsage| {
        let others = usage.0 - KeyUsages::NonRepudiation;
        others == KeyUsages::DigitalSignature
    };
    check_key_usage(certificate, purpose, "digitalSignature alone", allowed)?;
    check_purpose(certificate, purpose)?;
    if algorithm_of(certificate).is_none() {
        return Err(ChainError::Key { subject: certificate.subject() });
    }
    Ok(())
}

fn check_key_usage(
    certificate: &Certificate,
    purpose: Purpose,
    expected: &'static str,
    allowed: impl Fn(&KeyUsage) -> bool,
) -> Result<(), ChainError> {
    let refuse = |found: String| {
        Err(ChainError::KeyUsage { subject: certificate.subject(), expected, found })
    };
    match certificate.key_usage() {
        Ok(Some((false, _))) if purpose == Purpose::CodeSigning => {
            refuse("an extension that is not critical".to_owned())
        }
        Ok(Some((_, usage))) if allowed(&usage) => Ok(()),
        Ok(Some((_, usage))) => refuse(format!("{:?}", usage.0)),
        Ok(None) => refuse("none".to_owned()),
        Err(error) => refuse(error.to_string()),
    }
}

fn check_purpose(certificate: &Certificate, purpose: Purpose) -> Result<(), ChainError> {
    let (expected, holds) = match (purpose, certificate.extended_key_usage()) {
        (Purpose::CodeSigning, usage) => (
            "no extended key usage, or one for code signing",
            match usage {
                Ok(None) => true,
                Ok(Some((_, usage))) => !usage.0.iter().any(|it| UNSUITABLE.contains(it)),
                Err(_) => false,
            },
        ),
        (Purpose::Timestamping, usage) => (
            "a critical extended key usage for timestamps alone",
            matches!(usage, Ok(Some((true, usage))) if usage.0 == [TIME_STAMPING]),
        ),
    };
    if holds {
        return Ok(());
    }
    let found = match certificate.extended_key_usage() {
        Ok(Some((_, usage))) => names(&usage.0),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ChainError::ExtendedKeyUsage { subject: certificate.subject(), expected, found })
}

fn names(purposes: &[ObjectIdentifier]) -> String {
    let purposes = purposes.iter().take(16).map(ObjectIdentifier::to_string);
    purposes.collect::<Vec<_>>().join(", ")
}
