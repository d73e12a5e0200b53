use boltseal_core::Reason;
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.keys/v1";

/// The result of `keys generate` and `keys public`. It never holds a private key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Keys {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The kind of key, such as `p256`.
    pub algorithm: Option<String>,
    /// The name that bundles give the key: base64 of the SHA-256 of its DER form.
    pub hint: Option<String>,
    /// The public key as PEM.
    pub public_key: Option<String>,
    /// The file of the private key that was written.
    pub private_key_file: Option<String>,
    /// The file of the public key that was written.
    pub public_key_file: Option<String>,
}

/// A public key, as its owner shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeyFacts {
    /// The kind of key, such as `p256`.
    pub algorithm: String,
    /// The name that bundles give it.
    pub hint: String,
    /// The key as PEM.
    pub pem: String,
}

impl Keys {
    /// The document of a key that was read from `reference`.
    pub fn read(reference: &str, key: PublicKeyFacts) -> Self {
        let subject = SubjectOfResult::new(reference, None);
        Self {
            head: Head::good(SCHEMA, Outcome::Read, subject),
            algorithm: Some(key.algorithm),
            hint: Some(key.hint),
            public_key: Some(key.pem),
            private_key_file: None,
            public_key_file: None,
        }
    }

    /// The document of a key pair that was written into two files.
    pub fn generated(private_key_file: &str, public_key_file: &str, key: PublicKeyFacts) -> Self {
        let mut document = Self::read(private_key_file, key);
        document.head.outcome = Outcome::Generated;
        document.private_key_file = Some(private_key_file.to_owned());
        document.public_key_file = Some(public_key_file.to_owned());
        document
    }

    /// The document of a key that could not be had.
    pub fn failed(reference: &str, reasons: Vec<Reason>) -> Self {
        Self {
            head: Head::failed(SCHEMA, SubjectOfResult::new(reference, None), reasons),
            algorithm: None,
            hint: None,
            public_key: None,
            private_key_file: None,
            public_key_file: None,
        }
    }
}

impl Document for Keys {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::keys(self, paint)
    }
}
