//! Which signature algorithms belong to which kind of key.

use aws_lc_rs::digest::{self, SHA256, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA256_ASN1,
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, ED25519, EcdsaSigningAlgorithm,
    RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use boltseal_core::Algorithm;

use crate::KeyAlgorithm;

type Verification = &'static dyn VerificationAlgorithm;

impl KeyAlgorithm {
    /// The algorithm with the key's own hash.
    pub(crate) fn own(self) -> Verification {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
            Self::P384 => &ECDSA_P384_SHA384_ASN1,
            Self::P521 => &ECDSA_P521_SHA512_ASN1,
            Self::Ed25519 => &ED25519,
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }

    /// SHA-256 on the two larger curves, as older releases of cosign signed.
    pub(crate) fn compatible(self) -> Option<Verification> {
        match self {
            Self::P384 => Some(&ECDSA_P384_SHA256_ASN1),
            Self::P521 => Some(&ECDSA_P521_SHA256_ASN1),
            _ => None,
        }
    }

    /// The algorithm to check a signature with when only a digest of `kind` is at hand.
    pub(crate) fn over_digest(self, kind: Algorithm) -> Option<(Verification, Hash)> {
        match (self, kind) {
            (Self::P256 | Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, Algorithm::Sha256) => {
                Some((self.own(), &SHA256))
            }
            (Self::P384 | Self::P521, Algorithm::Sha256) => Some((self.compatible()?, &SHA256)),
            (Self::P521, Algorithm::Sha512) => Some((self.own(), &SHA512)),
            _ => None,
        }
    }

    /// The algorithm to sign with, on a curve of NIST's.
    pub(crate) fn curve(self) -> Option<&'static EcdsaSigningAlgorithm> {
        match self {
            Self::P256 => Some(&ECDSA_P256_SHA256_ASN1_SIGNING),
            Self::P384 => Some(&ECDSA_P384_SHA384_ASN1_SIGNING),
            Self::P521 => Some(&ECDSA_P521_SHA512_ASN1_SIGNING),
            _ => None,
        }
    }
}

pub(crate) type Hash = &'static digest::Algorithm;
