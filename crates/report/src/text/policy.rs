use crate::Paint;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::Policy;

/// The effective policy alone where it is exported, so that it can be hashed.
pub(crate) fn policy(document: &Policy, paint: Paint) -> String {
    if let Some(bytes) = document.bytes() {
        return bytes;
    }
    let mut sheet = Sheet::headed(&document.head, paint);
    for warning in &document.warnings {
        sheet.warning(warning);
    }
    let mut table = Table::new(&["signer", "now", "counts from", "until", "images after that"]);
    for it in &document.signers {
        let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            it.name.clone(),
            it.state.to_owned(),
            time(&it.not_before),
            time(&it.not_after),
            it.digests.len().to_string(),
        ]);
    }
    sheet.table(&table);
    sheet.gap();
    sheet.pair_if("required", &document.required.join(", "));
    if let Some(signatures) = document.signatures {
        sheet.pair("signatures", &signatures.to_string());
    }
    let digest = document.digest.as_ref().map(ToString::to_string);
    sheet.pair_if("digest", &digest.unwrap_or_default());
    sheet.finish()
}
