//! RFC 3161 timestamps over a signature (signature specification, "Timestamp Signature").

use std::time::Duration;

use aws_lc_rs::digest::{self, digest};
use jiff::Timestamp;
use rustls_pki_types::{AlgorithmIdentifier, CertificateDer, UnixTime, alg_id};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::time::Time;

use super::certificate::Certificate;
use super::certificate_chain::CertificateChain;
use super::der_value::Value;
use super::timestamp_error::TimestampError;
use super::tst_info::{TstInfo, hash};

const MAX_TOKEN_BYTES: usize = 256 * 1024;
const MAX_SIGNERS: usize = 4;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// A timestamp that was verified.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    pub(super) info: TstInfo,
    /// The authority's, up to a trusted root.
    pub(super) chain: CertificateChain,
}

impl Stamp {
    /// Verifies that `token` is a timestamp over `message` by an authority below one of `roots`,
    /// all of whose certificates were valid at that time. As notation's client, it takes the
    /// first signer that holds, and a `TimeStampToken` only, never the response around it.
    pub(super) fn verify(
        token: &[u8],
        message: &[u8],
        roots: &[&Certificate],
    ) -> Result<Self, TimestampError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TimestampError::TooLarge { limit: MAX_TOKEN_BYTES, found: token.len() });
        }
        let data = SignedData::parse(token)
            .ok_or(TimestampError::Unreadable { found: "no CMS signed data around a TSTInfo" })?;
        let info = TstInfo::parse(data.content, message)?;
        let mut last = TimestampError::Signature { found: "no signer" };
        for signer in data.signers.iter().take(MAX_SIGNERS) {
            match data.verify(signer, info.time, roots) {
                Ok(chain) => return Ok(Self { info, chain }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// CMS signed data of version 3 (RFC 5652, 5.1), as far as timestamps need it.
struct SignedData<'a> {
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signers: Vec<Signer<'a>>,
}

/// `SignerInfo` (RFC 5652, 5.3). Who signed is read from the signed attributes alone.
struct Signer<'a> {
    hash: ObjectIdentifier,
    attributes: Value<'a>,
    algorithm: Value<'a>,
    signature: &'a [u8],
}

impl<'a> SignedData<'a> {
    fn parse(token: &'a [u8]) -> Option<Self> {
        let [kind, explicit] = Value::parse(token)?.sequence()?.try_into().ok()?;
        if kind.object_identifier()? != SIGNED_DATA || !explicit.is_context(0) {
            return None;
        }
        let [data] = explicit.children()?.try_into().ok()?;
        let parts = data.sequence()?;
        let [version, _hashes, content, rest @ ..] = parts.as_slice() else { return None };
        let (signers, rest) = rest.split_last()?;
        if version.number()? != 3 {
            return None;
        }
        let certificates = rest.iter().find(|it| it.is_context(0))?.children()?;
        Some(Self {
            content: tst_info(content)?,
            certificates: certificates.iter().map(|it| it.bytes).collect(),
            signers: signers.set()?.iter().map(Signer::parse).collect::<Option<_>>()?,
        })
    }

    fn verify(
        &self,
        signer: &Signer<'_>,
        time: Timestamp,
        roots: &[&Certificate],
    ) -> Result<CertificateChain, TimestampError> {
        let leaf = self.certificate(signer).ok_or(TimestampError::SigningCertificate)?;
        let chain = self.chain(leaf, time, roots)?;
        signer.check(self.content, &chain)?;
        Ok(chain)
    }

    /// The certificate whose hash the signed attributes hold (RFC 5816).
    fn certificate(&self, signer: &Signer<'_>) -> Option<&'a [u8]> {
        let named = signer.attribute(SIGNING_CERTIFICATE_V2)?.sequence()?;
        let first = *named.first()?.sequence()?.first()?;
        let parts = first.sequence()?;
        let (algorithm, expected) = match parts.as_slice() {
            [algorithm, expected, ..] if expected.octets().is_some() => {
                (hash(algorithm.algorithm()?)?, expected.octets()?)
            }
            [expected, ..] => (&digest::SHA256, expected.octets()?),
            [] => return None,
        };
        let mut certificates = self.certificates.iter().copied();
        certificates.find(|it| digest(algorithm, it).as_ref() == expected)
    }

    /// The path from the authority to a root, by the token's own certificates (RFC 5280, 6), and
    /// the Notary Project's rules on top. CAs need not name a purpose; that the authority does is
    /// one of those rules.
    fn chain(
        &self,
        leaf: &[u8],
        time: Timestamp,
        roots: &[&Certificate],
    ) -> Result<CertificateChain, TimestampError> {
        let untrusted =
            |error: webpki::Error| TimestampError::Untrusted { found: error.to_string() };
        let leaf_der = CertificateDer::from(leaf);
        let entity = EndEntityCert::try_from(&leaf_der).map_err(untrusted)?;
        let root_ders: Vec<_> = roots.iter().map(|it| CertificateDer::from(it.der())).collect();
        let anchors: Vec<_> = root_ders
            .iter()
            .map(anchor_from_trusted_cert)
            .collect::<Result<_, _>>()
            .map_err(untrusted)?;
        let others: Vec<_> = self.certificates.iter().map(|it| CertificateDer::from(*it)).collect();
        let seconds = u64::try_from(time.as_second()).unwrap_or_default();
        let path = entity
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &anchors,
                &others,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                KeyUsage::required_if_present(TIME_STAMPING.as_bytes()),
                None,
                None,
            )
            .map_err(untrusted)?;
        let root = anchors.iter().position(|anchor| anchor == path.anchor());
        let root = root.and_then(|position| roots.get(position));
        let mut ders: Vec<&[u8]> = vec![leaf];
        let between: Vec<_> = path.intermediate_certificates().map(webpki::Cert::der).collect();
        ders.extend(between.iter().map(AsRef::as_ref));
        ders.extend(root.map(|root| root.der()));
        Ok(CertificateChain::timestamping(&ders)?)
    }
}

fn tst_info<'a>(content: &Value<'a>) -> Option<&'a [u8]> {
    let [kind, explicit] = content.sequence()?.try_into().ok()?;
    if kind.object_identifier()? != TST_INFO || !explicit.is_context(0) {
        return None;
    }
    let [octets] = explicit.children()?.try_into().ok()?;
    octets.octets()
}

