use crate::Paint;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::{CaseResult, PolicyTest};

/// A row for each case.
pub(crate) fn policy_test(document: &PolicyTest, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    let mut table = Table::new(&["case", "expected", "found", ""]);
    for case in &document.cases {
        table.row([name(case), case.expected.clone(), case.found(), word(case).to_owned()]);
    }
    sheet.table(&table);
    sheet.finish()
}

fn name(case: &CaseResult) -> String {
    match &case.at {
        Some(at) => format!("{} at {at}", case.target),
        None => case.target.clone(),
    }
}

const fn word(case: &CaseResult) -> &'static str {
    if case.met { "as expected" } else { "NOT as expected" }
}
