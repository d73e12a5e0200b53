//! What a Notation signature says.

use boltseal_core::json::{self, JsonError};
use boltseal_core::{Annotations, Descriptor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The payload's media type: the only `cty` there is.
pub const PAYLOAD_TYPE: &str = "application/vnd.cncf.notary.payload.v1+json";

/// AWS Signer takes no larger payload, and no verifier needs one.
const MAX_WRITTEN_BYTES: usize = 4096;
const MAX_READ_BYTES: usize = 256 * 1024;
const RESERVED: &str = "io.cncf.notary";

/// That somebody signed the artifact with this descriptor (signature specification, "Payload").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The artifact: its media type, digest and size, and the signer's annotations. Whatever else
    /// a descriptor may hold is dropped.
    pub target: Descriptor,
    /// Whether the document held members beside those: a signer that adds some to what it was
    /// asked to sign is not to be trusted.
    pub(super) has_more: bool,
}

impl Payload {
    /// Says that `subject` is signed, with the signer's own `annotations`.
    ///
    /// # Errors
    /// [`PayloadError::Reserved`] for an annotation of the Notary Project's own name space,
    /// [`PayloadError::TooLarge`] above 4,096 bytes, which is as much as AWS Signer takes.
    pub fn new(subject: &Descriptor, annotations: Annotations) -> Result<Self, PayloadError> {
        if let Some(name) = annotations.keys().find(|name| name.starts_with(RESERVED)) {
            return Err(PayloadError::Reserved { name: name.clone() });
        }
        let payload =
            Self { target: Descriptor { annotations, ..subject.bare() }, has_more: false };
        let found = payload.to_bytes().len();
        if found > MAX_WRITTEN_BYTES {
            return Err(PayloadError::TooLarge { limit: MAX_WRITTEN_BYTES, found });
        }
        Ok(payload)
    }

    /// The compact JSON that is signed.
    ///
    /// # Panics
    /// Never: strings and numbers always serialise.
    pub fn to_bytes(&self) -> Vec<u8> {
        let wire = Written { target: &self.target };
        serde_json::to_vec(&wire).expect("strings and numbers always serialise")
    }

    /// Reads strict JSON of at most 256 KiB. Unknown members are ignored, as notation does.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        if bytes.len() > MAX_READ_BYTES {
            return Err(PayloadError::TooLarge { limit: MAX_READ_BYTES, found: bytes.len() });
        }
        let value = json::parse(bytes)?;
        let read: Read = json::parse_as(bytes)?;
        let annotations = read.target.annotations.clone();
        let target = Descriptor { annotations, ..read.target.bare() };
        let payload = Self { target, has_more: false };
        let plain: Option<Value> = serde_json::from_slice(&payload.to_bytes()).ok();
        Ok(Self { has_more: plain.as_ref() != Some(&value), ..payload })
    }

    /// Whether it says that `subject` is signed: media type, digest and size are equal.
    pub fn is_about(&self, subject: &Descriptor) -> bool {
        self.target.bare() == subject.bare()
    }
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "targetArtifact")]
    target: &'a Descriptor,
}

#[derive(Deserialize)]
struct Read {
    #[serde(rename = "targetArtifact")]
    target: Descriptor,
}

/// A payload that cannot be read or must not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// An annotation in the name space of the Notary Project.
    #[error("expected annotations that do not begin with {RESERVED:?}, found {name:?}")]
    Reserved {
        /// The annotation.
        name: String,
    },
    /// Too large.
    #[error("expected a payload of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
    /// Not strict JSON, or not of the payload's form.
    #[error("expected a payload {PAYLOAD_TYPE}, found {0}")]
    Unreadable(#[from] JsonError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn subject() -> Descriptor {
        Descriptor::of("application/vnd.oci.image.manifest.v1+json", b"{}")
    }

    #[test]
    fn the_bytes_that_notation_signs() {
        let annotations = Annotations::from([("build".to_owned(), "7".to_owned())]);
        let mut dressed = subject();
        dressed.artifact_type = Some("application/x".to_owned());
        dressed.annotations.insert("not".to_owned(), "signed".to_owned());
        let payload = Payload::new(&dressed, annotations).unwrap();
        let text = format!(
            r#"{{"targetArtifact":{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":2,"annotations":{{"build":"7"}}}}}}"#,
            subject().digest
        );
        assert_eq!(String::from_utf8(payload.to_bytes()).unwrap(), text);
        assert_eq!(Payload::parse(text.as_bytes()), Ok(payload.clone()));
        assert!(payload.is_about(&dressed));
        let bare = Payload::new(&subject(), Annotations::new()).unwrap();
        assert!(!String::from_utf8(bare.to_bytes()).unwrap().contains("annotations"));
    }

    #[test]
    fn is_about_one_artifact_only() {
        let payload = Payload::new(&subject(), Annotations::new()).unwrap();
        let other_type = Descriptor { media_type: "application/x".to_owned(), ..subject() };
        let other_size = Descriptor { size: 3, ..subject() };
        let other_digest = Descriptor::of(&subject().media_type, b"[]");
        for other in [other_type, other_size, other_digest] {
            assert!(!payload.is_about(&other));
        }
    }

    #[test]
    fn notices_what_was_added() {
        let plain = Payload::new(&subject(), Annotations::new()).unwrap();
        let text = String::from_utf8(plain.to_bytes()).unwrap();
        for (from, to) in [
            (r#","size""#, r#","artifactType":"a","size""#),
            (r#","size""#, r#","urls":[],"size""#),
            (r#"{"target"#, r#"{"other":1,"target"#),
        ] {
            let more = text.replacen(from, to, 1);
            assert_ne!(more, text);
            let read = Payload::parse(more.as_bytes()).unwrap();
            assert!(read.has_more && read.is_about(&subject()), "{more}");
        }
    }

    #[test]
    fn refuses_reserved_names_large_and_ambiguous_payloads() {
        let reserved = Annotations::from([("io.cncf.notary.x".to_owned(), String::new())]);
        let error = Payload::new(&subject(), reserved).unwrap_err();
        assert!(matches!(error, PayloadError::Reserved { .. }), "{error}");
        let long = Annotations::from([("a".to_owned(), "b".repeat(4096))]);
        let error = Payload::new(&subject(), long).unwrap_err();
        assert!(matches!(error, PayloadError::TooLarge { .. }), "{error}");
        let error = Payload::parse(&vec![b' '; MAX_READ_BYTES + 1]).unwrap_err();
        assert!(matches!(error, PayloadError::TooLarge { .. }), "{error}");
        let good = Payload::new(&subject(), Annotations::new()).unwrap().to_bytes();
        let good = String::from_utf8(good).unwrap();
        for bad in [good.replace("size", "digest"), good.replace("target", "t"), good + "{}"] {
            let error = Payload::parse(bad.as_bytes()).unwrap_err();
            assert!(matches!(error, PayloadError::Unreadable(_)), "{error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"\{"targetArtifact":[{}":,a-z\[\]0-9]{0,80}"#) {
            let _ = Payload::parse(text.as_bytes());
        }
    }
}