impl<'a> Signer<'a> {
    fn parse(value: &Value<'a>) -> Option<Self> {
        let parts = value.sequence()?;
        let [_version, _who, hash, attributes, algorithm, signature, ..] = parts.as_slice() else {
            return None;
        };
        attributes.is_context(0).then_some(())?;
        Some(Self {
            hash: hash.algorithm()?,
            attributes: *attributes,
            algorithm: *algorithm,
            signature: signature.octets()?,
        })
    }

    /// The one value of a signed attribute that is there once.
    fn attribute(&self, kind: ObjectIdentifier) -> Option<Value<'a>> {
        let is_it = |attribute: &Vec<Value<'a>>| {
            attribute.first().and_then(Value::object_identifier) == Some(kind)
        };
        let attributes = self.attributes.children()?;
        let attributes = attributes.iter().filter_map(Value::sequence).filter(is_it);
        let [attribute] = attributes.collect::<Vec<_>>().try_into().ok()?;
        let [_, values] = attribute.try_into().ok()?;
        let [value] = values.set()?.try_into().ok()?;
        Some(value)
    }

    fn check(&self, content: &[u8], chain: &CertificateChain) -> Result<(), TimestampError> {
        let refuse = |found| TimestampError::Signature { found };
        let algorithm = hash(self.hash).ok_or(TimestampError::Hash)?;
        let kind = self.attribute(CONTENT_TYPE).and_then(|it| it.object_identifier());
        if kind != Some(TST_INFO) {
            return Err(refuse("signed attributes of another content type"));
        }
        let expected = self.attribute(MESSAGE_DIGEST).and_then(|it| it.octets());
        if expected != Some(digest(algorithm, content).as_ref()) {
            return Err(refuse("signed attributes with the digest of something else"));
        }
        if let Some(time) = self.attribute(SIGNING_TIME) {
            let time = Time::from_der(time.bytes).map_err(|_| refuse("a damaged signing time"))?;
            if chain.invalid_at(super::certificate::moment(time)).is_some() {
                return Err(refuse("a signing time at which a certificate was not valid"));
            }
        }
        let signed = self.attributes.as_set().unwrap_or_default();
        if !chain.leaf().signed(self.signature_algorithm(), &signed, self.signature) {
            return Err(refuse("a signature that does not verify"));
        }
        Ok(())
    }

    /// Plain RSA takes its hash from the digest algorithm (RFC 3370, 3.2).
    fn signature_algorithm(&self) -> &[u8] {
        const SHA256: &AlgorithmIdentifier = &alg_id::RSA_PKCS1_SHA256;
        const SHA384: &AlgorithmIdentifier = &alg_id::RSA_PKCS1_SHA384;
        const SHA512: &AlgorithmIdentifier = &alg_id::RSA_PKCS1_SHA512;
        if self.algorithm.algorithm() != Some(RSA_ENCRYPTION) {
            return self.algorithm.content;
        }
        match hash(self.hash).map(digest::Algorithm::output_len) {
            Some(48) => SHA384,
            Some(64) => SHA512,
            _ => SHA256,
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn recorded(name: &str) -> String {
        let all: Json =
            serde_json::from_str(include_str!("../../tests/notation/openssl.json")).unwrap();
        all[name].as_str().unwrap().to_owned()
    }

    fn token(name: &str) -> Vec<u8> {
        STANDARD.decode(recorded(name)).unwrap()
    }

    fn root(name: &str) -> Certificate {
        Certificate::all_from(recorded(name).as_bytes()).unwrap().remove(0)
    }

    /// Plain RSA with SHA-384, an imprint with SHA-512, and an accuracy.
    #[test]
    fn a_timestamp_by_openssl_holds() {
        let [root, other] = ["root", "old"].map(root);
        let stamp = Stamp::verify(&token("token"), b"a signature", &[&other, &root]).unwrap();
        assert_eq!(stamp.info.time.to_string(), recorded("time"));
        let [from, to] = stamp.info.bounds();
        assert_eq!(to.duration_since(from).as_secs(), 3);
        let subjects = stamp.chain.certificates().iter().map(Certificate::subject);
        assert_eq!(subjects.collect::<Vec<_>>(), ["CN=stamper", "CN=root"]);
    }

    #[test]
    fn anything_else_is_refused() {
        let root = root("root");
        let verify = |token: &[u8], message: &[u8], roots: &[&Certificate]| {
            Stamp::verify(token, message, roots).unwrap_err()
        };
        let good = token("token");
        assert_eq!(verify(&good, b"another", &[&root]), TimestampError::OtherMessage);
        let untrusted = verify(&good, b"a signature", &[]);
        assert!(matches!(untrusted, TimestampError::Untrusted { .. }), "{untrusted}");
        let response = verify(&token("reply"), b"a signature", &[&root]);
        assert!(matches!(response, TimestampError::Unreadable { .. }), "{response}");
        // Signed data, and its version: signed by nobody, but not to be anything else.
        let signed_data = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
        for (part, last) in [(&signed_data[..], 1), (b"\x02\x01\x03", 5)] {
            let place = good.windows(part.len()).position(|it| it == part).unwrap();
            let mut other = good.clone();
            other[place + part.len() - 1] = last;
            let error = verify(&other, b"a signature", &[&root]);
            assert!(matches!(error, TimestampError::Unreadable { .. }), "{error}");
        }
        let mut damaged = good;
        *damaged.last_mut().unwrap() ^= 1;
        let error = verify(&damaged, b"a signature", &[&root]);
        assert!(matches!(error, TimestampError::Signature { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            prop_assert!(Stamp::verify(&bytes, b"a signature", &[]).is_err());
        }
    }
}
