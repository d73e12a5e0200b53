use super::evidence::kind;
use crate::Paint;
use crate::quantity;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::{Inspect, Outcome};

pub(crate) fn inspect(document: &Inspect, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    if document.head.outcome != Outcome::Inspected {
        return sheet.finish();
    }
    sheet.pair_if("type", document.media_type.as_deref().unwrap_or_default());
    sheet.table(&platforms(document));
    sheet.table(&layers(document));
    sheet.table(&evidence(document));
    sheet.gap();
    if document.evidence.is_empty() {
        sheet.pair("evidence", "nothing is attached");
    }
    if let Some(reason) = &document.incomplete {
        sheet.warning(&format!("it is not known whether there is more: {reason}"));
    }
    sheet.pair("verified", "nothing: inspect trusts nobody; boltseal verify does that");
    sheet.finish()
}

fn platforms(document: &Inspect) -> Table {
    let mut table = Table::new(&["platform", "digest"]);
    for child in &document.platforms {
        table.row([child.platform.clone(), child.digest.to_string()]);
    }
    table
}

fn layers(document: &Inspect) -> Table {
    let mut table = Table::new(&["layer", "size", "type"]);
    for layer in &document.layers {
        let digest = layer.digest.short().to_owned();
        table.row([digest, quantity::bytes(layer.size), layer.media_type.clone()]);
    }
    table
}

fn evidence(document: &Inspect) -> Table {
    let mut table = Table::new(&["evidence", "format", "digest", "note"]);
    for node in &document.evidence {
        let digest = node.digest.as_ref().map_or("-", |digest| digest.short());
        table.row([
            kind(node.predicate_type.as_deref()),
            node.format.clone(),
            digest.to_owned(),
            node.problem.clone().unwrap_or_default(),
        ]);
    }
    table
}
