use boltseal_core::Reason;
use serde::Serialize;

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::sheet::Sheet;
use crate::{Document, Paint};

const SCHEMA: &str = "boltseal.man/v1";

/// The result of `man`. As text it is the page alone, for `man -l -` to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manual {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// The page that was asked for, in roff.
    pub page: Option<String>,
    /// The files that were written instead.
    pub files: Vec<String>,
}

impl Manual {
    /// The page of this name.
    pub fn page(name: &str, page: String) -> Self {
        Self { page: Some(page), ..Self::good(name) }
    }

    /// All pages, as files in a folder.
    pub fn written(folder: &str, files: Vec<String>) -> Self {
        Self { files, ..Self::good(folder) }
    }

    /// The result of pages that could not be made.
    pub fn failed(name: &str, reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(name, None);
        Self { head: Head::failed(SCHEMA, subject, reasons), page: None, files: Vec::new() }
    }

    fn good(name: &str) -> Self {
        let subject = SubjectOfResult::new(name, None);
        Self { head: Head::good(SCHEMA, Outcome::Made, subject), page: None, files: Vec::new() }
    }
}

impl Document for Manual {
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
        if let Some(page) = &self.page {
            return page.clone();
        }
        let mut sheet = Sheet::headed(&self.head, paint);
        for file in &self.files {
            sheet.pair("written", file);
        }
        sheet.finish()
    }
}
