//! A certificate authority for tests, and what it issues.

use boltseal_crypto::notation::CertificateChain;
use boltseal_crypto::{KeyAlgorithm, PrivateKey};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// A key with its certificate.
pub(crate) struct Party {
    pub(crate) key: PrivateKey,
    pub(crate) pair: KeyPair,
    pub(crate) params: CertificateParams,
    pub(crate) der: Vec<u8>,
}

impl Party {
    pub(crate) fn self_signed(algorithm: KeyAlgorithm, params: CertificateParams) -> Self {
        let (key, pair) = key(algorithm);
        let der = params.self_signed(&pair).unwrap().der().to_vec();
        Self { key, pair, params, der }
    }

    pub(crate) fn issue(&self, algorithm: KeyAlgorithm, params: CertificateParams) -> Self {
        let (key, pair) = key(algorithm);
        let issuer = Issuer::from_params(&self.params, &self.pair);
        let der = params.signed_by(&pair, &issuer).unwrap().der().to_vec();
        Self { key, pair, params, der }
    }
}

fn key(algorithm: KeyAlgorithm) -> (PrivateKey, KeyPair) {
    let key = PrivateKey::generate(algorithm).unwrap();
    let pair = KeyPair::from_pem(&key.to_pkcs8_pem().unwrap()).unwrap();
    (key, pair)
}

/// A root, a CA below it, and a leaf that signs artifacts.
pub(crate) struct Chain {
    pub(crate) root: Party,
    pub(crate) ca: Party,
    pub(crate) leaf: Party,
}

impl Chain {
    /// A chain whose leaf is `C=US, ST=WA, O=acme, OU=build, CN=ci`.
    pub(crate) fn new() -> Self {
        Self::of(KeyAlgorithm::P256)
    }

    pub(crate) fn of(algorithm: KeyAlgorithm) -> Self {
        Self::with_leaf(algorithm, leaf())
    }

    pub(crate) fn with_leaf(algorithm: KeyAlgorithm, params: CertificateParams) -> Self {
        let root = Party::self_signed(KeyAlgorithm::P384, authority("acme root"));
        let ca = root.issue(KeyAlgorithm::P256, authority("acme CA"));
        let leaf = ca.issue(algorithm, params);
        Self { root, ca, leaf }
    }

    pub(crate) fn ders(&self) -> Vec<Vec<u8>> {
        [&self.leaf, &self.ca, &self.root].map(|party| party.der.clone()).to_vec()
    }

    pub(crate) fn checked(&self) -> CertificateChain {
        CertificateChain::code_signing(&self.ders()).unwrap()
    }
}

/// A CA's certificate, valid from 2020 to 2040.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = named(&[(DnType::CommonName, name)]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

/// A certificate that signs artifacts, valid during 2026.
pub(crate) fn leaf() -> CertificateParams {
    let mut params = named(&[
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "WA"),
        (DnType::OrganizationName, "acme"),
        (DnType::OrganizationalUnitName, "build"),
        (DnType::CommonName, "ci"),
    ]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

/// A certificate that signs timestamps, valid from 2020 to 2040.
pub(crate) fn stamper() -> CertificateParams {
    let mut params = named(&[(DnType::CommonName, "acme timestamps")]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.custom_extensions = vec![purposes(&[8], true)];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

/// An extended key usage of these purposes below 1.3.6.1.5.5.7.3.
pub(crate) fn purposes(purposes: &[u8], is_critical: bool) -> CustomExtension {
    let id = |last: &u8| [&[0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3][..], &[*last]].concat();
    let ids: Vec<u8> = purposes.iter().flat_map(id).collect();
    let content = [&[0x30, u8::try_from(ids.len()).unwrap()][..], &ids].concat();
    extension(&[2, 5, 29, 37], content, is_critical)
}

pub(crate) fn extension(id: &[u64], content: Vec<u8>, is_critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(id, content);
    extension.set_criticality(is_critical);
    extension
}

fn named(name: &[(DnType, &str)]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in name {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params
}
