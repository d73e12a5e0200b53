use boltseal_core::{Digest, Reason};
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::sheet::Sheet;
use crate::{Document, Paint};

const SCHEMA: &str = "boltseal.sbom/v1";

/// The result of `sbom`. A document that was made is the result itself, in both formats.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sbom {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    #[serde(skip)]
    made: Option<String>,
}

impl Sbom {
    /// The result that is the `CycloneDX` document `made`.
    pub fn made(reference: &str, digest: Option<Digest>, made: String) -> Self {
        let subject = SubjectOfResult::new(reference, digest);
        Self { head: Head::good(SCHEMA, Outcome::Made, subject), made: Some(made) }
    }

    /// The result of an SBOM that could not be made.
    pub fn failed(reference: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(reference, None);
        Self { head: Head::failed(SCHEMA, subject, reasons), made: None }
    }
}

impl Document for Sbom {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        self.made.clone().unwrap_or_else(|| pretty(self))
    }

    fn to_text(&self, paint: Paint) -> String {
        match &self.made {
            Some(made) => made.clone(),
            None => Sheet::headed(&self.head, paint).finish(),
        }
    }
}
