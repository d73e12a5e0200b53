use boltseal_core::Reason;
use serde::Serialize;

use crate::Paint;
use crate::dossier::Dossier;
use crate::v1::Head;

/// A result that can be written in both formats. The format never changes what it says.
pub trait Document: Send {
    /// What all results have.
    fn head(&self) -> &Head;

    /// The same, to be changed.
    fn head_mut(&mut self) -> &mut Head;

    /// Makes it the result of a run that failed for these reasons as well, which came after it
    /// was made.
    fn fail(&mut self, reasons: Vec<Reason>) {
        let head = self.head_mut();
        let all = head.reasons.drain(..).chain(reasons).collect();
        *head = Head::failed(head.schema, std::mem::take(&mut head.subject), all);
    }

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
