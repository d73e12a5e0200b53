//! Private keys that lie in files.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::{KeyAlgorithm, KeyError, PublicKey, cosign_key, notation, pem};

const LABELS: &str = "PRIVATE KEY, EC PRIVATE KEY, RSA PRIVATE KEY, ENCRYPTED SIGSTORE PRIVATE \
                      KEY or ENCRYPTED COSIGN PRIVATE KEY";

/// A private key and its public half. The backend wipes the key when it is dropped, and
/// everything that was read on the way is wiped here; `Debug` shows the public half only.
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl PrivateKey {
    /// Reads PKCS#8 (`PRIVATE KEY`), SEC 1 (`EC PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`), or the
    /// encrypted file that cosign writes, for which `password` is needed (an empty one is a
    /// password; for the others it is ignored).
    pub fn from_pem(pem: &[u8], password: Option<&[u8]>) -> Result<Self, KeyError> {
        let block = pem::first_key(pem)?;
        let pair = match block.label.as_str() {
            "PRIVATE KEY" => Pair::from_pkcs8(&block.content)?,
            "EC PRIVATE KEY" => Pair::from_sec1(&block.content)?,
            "RSA PRIVATE KEY" => Pair::Rsa(RsaKeyPair::from_der(&block.content).map_err(unknown)?),
            label if cosign_key::LABELS.contains(&label) => {
                let password = password.ok_or(KeyError::PasswordMissing)?;
                Pair::from_pkcs8(&cosign_key::decrypt(&block.content, password)?)?
            }
            _ => {
                return Err(KeyError::Label {
                    expected: LABELS,
                    found: block.label.chars().take(60).collect(),
                });
            }
        };
        Self::new(pair)
    }

    /// Whether [`PrivateKey::from_pem`] will need a password for this file.
    pub fn is_encrypted(pem: &[u8]) -> bool {
        pem::first_key(pem).is_ok_and(|block| cosign_key::LABELS.contains(&block.label.as_str()))
    }

    /// Makes a new key from the system's randomness.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Backend { what: "generate a key" };
        let size = match algorithm {
            KeyAlgorithm::Ed25519 => {
                return Self::new(Pair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?));
            }
            KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
                let curve = algorithm.curve().ok_or(UNKNOWN)?;
                return Self::new(Pair::Ec(EcdsaKeyPair::generate(curve).map_err(failed)?));
            }
            KeyAlgorithm::Rsa2048 => KeySize::Rsa2048,
            KeyAlgorithm::Rsa3072 => KeySize::Rsa3072,
            KeyAlgorithm::Rsa4096 => KeySize::Rsa4096,
        };
        Self::new(Pair::Rsa(RsaKeyPair::generate(size).map_err(failed)?))
    }

    fn new(pair: Pair) -> Result<Self, KeyError> {
        let public = PublicKey::from_spki_der(pair.spki()?.as_ref())?;
        Ok(Self { pair, public })
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message` with the key's own hash (see [`KeyAlgorithm`]). ECDSA signatures are DER,
    /// RSA ones as long as the modulus, Ed25519 ones 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        let failed = |_| KeyError::Backend { what: "sign" };
        match &self.pair {
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => rsa(pair, &RSA_PKCS1_SHA256, message),
        }
    }

    /// Signs `message` by the one algorithm that Notation has for the key (see
    /// [`notation::Algorithm`]): RSA ones are RSASSA-PSS, ECDSA ones DER as always.
    ///
    /// # Errors
    /// For Ed25519, which has none.
    pub fn sign_for_notation(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match (&self.pair, notation::Algorithm::of(self.public.algorithm())) {
            (Pair::Rsa(pair), Some(notation::Algorithm::Ps256)) => {
                rsa(pair, &RSA_PSS_SHA256, message)
            }
            (Pair::Rsa(pair), Some(notation::Algorithm::Ps384)) => {
                rsa(pair, &RSA_PSS_SHA384, message)
            }
            (Pair::Rsa(pair), Some(_)) => rsa(pair, &RSA_PSS_SHA512, message),
            (_, Some(_)) => self.sign(message),
            (_, None) => Err(KeyError::Backend { what: "sign for Notation with an Ed25519 key" }),
        }
    }

    /// The encrypted file that cosign reads (`ENCRYPTED SIGSTORE PRIVATE KEY`). An empty password
    /// protects nothing, but is a password.
    pub fn to_cosign_pem(&self, password: &[u8]) -> Result<Zeroizing<String>, KeyError> {
        cosign_key::encrypt(&self.to_pkcs8_der()?, password)
    }

    /// The plain PKCS#8 file (`PRIVATE KEY`), which OpenSSL reads.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(pem::write("PRIVATE KEY", &self.to_pkcs8_der()?))
    }

    fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let failed = |_| KeyError::Backend { what: "encode the key" };
        // Version 1 throughout: OpenSSL 3 and Go read no version 2 for Ed25519.
        let der = match &self.pair {
            Pair::Ec(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Rsa(pair) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map_err(failed)?.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(der))
    }
}

fn rsa(
    pair: &RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
        .map_err(|_| KeyError::Backend { what: "sign" })?;
    Ok(signature)
}

impl Pair {
    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let curves = CURVES.iter().filter_map(|algorithm| algorithm.curve());
        for curve in curves {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(curve, der) {
                return Ok(Self::Ec(pair));
            }
        }
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
            return Ok(Self::Ed25519(pair));
        }
        RsaKeyPair::from_pkcs8(der).map(Self::Rsa).map_err(unknown)
    }

    fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        let mut curves = CURVES.iter().filter_map(|algorithm| algorithm.curve());
        curves
            .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok())
            .map(Self::Ec)
            .ok_or(UNKNOWN)
    }

    fn spki(&self) -> Result<PublicKeyX509Der<'static>, KeyError> {
        let der = match self {
            Self::Ec(pair) => pair.public_key().as_der(),
            Self::Ed25519(pair) => pair.public_key().as_der(),
            Self::Rsa(pair) => pair.public_key().as_der(),
        };
        der.map_err(|_| KeyError::Backend { what: "encode the public key" })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public).finish_non_exhaustive()
    }
}

const CURVES: [KeyAlgorithm; 3] = [KeyAlgorithm::P256, KeyAlgorithm::P384, KeyAlgorithm::P521];

const UNKNOWN: KeyError =
    KeyError::Unsupported { found: "a private key of another kind, or a damaged one" };

fn unknown<E>(_: E) -> KeyError {
    UNKNOWN
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_signs_and_survives_its_own_file() {
        for algorithm in KeyAlgorithm::OFFERED {
            let key = PrivateKey::generate(algorithm).unwrap();
            assert_eq!(key.public_key().algorithm(), algorithm);
            let pem = key.to_pkcs8_pem().unwrap();
            assert!(!PrivateKey::is_encrypted(pem.as_bytes()));
            let again = PrivateKey::from_pem(pem.as_bytes(), None).unwrap();
            assert_eq!(again.public_key(), key.public_key());
            let signature = again.sign(b"message").unwrap();
            assert_eq!(key.public_key().verify(b"message", &signature), Ok(()));
        }
    }

    #[test]
    fn two_keys_differ() {
        let one = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        let two = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        assert_ne!(one.public_key(), two.public_key());
    }

    #[test]
    fn refuses_public_keys_other_labels_and_other_content() {
        let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        let label = |label: &str| pem::write(label, key.public_key().spki_der());
        let read = |pem: &str| PrivateKey::from_pem(pem.as_bytes(), Some(b"")).unwrap_err();
        for name in ["PUBLIC KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            assert!(matches!(read(&label(name)), KeyError::Label { .. }), "{name}");
        }
        for name in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] {
            assert!(matches!(read(&label(name)), KeyError::Unsupported { .. }), "{name}");
        }
        let sealed = label("ENCRYPTED SIGSTORE PRIVATE KEY");
        assert!(matches!(read(&sealed), KeyError::Container { .. }));
    }

    proptest! {
        #[test]
        fn never_panics(content: Vec<u8>, label in "(EC |RSA |ENCRYPTED SIGSTORE )?PRIVATE KEY") {
            let pem = pem::write(&label, &content);
            prop_assert!(PrivateKey::from_pem(pem.as_bytes(), Some(b"")).is_err());
            let _ = PrivateKey::from_pem(&content, None);
        }
    }
}
