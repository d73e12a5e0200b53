use crate::Paint;
use crate::sheet::Sheet;
use crate::v1::{Keys, Outcome};

/// The PEM alone for `keys public`, so that it can be written to a file.
pub(crate) fn keys(document: &Keys, paint: Paint) -> String {
    if document.head.outcome == Outcome::Read
        && let Some(pem) = &document.public_key
    {
        return pem.clone();
    }
    let mut sheet = Sheet::headed(&document.head, paint);
    sheet.pair_if("private", document.private_key_file.as_deref().unwrap_or_default());
    sheet.pair_if("public", document.public_key_file.as_deref().unwrap_or_default());
    sheet.pair_if("algorithm", document.algorithm.as_deref().unwrap_or_default());
    sheet.pair_if("hint", document.hint.as_deref().unwrap_or_default());
    sheet.finish()
}
