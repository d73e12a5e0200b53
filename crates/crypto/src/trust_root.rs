//! Trusted roots: the logs and timestamp authorities that somebody chose to trust.

use std::fmt;

use boltseal_core::json::{self, JsonError};
use sigstore_trust_root::TrustedRoot;
use sigstore_verify::Verifier;

const MAX_BYTES: usize = 4 * 1024 * 1024;
const MEDIA_TYPES: [&str; 3] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

/// A `trusted_root.json` (protobuf-specs, `sigstore_trustroot.proto`), v0.1 or v0.2. Its keys
/// and certificates have been parsed; its content is trusted because the caller says so.
pub struct TrustRoot {
    pub(crate) verifier: Verifier,
    logs: usize,
    timestamp_authorities: usize,
}

impl TrustRoot {
    /// Reads strict JSON of at most 4 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustRootError> {
        if bytes.len() > MAX_BYTES {
            return Err(TrustRootError::TooLarge { limit: MAX_BYTES, found: bytes.len() });
        }
        let root: TrustedRoot = json::parse_as(bytes)?;
        if !MEDIA_TYPES.contains(&root.media_type.as_str()) {
            return Err(TrustRootError::MediaType {
                found: root.media_type.chars().take(160).collect(),
            });
        }
        let verifier = Verifier::new(&root)
            .map_err(|error| TrustRootError::Refused { found: error.to_string() })?;
        Ok(Self {
            verifier,
            logs: root.tlogs.len(),
            timestamp_authorities: root.timestamp_authorities.len(),
        })
    }

    /// How many transparency logs it trusts.
    pub const fn logs(&self) -> usize {
        self.logs
    }

    /// How many timestamp authorities it trusts.
    pub const fn timestamp_authorities(&self) -> usize {
        self.timestamp_authorities
    }
}

impl fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustRoot")
            .field("logs", &self.logs)
            .field("timestamp_authorities", &self.timestamp_authorities)
            .finish_non_exhaustive()
    }
}

/// A file that is no trusted root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRootError {
    /// Another media type.
    #[error("expected the media type of a trusted root v0.1 or v0.2, found {found:?}")]
    MediaType {
        /// What is there.
        found: String,
    },
    /// A key, certificate or window in it is not usable.
    #[error("expected a usable trusted root, found {found}")]
    Refused {
        /// What is wrong.
        found: String,
    },
    /// Too large.
    #[error("expected a trusted root of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not strict JSON, or not of a trusted root's form.
    #[error("expected a trusted root, found {0}")]
    Unreadable(#[from] JsonError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_its_media_types_and_empty_lists() {
        for media_type in MEDIA_TYPES {
            let root = TrustRoot::parse(format!(r#"{{"mediaType":"{media_type}"}}"#).as_bytes());
            assert_eq!(
                format!("{:?}", root.unwrap()),
                "TrustRoot { logs: 0, timestamp_authorities: 0, .. }"
            );
        }
        let other = r#"{"mediaType":"application/json"}"#;
        let error = TrustRoot::parse(other.as_bytes()).unwrap_err();
        assert!(matches!(error, TrustRootError::MediaType { .. }), "{error}");
    }

    #[test]
    fn refuses_duplicates_bad_keys_and_size() {
        let kind = MEDIA_TYPES[0];
        let log = r#"{"baseUrl":"u","hashAlgorithm":"SHA2_256","publicKey":{"rawBytes":"AAAA",
            "keyDetails":"PKIX_ECDSA_P256_SHA_256"},"logId":{"keyId":"AAAA"}}"#;
        let bad = format!(r#"{{"mediaType":"{kind}","tlogs":[{log}]}}"#);
        let error = TrustRoot::parse(bad.as_bytes()).unwrap_err();
        assert!(matches!(error, TrustRootError::Refused { .. }), "{error}");
        let twice = format!(r#"{{"mediaType":"{kind}","tlogs":[],"tlogs":[]}}"#);
        let error = TrustRoot::parse(twice.as_bytes()).unwrap_err();
        assert!(matches!(error, TrustRootError::Unreadable(_)), "{error}");
        let error = TrustRoot::parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err();
        assert!(matches!(error, TrustRootError::TooLarge { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[{}":,a-z\[\]0-9]{0,80}"#) {
            let _ = TrustRoot::parse(text.as_bytes());
        }
    }
}
