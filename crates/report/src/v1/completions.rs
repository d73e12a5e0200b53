use boltseal_core::Reason;
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::sheet::Sheet;
use crate::{Document, Paint};

const SCHEMA: &str = "boltseal.completions/v1";

/// The result of `completions`. As text it is the script alone, for a shell to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Completions {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The script.
    pub script: Option<String>,
}

impl Completions {
    /// The script that completes commands in this shell.
    pub fn made(shell: &str, script: String) -> Self {
        let subject = SubjectOfResult::new(shell, None);
        Self { head: Head::good(SCHEMA, Outcome::Made, subject), script: Some(script) }
    }

    /// The result of a script that could not be made.
    pub fn failed(shell: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(shell, None);
        Self { head: Head::failed(SCHEMA, subject, reasons), script: None }
    }
}

impl Document for Completions {
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
        self.script.clone().unwrap_or_else(|| Sheet::headed(&self.head, paint).finish())
    }
}
