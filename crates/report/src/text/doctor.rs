use crate::Paint;
use crate::sheet::Sheet;
use crate::v1::Doctor;

/// The verdict and its reasons, what is so, what was checked, what was written.
pub(crate) fn doctor(document: &Doctor, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    if !document.facts.is_empty() {
        sheet.gap();
    }
    for (name, value) in &document.facts {
        sheet.pair(name, value);
    }
    for (index, check) in document.checks.iter().enumerate() {
        if index == 0 {
            sheet.heading("checks");
        }
        sheet.item(check.status.name(), &format!("{}: {}", check.name, check.found));
        sheet.part("fix", &check.fix);
    }
    for (index, written) in document.wrote.iter().enumerate() {
        if index == 0 {
            sheet.heading("written");
        }
        sheet.item("-", written);
    }
    sheet.finish()
}
