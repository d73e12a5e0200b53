//! Pieces of evidence in tables.

use boltseal_core::{Digest, Kind};

use crate::table::Table;
use crate::v1::{PieceSummary, WrittenPiece};

/// What was looked at. Pieces about the children of an index name what they are about.
pub(crate) fn looked_at(pieces: &[PieceSummary], subject: Option<&Digest>) -> Table {
    let about = pieces.iter().any(|piece| Some(&piece.subject) != subject);
    let mut headers = vec!["kind", "status", "signer", "format", "digest"];
    if about {
        headers.push("about");
    }
    headers.push("note");
    let mut table = Table::new(&headers);
    for piece in pieces {
        let mut cells = vec![
            kind(piece.predicate_type.as_deref()),
            piece.status.to_owned(),
            or_dash(piece.signer.as_deref()),
            or_dash(piece.format.as_deref()),
            piece.digest.as_ref().map_or_else(dash, |it| it.short().to_owned()),
        ];
        if about {
            cells.push(piece.subject.short().to_owned());
        }
        cells.push(piece.reason.clone().unwrap_or_default());
        table.row(cells);
    }
    table
}

/// What was written or adopted.
pub(crate) fn written(pieces: &[WrittenPiece], subject: Option<&Digest>) -> Table {
    let about = pieces.iter().any(|piece| Some(&piece.subject) != subject);
    let mut headers = vec!["evidence", "digest", ""];
    if about {
        headers.push("about");
    }
    let mut table = Table::new(&headers);
    for piece in pieces {
        let state = if piece.adopted { "was there" } else { "written" };
        let state = match &*piece.format {
            "bundle" => state.to_owned(),
            format => format!("{state} ({format})"),
        };
        let mut cells = vec![kind(Some(&piece.predicate_type)), piece.digest.to_string(), state];
        if about {
            cells.push(piece.subject.short().to_owned());
        }
        table.row(cells);
    }
    table
}

/// The short name of a predicate type.
pub(crate) fn kind(predicate_type: Option<&str>) -> String {
    predicate_type.map_or_else(dash, |uri| Kind::of_predicate_type(uri).to_string())
}

fn or_dash(text: Option<&str>) -> String {
    text.map_or_else(dash, str::to_owned)
}

fn dash() -> String {
    "-".to_owned()
}
