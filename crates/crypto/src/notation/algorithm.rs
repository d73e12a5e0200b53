//! The signature algorithms of the Notary Project.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode, Reader, SliceReader};

use crate::KeyAlgorithm;

/// A signature algorithm. A key has exactly one, given by its kind and size (signature
/// specification, "Algorithm Selection").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// RSASSA-PSS with SHA-256: RSA of 2048 bits.
    Ps256,
    /// RSASSA-PSS with SHA-384: RSA of 3072 bits.
    Ps384,
    /// RSASSA-PSS with SHA-512: RSA of 4096 bits.
    Ps512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Es256, Self::Es384, Self::Es512, Self::Ps256, Self::Ps384, Self::Ps512];

    /// The one algorithm of a kind of key; Ed25519 has none.
    pub const fn of(key: KeyAlgorithm) -> Option<Self> {
        match key {
            KeyAlgorithm::P256 => Some(Self::Es256),
            KeyAlgorithm::P384 => Some(Self::Es384),
            KeyAlgorithm::P521 => Some(Self::Es512),
            KeyAlgorithm::Rsa2048 => Some(Self::Ps256),
            KeyAlgorithm::Rsa3072 => Some(Self::Ps384),
            KeyAlgorithm::Rsa4096 => Some(Self::Ps512),
            KeyAlgorithm::Ed25519 => None,
        }
    }

    /// Its name in JOSE (RFC 7518, 3.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
        }
    }

    /// Whether it is RSASSA-PSS, which a signer has to be asked for: with the same key it may
    /// make PKCS#1 v1.5 signatures by default. The salt is as long as the hash.
    pub const fn is_pss(self) -> bool {
        matches!(self, Self::Ps256 | Self::Ps384 | Self::Ps512)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The one with this number in the registry of COSE algorithms.
    pub(super) const fn numbered(number: i128) -> Option<Self> {
        match number {
            -7 => Some(Self::Es256),
            -35 => Some(Self::Es384),
            -36 => Some(Self::Es512),
            -37 => Some(Self::Ps256),
            -38 => Some(Self::Ps384),
            -39 => Some(Self::Ps512),
            _ => None,
        }
    }

    /// Whether `signature` (for ECDSA r and s, each as long as the curve's order) is the key's
    /// over `message`.
    pub(super) fn holds(self, spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(self.verification(), spki).verify(message, signature).is_ok()
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &ECDSA_P521_SHA512_FIXED,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &RSA_PSS_2048_8192_SHA512,
        }
    }

    /// What JOSE and COSE carry, from what KMS and local keys make: ECDSA's DER becomes r and s
    /// (RFC 7518, 3.4), RSA's stays. `None` where it is no such signature.
    pub(super) fn fixed(self, signature: &[u8]) -> Option<Vec<u8>> {
        let length = match self {
            Self::Es256 => 32,
            Self::Es384 => 48,
            Self::Es512 => 66,
            Self::Ps256 | Self::Ps384 | Self::Ps512 => return Some(signature.to_vec()),
        };
        let mut reader = SliceReader::new(signature).ok()?;
        let read = |reader: &mut _| {
            Reader::sequence(reader, |pair| {
                let r = UintRef::decode(pair)?;
                Ok([padded(r, length), padded(UintRef::decode(pair)?, length)])
            })
        };
        let [r, s] = read(&mut reader).ok()?;
        reader.is_finished().then_some(())?;
        Some([r?, s?].concat())
    }
}

fn padded(number: UintRef<'_>, length: usize) -> Option<Vec<u8>> {
    let bytes = number.as_bytes();
    let zeros = length.checked_sub(bytes.len())?;
    Some([&vec![0; zeros][..], bytes].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::PrivateKey;

    #[test]
    fn ecdsa_signatures_become_fixed_and_verify() {
        for kind in [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::P521] {
            let key = PrivateKey::generate(kind).unwrap();
            let algorithm = Algorithm::of(kind).unwrap();
            // Some of many r and s begin with a zero byte.
            for round in 0..300_u16 {
                let message = round.to_be_bytes();
                let fixed = algorithm.fixed(&key.sign(&message).unwrap()).unwrap();
                let spki = key.public_key().spki_der();
                assert!(algorithm.holds(spki, &message, &fixed));
                assert!(!algorithm.holds(spki, b"other", &fixed));
            }
        }
    }

    #[test]
    fn refuses_to_convert_what_is_no_ecdsa_signature() {
        let good = b"\x30\x06\x02\x01\x05\x02\x01\x07";
        assert_eq!(Algorithm::Es256.fixed(good).unwrap().len(), 64);
        let long = [&[0x30, 0x26, 0x02, 0x21, 0x7f][..], &[1; 32], &[0x02, 0x01, 0x07]].concat();
        for bad in [&b""[..], b"\x30\x03\x02\x01\x05", &[&good[..], b"\0"].concat(), &long] {
            assert_eq!(Algorithm::Es256.fixed(bad), None);
        }
    }

    #[test]
    fn names_and_numbers_are_its_own() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
            let numbers = (-60..60).filter(|it| Algorithm::numbered(*it) == Some(algorithm));
            assert_eq!(numbers.count(), 1);
            assert_eq!(algorithm.is_pss(), algorithm.name().starts_with('P'));
        }
        assert_eq!(Algorithm::named("RS256"), None);
        assert_eq!(Algorithm::named("none"), None);
        assert_eq!(Algorithm::of(KeyAlgorithm::Ed25519), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Algorithm::Es384.fixed(&bytes);
        }
    }
}
