//! X.509 certificates, as far as Notation looks at them.

use std::fmt;

use boltseal_core::Digest;
use jiff::Timestamp;
use webpki::ALL_VERIFICATION_ALGS;
use x509_cert::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use x509_cert::der::{Decode, Encode, Reader, SliceReader, Tag};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, BasicConstraints, ExtendedKeyUsage, KeyUsage,
};
use x509_cert::name::Name;
use x509_cert::time::Time;

/// The largest certificate that is read, in bytes.
const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;
const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
const AUTHORITY_INFO_ACCESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// A certificate that was read (RFC 5280). Two are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate {
    der: Box<[u8]>,
    tbs: Box<[u8]>,
    signature: Signature,
    parsed: x509_cert::Certificate,
}

#[derive(Clone)]
struct Signature {
    /// The content of the `AlgorithmIdentifier`.
    algorithm: Box<[u8]>,
    value: Box<[u8]>,
}

impl Certificate {
    /// Reads DER of at most 64 KiB with nothing after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            let (limit, found) = (MAX_CERTIFICATE_BYTES, der.len());
            return Err(CertificateError::TooLarge { limit, found });
        }
        let refuse = |error: x509_cert::der::Error| CertificateError::Unreadable {
            found: error.to_string(),
        };
        let parsed = x509_cert::Certificate::from_der(der).map_err(refuse)?;
        if parsed.tbs_certificate.signature != parsed.signature_algorithm {
            let found = "two signature algorithms that differ".to_owned();
            return Err(CertificateError::Unreadable { found });
        }
        let (tbs, signature) = split(der).map_err(refuse)?;
        Ok(Self { der: der.into(), tbs: tbs.into(), signature, parsed })
    }

    /// Reads every certificate of a file: PEM blocks `CERTIFICATE`, or one in DER.
    ///
    /// # Errors
    /// Also when there is none.
    pub fn all_from(file: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let blocks = super::pem_file::certificates(file)?;
        blocks.iter().map(|der| Self::from_der(der)).collect()
    }

    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The signed part (`tbsCertificate`), as it stands in the bytes.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// The subject, as RFC 4514 writes it, cut at 400 characters: for people, not to compare.
    pub fn subject(&self) -> String {
        shown(self.subject_name())
    }

    /// The issuer, as RFC 4514 writes it, cut at 400 characters.
    pub fn issuer(&self) -> String {
        shown(&self.parsed.tbs_certificate.issuer)
    }

    /// SHA-256 of the bytes in lower-case hexadecimal.
    pub fn thumbprint(&self) -> String {
        Digest::sha256_of(&self.der).hex().to_owned()
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    ///
    /// # Panics
    /// Never: what was decoded encodes.
    pub fn spki_der(&self) -> Vec<u8> {
        let spki = &self.parsed.tbs_certificate.subject_public_key_info;
        spki.to_der().expect("what was decoded encodes")
    }

    /// The first and the last moment at which it is valid.
    pub fn validity(&self) -> [Timestamp; 2] {
        let validity = &self.parsed.tbs_certificate.validity;
        [moment(validity.not_before), moment(validity.not_after)]
    }

    /// Whether it is valid at this moment; both ends count.
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        let [from, to] = self.validity();
        from <= time && time <= to
    }

    /// Whether somebody can be asked if it was revoked: it names an OCSP responder or a CRL.
    pub fn is_revocable(&self) -> bool {
        let extensions = self.parsed.tbs_certificate.extensions.as_deref().unwrap_or(&[]);
        extensions.iter().any(|extension| match extension.extn_id {
            CRL_DISTRIBUTION_POINTS => true,
            AUTHORITY_INFO_ACCESS => {
                let access = AuthorityInfoAccessSyntax::from_der(extension.extn_value.as_bytes());
                access.map_or(true, |access| access.0.iter().any(|it| it.access_method == OCSP))
            }
            _ => false,
        })
    }

    pub(super) fn subject_name(&self) -> &Name {
        &self.parsed.tbs_certificate.subject
    }

    /// Whether it names `issuer` as its issuer.
    pub(super) fn names_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate.issuer == issuer.parsed.tbs_certificate.subject
    }

    /// Whether it names `issuer` and the issuer's key signed it.
    pub(super) fn is_issued_by(&self, issuer: &Self) -> bool {
        let Signature { algorithm, value } = &self.signature;
        self.names_issuer(issuer) && issuer.signed(algorithm, &self.tbs, value)
    }

    pub(super) fn is_self_signed(&self) -> bool {
        self.is_issued_by(self)
    }

    /// Whether its key made this signature over `message`. SHA-1, MD5, RSA below 2048 bits and
    /// whatever else is not known hold for nothing.
    pub(super) fn signed(&self, algorithm: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let spki = &self.parsed.tbs_certificate.subject_public_key_info;
        let Some(key) = spki.subject_public_key.as_bytes() else { return false };
        let Ok(kind) = spki.algorithm.to_der() else { return false };
        let Ok(kind) = AnyRef::from_der(&kind) else { return false };
        ALL_VERIFICATION_ALGS
            .iter()
            .filter(|known| known.signature_alg_id().as_ref() == algorithm)
            .filter(|known| known.public_key_alg_id().as_ref() == kind.value())
            .any(|known| known.verify_signature(key, message, signature).is_ok())
    }

    /// Whether the algorithm of its signature is one that is known and not broken.
    pub(super) fn has_known_signature_algorithm(&self) -> bool {
        let algorithm = &*self.signature.algorithm;
        ALL_VERIFICATION_ALGS.iter().any(|known| known.signature_alg_id().as_ref() == algorithm)
    }

    /// Basic constraints and whether they are critical. `Err` where they cannot be read.
    pub(super) fn basic_constraints(&self) -> Extension<BasicConstraints> {
        self.parsed.tbs_certificate.get()
    }

    pub(super) fn key_usage(&self) -> Extension<KeyUsage> {
        self.parsed.tbs_certificate.get()
    }

    pub(super) fn extended_key_usage(&self) -> Extension<ExtendedKeyUsage> {
        self.parsed.tbs_certificate.get()
    }
}

pub(super) type Extension<T> = Result<Option<(bool, T)>, x509_cert::der::Error>;

fn shown(name: &Name) -> String {
    name.to_string().chars().take(400).collect()
}

fn split(der: &[u8]) -> x509_cert::der::Result<(&[u8], Signature)> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|parts| {
        let tbs = parts.tlv_bytes()?;
        let algorithm = AnyRef::decode(parts)?.value().into();
        // A second spelling of the same signature would be a second certificate.
        let bits = BitStringRef::decode(parts)?;
        let value = bits.as_bytes().ok_or_else(|| Tag::BitString.value_error())?.into();
        Ok((tbs, Signature { algorithm, value }))
    })
}

pub(super) fn moment(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({:?} {})", self.subject(), self.thumbprint())
    }
}

/// Bytes that are no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not PEM, or no certificate in it.
    #[error("expected certificates in PEM or one in DER, found {found}")]
    Pem {
        /// What is wrong with it.
        found: &'static str,
    },
    /// Too large.
    #[error("expected a certificate of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not the DER of a certificate.
    #[error("expected an X.509 certificate, found {found}")]
    Unreadable {
        /// What is wrong with it.
        found: String,
    },
}
