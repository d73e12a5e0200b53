use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use boltseal_core::Digest;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::{SigningAuthority, SigningProfile};
use crate::cloud::account::Account;

/// What the payload of a container image's signature is called.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.cncf.notary.payload.v1+json";

/// Something that is wrong with an envelope, so that whoever gets it must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiling {
    /// The signature is over something else.
    BadSignature,
    /// The chain lacks its root.
    NoRoot,
    /// The envelope is about another image.
    OtherPayload,
}

/// A signature to make: a Notary Project envelope as JWS (signature-envelope-jws.md).
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) payload: &'a [u8],
    pub(super) profile: &'a SigningProfile,
    /// `arn:…:/signing-jobs/ID`.
    pub(super) job: &'a str,
    pub(super) spoiling: Option<Spoiling>,
}

impl Envelope<'_> {
    /// Makes the signature.
    pub(super) fn sign(&self, authority: &SigningAuthority, account: &Account) -> Vec<u8> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let protected = encode(self.protected(account).to_string().as_bytes());
        let payload = match self.spoiling {
            Some(Spoiling::OtherPayload) => encode(other_image(self.payload).as_bytes()),
            _ => encode(self.payload),
        };
        let signature = match self.spoiling {
            Some(Spoiling::BadSignature) => authority.sign(b"something else"),
            _ => authority.sign(format!("{protected}.{payload}").as_bytes()),
        };
        let mut chain: Vec<_> = authority.chain.iter().map(|it| STANDARD.encode(it)).collect();
        if self.spoiling == Some(Spoiling::NoRoot) {
            chain.pop();
        }
        let envelope = json!({
            "payload": payload,
            "protected": protected,
            "header": {"x5c": chain, "io.cncf.notary.signingAgent": "aws-signer/1.0.0"},
            "signature": encode(&signature),
        });
        envelope.to_string().into_bytes()
    }

    fn protected(&self, account: &Account) -> Value {
        let now = Timestamp::now();
        // A month of thirty days: nobody here counts on the day.
        let hours = i64::from(self.profile.months) * 30 * 24;
        let expiry = now.checked_add(hours.hours()).unwrap_or(Timestamp::MAX);
        let seconds = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({
            "alg": "ES384",
            "cty": PAYLOAD_TYPE,
            "crit": [
                "io.cncf.notary.signingScheme",
                "io.cncf.notary.authenticSigningTime",
                "io.cncf.notary.expiry",
                "io.cncf.notary.verificationPlugin",
                "com.amazonaws.signer.signingProfileVersion",
                "com.amazonaws.signer.signingJob",
            ],
            "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
            "io.cncf.notary.authenticSigningTime": seconds(now),
            "io.cncf.notary.expiry": seconds(expiry),
            "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
            "com.amazonaws.signer.signingProfileVersion": self.profile.version_arn(account),
            "com.amazonaws.signer.signingJob": self.job,
        })
    }
}

/// The same payload about an image that nobody has.
fn other_image(payload: &[u8]) -> String {
    let mut document: Value = serde_json::from_slice(payload).unwrap_or_default();
    document["targetArtifact"]["digest"] = Digest::sha256_of(b"another image").to_string().into();
    document.to_string()
}
