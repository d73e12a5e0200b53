//! Public keys.

use std::fmt;

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ParsedPublicKey, UnparsedPublicKey};
use boltseal_core::Digest;

use crate::{KeyAlgorithm, KeyError, SignatureError, base64_text, pem};

const LABELS: &str = "PUBLIC KEY or RSA PUBLIC KEY";

/// A public key. Two keys are equal when their DER `SubjectPublicKeyInfo` is, and a key has only
/// one such form here: another encoding of the same key is refused when it is read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Box<[u8]>,
}

impl PublicKey {
    /// Reads a PEM block `PUBLIC KEY`, or PKCS#1's `RSA PUBLIC KEY`, of at most 64 KiB.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let block = pem::first_key(pem)?;
        match block.label.as_str() {
            "PUBLIC KEY" => Self::from_spki_der(&block.content),
            "RSA PUBLIC KEY" => Self::from_pkcs1_der(&block.content),
            _ => Err(KeyError::Label {
                expected: LABELS,
                found: block.label.chars().take(60).collect(),
            }),
        }
    }

    /// Reads a DER `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7): named curves with uncompressed
    /// points, minimal lengths, nothing after it.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyError> {
        if spki.len() > pem::MAX_KEY_BYTES {
            return Err(KeyError::TooLarge { limit: pem::MAX_KEY_BYTES, found: spki.len() });
        }
        let algorithm =
            [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::P521, KeyAlgorithm::Ed25519]
                .into_iter()
                .find(|algorithm| is_spki_of(spki, *algorithm));
        match algorithm {
            Some(algorithm) => Ok(Self::new(algorithm, spki)),
            None => Self::from_rsa(spki),
        }
    }

    fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        let spki = rsa::PublicKey::from_der(der)
            .ok()
            .filter(|key| key.as_ref() == der)
            .and_then(|key| key.as_der().ok())
            .ok_or(UNKNOWN)?;
        Self::from_spki_der(spki.as_ref())
    }

    fn from_rsa(spki: &[u8]) -> Result<Self, KeyError> {
        let key = rsa::PublicKey::from_der(spki).map_err(|_| UNKNOWN)?;
        let again: PublicKeyX509Der<'_> = key.as_der().map_err(|_| UNKNOWN)?;
        if again.as_ref() != spki {
            return Err(UNKNOWN);
        }
        let modulus = key.modulus().big_endian_without_leading_zero();
        let algorithm = match (modulus.len(), modulus.first()) {
            (256, Some(0x80..)) => KeyAlgorithm::Rsa2048,
            (384, Some(0x80..)) => KeyAlgorithm::Rsa3072,
            (512, Some(0x80..)) => KeyAlgorithm::Rsa4096,
            _ => {
                return Err(KeyError::Unsupported { found: "an RSA key of another size" });
            }
        };
        Ok(Self::new(algorithm, spki))
    }

    fn new(algorithm: KeyAlgorithm, spki: &[u8]) -> Self {
        Self { algorithm, spki: spki.into() }
    }

    /// The kind of key.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The PEM block `PUBLIC KEY`, as cosign and OpenSSL write it.
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.spki).to_string()
    }

    /// The name that bundles give this key: standard base64 of the SHA-256 of the DER
    /// `SubjectPublicKeyInfo`, as cosign and sigstore-go write it. It identifies, it does not
    /// vouch: verifiers ignore the one in a bundle.
    pub fn hint(&self) -> String {
        base64_text::encode(digest::digest(&SHA256, &self.spki).as_ref())
    }

    /// Whether `signature` is this key's over `message`, with the key's own hash.
    ///
    /// A key on P-384 or P-521 is tried with SHA-256 as well: older releases of cosign signed so
    /// whatever the curve, and sigstore-go has the same second try for them. It weakens nothing
    /// that boltseal relies on: content is bound by SHA-256 digests anyway, and a SHA-256 value
    /// is no prefix of a SHA-384 or SHA-512 one that anybody could aim for. boltseal itself
    /// always signs with the key's own hash. Ed25519ph (a prehash) is not tried.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let holds = |algorithm| {
            UnparsedPublicKey::new(algorithm, &*self.spki).verify(message, signature).is_ok()
        };
        if holds(self.algorithm.own()) || self.algorithm.compatible().is_some_and(holds) {
            return Ok(());
        }
        Err(self.mismatch())
    }

    /// Whether `signature` is this key's over the content with `digest`.
    ///
    /// # Errors
    /// [`SignatureError::NeedsContent`] where the digest does not suffice: Ed25519 never hashes
    /// first, and SHA-384 is no digest of the OCI specification. For P-384 a SHA-256 digest
    /// shows only a signature made with SHA-256, so that one which does not verify may still be
    /// good over the content: this is `NeedsContent` too, and so for P-521.
    pub fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
        let needs_content = || SignatureError::NeedsContent {
            algorithm: self.algorithm,
            digest: digest.algorithm().name(),
        };
        let (algorithm, hash) =
            self.algorithm.over_digest(digest.algorithm()).ok_or_else(needs_content)?;
        let imported = digest::Digest::import_less_safe(&hex_bytes(digest), hash)
            .map_err(|_| self.mismatch())?;
        UnparsedPublicKey::new(algorithm, &*self.spki).verify_digest(&imported, signature).map_err(
            |_| match self.algorithm {
                KeyAlgorithm::P384 | KeyAlgorithm::P521 => needs_content(),
                _ => self.mismatch(),
            },
        )
    }

    pub(crate) fn mismatch(&self) -> SignatureError {
        SignatureError::Mismatch { algorithm: self.algorithm, hint: self.hint() }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm, self.hint())
    }
}

