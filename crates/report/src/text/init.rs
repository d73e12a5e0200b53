use crate::Paint;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::Init;

/// What came of each file, what they are made of, and what to do next.
pub(crate) fn init(document: &Init, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    for warning in &document.warnings {
        sheet.warning(warning);
    }
    let mut files = Table::new(&["file", "state"]);
    for file in &document.files {
        files.row([file.path.clone(), file.state.name().to_owned()]);
    }
    sheet.table(&files);
    let mut settings = Table::new(&["made of", "value", "from"]);
    for it in &document.settings {
        settings.row([format!("--{}", it.name), it.value.clone(), it.origin.to_owned()]);
    }
    sheet.table(&settings);
    if !document.next.is_empty() {
        sheet.heading("next");
        for line in &document.next {
            sheet.verbatim(line);
        }
    }
    sheet.finish()
}
