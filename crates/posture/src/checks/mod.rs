//! The checks: each looks at one thing and answers findings.

mod change;
mod key;
mod lifecycle;
mod pull;
mod push;
mod registry;
mod repository;
mod scanning;
mod statement;
mod unknown;

pub use lifecycle::Expiry;
pub(crate) use lifecycle::expiries;

use crate::case::Case;
use crate::finding::Finding;
use crate::rights::{Reach, Right};
use crate::trust;

/// Everything there is to find.
pub(crate) fn all(case: &Case<'_>) -> Vec<Finding> {
    let checks: [fn(&Case<'_>) -> Vec<Finding>; 11] = [
        push::check,
        pull::check,
        change::check,
        statement::check,
        registry::check,
        repository::check,
        scanning::check,
        lifecycle::check,
        key::check,
        trust::check,
        unknown::check,
    ];
    checks.iter().flat_map(|check| check(case)).collect()
}

/// The rights that are not the same principal's under the same statement, with how far each
/// reaches.
fn reaching<'r>(case: &Case<'_>, rights: &'r [Right]) -> Vec<(&'r Right, Reach)> {
    rights.iter().map(|right| (right, Reach::of(right, case.account()))).collect()
}

/// `PRINCIPAL may push (ecr:PutImage)`, with its condition.
fn said(right: &Right, verb: &str) -> String {
    let condition = right.condition.as_ref().map_or_else(String::new, |it| format!(", if {it}"));
    format!("{} may {verb} ({}){condition}", right.principal, right.actions.join(", "))
}
