use boltseal_core::{Digest, Kind, Reason};
use boltseal_verify::{Blob, Verified};
use serde::Serialize;

use super::{Head, Outcome, PieceSummary, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.verify-blob/v1";

/// The result of `verify-blob`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerifyBlob {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The bundle, where it verifies.
    pub evidence: Vec<PieceSummary>,
    /// What was required.
    pub required: Vec<String>,
    /// What was really checked, in words.
    pub checked: Vec<String>,
}

impl VerifyBlob {
    /// The document of a file whose bundle, with the digest `bundle`, verifies.
    pub fn verified(reference: &str, bundle: Digest, proof: &Verified<Blob>) -> Self {
        let piece = PieceSummary {
            subject: proof.digest.clone(),
            digest: Some(bundle),
            format: Some("bundle".to_owned()),
            predicate_type: proof.predicate_type.clone(),
            signer: Some(proof.signer.clone()),
            status: "verified",
            reason: None,
        };
        let subject = SubjectOfResult::new(reference, Some(proof.digest.clone()));
        Self {
            head: Head::good(SCHEMA, Outcome::Verified, subject),
            evidence: vec![piece],
            required: vec![Kind::Signature.to_string()],
            checked: proof.checked.clone(),
        }
    }

    /// The document of a file that does not verify.
    pub fn failed(reference: &str, digest: Option<Digest>, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(reference, digest);
        Self {
            head: Head::failed(SCHEMA, subject, reasons),
            evidence: Vec::new(),
            required: vec![Kind::Signature.to_string()],
            checked: Vec::new(),
        }
    }
}

impl Document for VerifyBlob {
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
        text::verify_blob(self, paint)
    }
}
