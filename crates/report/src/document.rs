use serde::Serialize;

use crate::Paint;
use crate::dossier::Dossier;
use crate::v1::Head;

/// A result that can be written in both formats. The format never changes what it says.
pub trait Document: Send {
    /// What all results have.
    fn head(&self) -> &Head;

    /// The JSON document, with a final newline.
    fn to_json(&self) -> String;

    /// The same for people, the verdict first.
    fn to_text(&self, paint: Paint) -> String;

    /// What reports are made of.
    fn dossier(&self) -> Dossier<'_> {
        Dossier::of(self.head())
    }
}

/// Indented JSON with a final newline.
///
/// # Panics
/// Never: the documents have only string keys and no maps that could fail to serialise.
pub(crate) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document)
        .expect("documents are structs of strings, numbers and lists");
    text.push('\n');
    text
}
