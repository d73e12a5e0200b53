//! cosign's older signature payload ("simple signing").

use boltseal_core::json::{self, JsonError};
use boltseal_core::{Digest, DigestError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TYPE: &str = "cosign container image signature";
const MAX_BYTES: usize = 1024 * 1024;

/// What a `.sig` layer says: that somebody signed the image with this digest (cosign,
/// `SIGNATURE_SPEC.md`).
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleSigning {
    /// The repository without a tag. It is signed, but readers do not compare it, so that an
    /// image may be copied with its signatures.
    pub docker_reference: String,
    /// The image: manifest or index.
    pub digest: Digest,
    /// The signer's annotations, if any.
    pub optional: Option<Map<String, Value>>,
}

impl SimpleSigning {
    /// The payload without annotations.
    pub fn new(docker_reference: &str, digest: &Digest) -> Self {
        Self {
            docker_reference: docker_reference.to_owned(),
            digest: digest.clone(),
            optional: None,
        }
    }

    /// The compact JSON that is signed, its members in the order cosign writes them.
    ///
    /// # Panics
    /// Never: strings and JSON values always serialise.
    pub fn to_payload(&self) -> Vec<u8> {
        let wire = Wire {
            critical: Critical {
                identity: Identity { docker_reference: self.docker_reference.clone() },
                image: Image { digest: self.digest.to_string() },
                kind: TYPE.to_owned(),
            },
            optional: self.optional.clone(),
        };
        serde_json::to_vec(&wire).expect("strings and JSON values always serialise")
    }

    /// Reads a payload of at most 1 MiB: strict JSON, `critical.type` as cosign writes it.
    /// Verifies nothing.
    pub fn parse(payload: &[u8]) -> Result<Self, SimpleSigningError> {
        if payload.len() > MAX_BYTES {
            return Err(SimpleSigningError::TooLarge { limit: MAX_BYTES, found: payload.len() });
        }
        let wire: Wire = json::parse_as(payload)?;
        if wire.critical.kind != TYPE {
            return Err(SimpleSigningError::WrongType {
                found: wire.critical.kind.chars().take(160).collect(),
            });
        }
        Ok(Self {
            docker_reference: wire.critical.identity.docker_reference,
            digest: wire.critical.image.digest.parse()?,
            optional: wire.optional,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    critical: Critical,
    #[serde(default)]
    optional: Option<Map<String, Value>>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    #[serde(default)]
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference", default)]
    docker_reference: String,
}

#[derive(Serialize, Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// Bytes that are no simple-signing payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimpleSigningError {
    /// The image's digest is none.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// Too large.
    #[error("expected a payload of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not strict JSON, or not of the payload's form.
    #[error("expected a simple-signing payload, found {0}")]
    Unreadable(#[from] JsonError),
    /// Another `critical.type`.
    #[error("expected critical.type {TYPE:?}, found {found:?}")]
    WrongType {
        /// What it is, cut at 160 characters.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zeros() -> Digest {
        format!("sha256:{}", "0".repeat(64)).parse().unwrap()
    }

    #[test]
    fn the_bytes_that_cosign_signs() {
        let payload = SimpleSigning::new("example.com/app", &zeros()).to_payload();
        assert_eq!(payload.len(), 231);
        assert_eq!(
            Digest::sha256_of(&payload).hex(),
            "f5796829d4567938d63b72fc33ba1c8ae34be7bf7aa6630176cb866babe488a3"
        );
        let read = SimpleSigning::parse(&payload).unwrap();
        assert_eq!(read, SimpleSigning::new("example.com/app", &zeros()));
    }

    #[test]
    fn reads_annotations_and_refuses_what_is_not_cosigns() {
        let good = r#"{"critical":{"identity":{"docker-reference":"r"},"image":
            {"docker-manifest-digest":"sha256:D"},"type":"cosign container image signature"},
            "optional":{"a":"b"}}"#
            .replace('D', &"0".repeat(64));
        let read = SimpleSigning::parse(good.as_bytes()).unwrap();
        assert_eq!(read.optional.unwrap()["a"], "b");
        for (from, to) in [
            ("cosign container", "atomic container"),
            ("sha256:", "md5:"),
            (r#""a":"b""#, r#""a":"b","a":"c""#),
            (r#"{"a":"b"}"#, "7"),
            (r#"{"a":"b"}}"#, r#"{"a":"b"}}{}"#),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert!(SimpleSigning::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let large = vec![b' '; MAX_BYTES + 1];
        assert!(matches!(SimpleSigning::parse(&large), Err(SimpleSigningError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[{}":,a-z\[\]0-9]{0,80}"#) {
            let _ = SimpleSigning::parse(text.as_bytes());
        }
    }
}
