use crate::sheet::Sheet;
use crate::v1::{Outcome, Verify, VerifyBlob};
use crate::{Paint, text::evidence};

/// Ends by saying what was required and what was only found: a signature alone proves no more
/// than that.
pub(crate) fn verify(document: &Verify, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    let digest = document.head.subject.digest.as_ref();
    sheet.table(&evidence::looked_at(&document.evidence, digest));
    if document.evidence.is_empty() && digest.is_some() {
        sheet.pair("evidence", "none was found");
    }
    sheet.gap();
    if let Some(names) = &document.tag_not_bound {
        let names = if names.is_empty() { "no tag".to_owned() } else { names.join(", ") };
        sheet.warning(&format!(
            "tag-not-bound: this tag is not signed for; the signature names {names}. \
             The digest is what was verified"
        ));
    }
    sheet.pair_if("checked", &document.checked.join("; "));
    for note in &document.notes {
        sheet.pair("note", note);
    }
    sheet.pair_if("required", &document.required.join(", "));
    let found = document.only_found.join(", ");
    match (document.head.outcome, found.is_empty()) {
        (_, false) => sheet.pair("only found", &format!("{found} (verifies; was not required)")),
        (Outcome::Verified, true) => sheet.pair("only found", "nothing else"),
        (_, true) => {}
    }
    sheet.finish()
}

pub(crate) fn verify_blob(document: &VerifyBlob, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    for piece in &document.evidence {
        sheet.pair_if("signer", piece.signer.as_deref().unwrap_or_default());
        sheet.pair("kind", &evidence::kind(piece.predicate_type.as_deref()));
    }
    sheet.pair_if("checked", &document.checked.join("; "));
    sheet.finish()
}
