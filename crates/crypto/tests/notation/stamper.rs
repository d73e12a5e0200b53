//! A timestamp authority for tests: RFC 3161 tokens, good ones and others.

use aws_lc_rs::digest::{SHA256, digest};
use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::Certificate;
use x509_cert::der::Encode;
use x509_cert::der::asn1::ObjectIdentifier;

use crate::authority::{Party, authority, stamper};

/// A root and an authority below it.
pub(crate) struct Stamper {
    pub(crate) root: Party,
    pub(crate) leaf: Party,
}

/// What a token says. [`Stamper::spec`] says what is right.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) message: Vec<u8>,
    /// `YYYYMMDDhhmmssZ`
    pub(crate) time: String,
    pub(crate) seconds_of_accuracy: u8,
    pub(crate) policy: &'static str,
    pub(crate) imprint_hash: &'static str,
    pub(crate) content_type: &'static str,
    /// What the attribute with the message digest is over, instead of the content.
    pub(crate) other_content: Option<Vec<u8>>,
    /// `YYMMDDhhmmssZ`
    pub(crate) signing_time: Option<&'static str>,
    pub(crate) certificates: Vec<Vec<u8>>,
    /// The certificate that the signed attributes name.
    pub(crate) named: Vec<u8>,
}

pub(crate) const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

impl Stamper {
    pub(crate) fn new() -> Self {
        Self::with_leaf(stamper())
    }

    pub(crate) fn with_leaf(params: rcgen::CertificateParams) -> Self {
        let root = Party::self_signed(KeyAlgorithm::P256, authority("stamp root"));
        let leaf = root.issue(KeyAlgorithm::P256, params);
        Self { root, leaf }
    }

    pub(crate) fn root(&self) -> Certificate {
        Certificate::from_der(&self.root.der).unwrap()
    }

    /// A token of the first of May 2026.
    pub(crate) fn spec(&self, message: &[u8]) -> Spec {
        Spec {
            message: message.to_vec(),
            time: "20260501000000Z".to_owned(),
            seconds_of_accuracy: 0,
            policy: "1.2.3.4",
            imprint_hash: SHA_256,
            content_type: TST_INFO,
            other_content: None,
            signing_time: None,
            certificates: vec![self.root.der.clone(), self.leaf.der.clone()],
            named: self.leaf.der.clone(),
        }
    }

    /// A `TimeStampToken`.
    pub(crate) fn stamp(&self, spec: &Spec) -> Vec<u8> {
        let info = info(spec);
        let attributes = attributes(spec, &info);
        let signature = self.leaf.key.sign(&tlv(0x31, &attributes)).unwrap();
        let signer = sequence(&[
            integer(1),
            // Who signed is only read from the signed attributes: any name will do.
            sequence(&[sequence(&[]), integer(1)]),
            algorithm(SHA_256),
            tlv(0xa0, &attributes),
            sequence(&[id("1.2.840.10045.4.3.2")]),
            tlv(4, &signature),
        ]);
        let data = sequence(&[
            integer(3),
            tlv(0x31, &algorithm(SHA_256)),
            sequence(&[id(TST_INFO), tlv(0xa0, &tlv(4, &info))]),
            tlv(0xa0, &spec.certificates.concat()),
            tlv(0x31, &signer),
        ]);
        sequence(&[id("1.2.840.113549.1.7.2"), tlv(0xa0, &data)])
    }
}

fn info(spec: &Spec) -> Vec<u8> {
    let mut parts = vec![
        integer(1),
        id(spec.policy),
        sequence(&[algorithm(spec.imprint_hash), tlv(4, digest(&SHA256, &spec.message).as_ref())]),
        integer(7),
        tlv(0x18, spec.time.as_bytes()),
    ];
    if spec.seconds_of_accuracy > 0 {
        parts.push(sequence(&[integer(spec.seconds_of_accuracy)]));
    }
    sequence(&parts)
}

/// Content type, message digest, signing certificate, and perhaps a signing time.
fn attributes(spec: &Spec, info: &[u8]) -> Vec<u8> {
    let attribute = |kind: &str, value: Vec<u8>| sequence(&[id(kind), tlv(0x31, &value)]);
    let content = spec.other_content.as_deref().unwrap_or(info);
    let named = tlv(4, digest(&SHA256, &spec.named).as_ref());
    let mut attributes = vec![
        attribute("1.2.840.113549.1.9.3", id(spec.content_type)),
        attribute("1.2.840.113549.1.9.4", tlv(4, digest(&SHA256, content).as_ref())),
        attribute("1.2.840.113549.1.9.16.2.47", sequence(&[sequence(&[sequence(&[named])])])),
    ];
    if let Some(time) = spec.signing_time {
        attributes.push(attribute("1.2.840.113549.1.9.5", tlv(0x17, time.as_bytes())));
    }
    attributes.concat()
}

fn id(id: &str) -> Vec<u8> {
    ObjectIdentifier::new_unwrap(id).to_der().unwrap()
}

fn algorithm(name: &str) -> Vec<u8> {
    sequence(&[id(name)])
}

fn integer(number: u8) -> Vec<u8> {
    tlv(2, &[number])
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(length @ 0..=0x7f) => vec![tag, length],
        Ok(length) => vec![tag, 0x81, length],
        Err(_) => {
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            vec![tag, 0x82, high, low]
        }
    };
    [head, content.to_vec()].concat()
}
