use aws_lc_rs::digest::{self, Algorithm};

/// A kind of key that signs, and by which algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum KeySpec {
    P256,
    P384,
    P521,
    /// RSA with a modulus of this many bits.
    Rsa(u16),
}

/// What a signature is for, where it matters: RSA is padded in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// DSSE: PKCS#1 v1.5 with SHA-256, whatever the modulus.
    Bundle,
    /// Notation: PSS with the hash that fits the modulus.
    Notation,
}

impl KeySpec {
    /// The one that KMS names so; [`None`] for those that sign nothing that anybody verifies
    /// here: symmetric and HMAC keys, secp256k1, Ed25519, SM2, ML-DSA.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "ECC_NIST_P256" => Some(Self::P256),
            "ECC_NIST_P384" => Some(Self::P384),
            "ECC_NIST_P521" => Some(Self::P521),
            "RSA_2048" => Some(Self::Rsa(2048)),
            "RSA_3072" => Some(Self::Rsa(3072)),
            "RSA_4096" => Some(Self::Rsa(4096)),
            _ => None,
        }
    }

    /// KMS's name of the algorithm.
    pub(super) const fn algorithm(self, purpose: Purpose) -> &'static str {
        match (self, purpose) {
            (Self::P256, _) => "ECDSA_SHA_256",
            (Self::P384, _) => "ECDSA_SHA_384",
            (Self::P521, _) => "ECDSA_SHA_512",
            (Self::Rsa(_), Purpose::Bundle) => "RSASSA_PKCS1_V1_5_SHA_256",
            (Self::Rsa(..=2048), Purpose::Notation) => "RSASSA_PSS_SHA_256",
            (Self::Rsa(..=3072), Purpose::Notation) => "RSASSA_PSS_SHA_384",
            (Self::Rsa(_), Purpose::Notation) => "RSASSA_PSS_SHA_512",
        }
    }

    /// The digest of `message` that is signed.
    pub(super) fn hash(self, purpose: Purpose, message: &[u8]) -> Vec<u8> {
        digest::digest(self.hash_algorithm(purpose), message).as_ref().to_vec()
    }

    fn hash_algorithm(self, purpose: Purpose) -> &'static Algorithm {
        match self.algorithm(purpose).rsplit('_').next() {
            Some("512") => &digest::SHA512,
            Some("384") => &digest::SHA384,
            _ => &digest::SHA256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_the_hash_that_its_algorithm_names() {
        for (name, bundle, notation) in [
            ("ECC_NIST_P256", ("ECDSA_SHA_256", 32), ("ECDSA_SHA_256", 32)),
            ("ECC_NIST_P384", ("ECDSA_SHA_384", 48), ("ECDSA_SHA_384", 48)),
            ("ECC_NIST_P521", ("ECDSA_SHA_512", 64), ("ECDSA_SHA_512", 64)),
            ("RSA_2048", ("RSASSA_PKCS1_V1_5_SHA_256", 32), ("RSASSA_PSS_SHA_256", 32)),
            ("RSA_3072", ("RSASSA_PKCS1_V1_5_SHA_256", 32), ("RSASSA_PSS_SHA_384", 48)),
            ("RSA_4096", ("RSASSA_PKCS1_V1_5_SHA_256", 32), ("RSASSA_PSS_SHA_512", 64)),
        ] {
            let spec = KeySpec::of(name).unwrap();
            let of = |purpose| (spec.algorithm(purpose), spec.hash(purpose, b"x").len());
            assert_eq!((of(Purpose::Bundle), of(Purpose::Notation)), (bundle, notation), "{name}");
        }
        for name in
            ["SYMMETRIC_DEFAULT", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_DSA_44", ""]
        {
            assert_eq!(KeySpec::of(name), None);
        }
    }
}