const UNKNOWN: KeyError =
    KeyError::Unsupported { found: "a public key of another kind or encoding, or a damaged one" };

/// Parses as that kind of key, and is what that key would be written as.
fn is_spki_of(spki: &[u8], algorithm: KeyAlgorithm) -> bool {
    ParsedPublicKey::new(algorithm.own(), spki)
        .ok()
        .and_then(|key| key.as_der().ok())
        .is_some_and(|again| again.as_ref() == spki)
}

pub(crate) fn hex_bytes(digest: &Digest) -> Vec<u8> {
    let nibble = |c: u8| match c {
        b'0'..=b'9' => c - b'0',
        // A digest is lower-case hexadecimal by its type.
        _ => c - b'a' + 10,
    };
    let pairs = digest.hex().as_bytes().chunks_exact(2);
    pairs.map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// P-256's base point, which is the key with the private scalar 1.
    const ONE: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
        6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
        -----END PUBLIC KEY-----\n";

    #[test]
    fn the_hint_is_cosigns() {
        let key = PublicKey::from_pem(ONE.as_bytes()).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::P256);
        assert_eq!(key.hint(), "XNJS+wzokyQ2+vjM0QQJgbie5K1rn+niorfnGqyyfNM=");
        assert_eq!(key.to_pem(), ONE);
        assert_eq!(format!("{key:?}"), format!("PublicKey(p256 {})", key.hint()));
    }

    #[test]
    fn refuses_other_labels_points_off_the_curve_and_trailing_bytes() {
        let spki = PublicKey::from_pem(ONE.as_bytes()).unwrap().spki_der().to_vec();
        assert!(PublicKey::from_spki_der(&spki).is_ok());
        let mut off = spki.clone();
        *off.last_mut().unwrap() ^= 1;
        let longer = [&spki[..], b"\0"].concat();
        for bad in [&off[..], &longer, &spki[1..], &spki[26..], b""] {
            assert!(matches!(PublicKey::from_spki_der(bad), Err(KeyError::Unsupported { .. })));
        }
        let label = ONE.replace("PUBLIC KEY", "CERTIFICATE");
        let error = PublicKey::from_pem(label.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("found \"CERTIFICATE\""), "{error}");
        let large = vec![0; pem::MAX_KEY_BYTES + 1];
        assert!(matches!(PublicKey::from_spki_der(&large), Err(KeyError::TooLarge { .. })));
    }

    #[test]
    fn digests_become_bytes() {
        let hash = digest::digest(&SHA256, b"{}");
        assert_eq!(hex_bytes(&Digest::sha256_of(b"{}")), hash.as_ref());
    }

    proptest! {
        #[test]
        fn never_panics(der: Vec<u8>) {
            let _ = PublicKey::from_spki_der(&der);
            let _ = PublicKey::from_pem(&der);
        }
    }
}
