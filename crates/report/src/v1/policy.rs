use boltseal_core::{Digest, Kind, Reason};
use boltseal_verify::{Demands, NamedKey, Trust};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.policy/v1";

/// The result of `policy check` and `policy export`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The digest of the effective policy.
    pub digest: Option<Digest>,
    /// The effective policy.
    pub effective: Option<Value>,
    /// The kinds that are required.
    pub required: Vec<String>,
    /// How many different signers each of them must have.
    pub signatures: Option<usize>,
    /// The signers.
    pub signers: Vec<SignerOfPolicy>,
    /// What should be looked at, though it is valid.
    pub warnings: Vec<String>,
    #[serde(skip)]
    output: PolicyOutput,
}

/// What is written for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyOutput {
    /// What it comes to.
    #[default]
    Summary,
    /// The effective policy alone, byte for byte.
    Bytes,
}

/// A signer of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignerOfPolicy {
    /// How the policy calls it.
    pub name: String,
    /// The name that bundles give its key.
    pub hint: String,
    /// The first moment at which the key counts.
    pub not_before: Option<String>,
    /// The last one.
    pub not_after: Option<String>,
    /// `valid`, `expired` or `not-yet-valid` now.
    pub state: &'static str,
    /// The images for which it counts when it is expired.
    pub digests: Vec<Digest>,
}

impl Policy {
    /// The document of a valid policy.
    pub fn of(
        reference: &str,
        (demands, trust): (&Demands, &Trust),
        now: Timestamp,
        output: PolicyOutput,
    ) -> Self {
        let bytes = demands.effective(trust);
        let digest = Digest::sha256_of(&bytes);
        let subject = SubjectOfResult::new(reference, None);
        let signers: Vec<_> = trust.keys.iter().map(|it| signer(it, now)).collect();
        Self {
            head: Head::good(SCHEMA, Outcome::Passed, subject),
            digest: Some(digest),
            effective: serde_json::from_slice(&bytes).ok(),
            required: demands.required.iter().map(Kind::to_string).collect(),
            signatures: Some(demands.signers.max(1)),
            warnings: warnings(&signers, demands.signers.max(1)),
            signers,
            output,
        }
    }

    /// The document of a policy that is not valid.
    pub fn failed(reference: &str, reasons: Vec<Reason>) -> Self {
        Self {
            head: Head::failed(SCHEMA, SubjectOfResult::new(reference, None), reasons),
            digest: None,
            effective: None,
            required: Vec::new(),
            signatures: None,
            signers: Vec::new(),
            warnings: Vec::new(),
            output: PolicyOutput::Summary,
        }
    }

    /// The bytes whose digest is named, where they alone are asked for.
    pub(crate) fn bytes(&self) -> Option<String> {
        let effective = self.effective.as_ref().filter(|_| self.output == PolicyOutput::Bytes)?;
        Some(effective.to_string())
    }
}

fn signer(named: &NamedKey, now: Timestamp) -> SignerOfPolicy {
    let validity = &named.validity;
    let state = match (validity.not_before, validity.not_after) {
        (Some(start), _) if now < start => "not-yet-valid",
        (_, Some(end)) if end < now => "expired",
        _ => "valid",
    };
    SignerOfPolicy {
        name: named.name.clone(),
        hint: named.key.hint(),
        not_before: validity.not_before.map(|it| it.to_string()),
        not_after: validity.not_after.map(|it| it.to_string()),
        state,
        digests: validity.digests.clone(),
    }
}

fn warnings(signers: &[SignerOfPolicy], wanted: usize) -> Vec<String> {
    let valid = signers.iter().filter(|it| it.state == "valid").count();
    let few = (valid < wanted).then(|| {
        format!(
            "of the signers {valid} count now, and {wanted} must have signed: nothing new can pass"
        )
    });
    few.into_iter().collect()
}

impl Document for Policy {
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
        text::policy(self, paint)
    }
}
