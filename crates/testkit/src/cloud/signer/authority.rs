use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384,
};

/// The chain that AWS Signer would sign with, made up: a root, an intermediate of the region, and
/// a leaf, all on P-384.
pub(crate) struct SigningAuthority {
    /// The root, as PEM.
    pub(crate) root: String,
    /// The chain as DER, the leaf first.
    pub(crate) chain: Vec<Vec<u8>>,
    key: EcdsaKeyPair,
}

impl SigningAuthority {
    /// Makes a chain.
    ///
    /// # Panics
    /// The machine gives no randomness.
    pub(crate) fn new(region: &str) -> Self {
        Self::try_new(region).expect("a chain of well-formed certificates")
    }

    fn try_new(region: &str) -> Result<Self, rcgen::Error> {
        let pair = || KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384);
        let root = ca("AWS Signer Code Signing Root CA G1", BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, pair()?)?;
        let name = format!("AWS Signer {region} Code Signing CA G1");
        let between = ca(&name, BasicConstraints::Constrained(0));
        let between = CertifiedIssuer::signed_by(between, pair()?, &root)?;
        let key = pair()?;
        let leaf = leaf(&key, &between)?;
        let chain = vec![leaf, between.der().to_vec(), root.der().to_vec()];
        let signing = &ECDSA_P384_SHA384_FIXED_SIGNING;
        let key = EcdsaKeyPair::from_pkcs8(signing, key.serialized_der());
        let key = key.map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Self { root: root.pem(), chain, key })
    }

    /// An ES384 signature, as JWS has it (RFC 7518, 3.4).
    ///
    /// # Panics
    /// The machine gives no randomness.
    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(&SystemRandom::new(), bytes);
        signature.expect("a good key signs").as_ref().to_vec()
    }
}

impl fmt::Debug for SigningAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningAuthority").field("root", &self.root).finish_non_exhaustive()
    }
}

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "WA"),
        (DnType::LocalityName, "Seattle"),
        (DnType::OrganizationName, "AWS"),
        (DnType::OrganizationalUnitName, "AWS Cryptography"),
        (DnType::CommonName, common_name),
    ] {
        name.push(kind, value);
    }
    params.distinguished_name = name;
    params
}

fn ca(common_name: &str, constraints: BasicConstraints) -> CertificateParams {
    let mut params = named(common_name);
    params.is_ca = IsCa::Ca(constraints);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(key: &KeyPair, issuer: &Issuer<'_, KeyPair>) -> Result<Vec<u8>, rcgen::Error> {
    let mut params = named("AWS Signer");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    Ok(params.signed_by(key, issuer)?.der().to_vec())
}
