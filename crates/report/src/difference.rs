//! The gate against an earlier release, in words.

use boltseal_core::Finding;
use boltseal_gate::{Diff, Listing};

/// How many findings are named of each kind.
const NAMED: usize = 5;

/// The kinds of the diff, what counts first.
pub(crate) const fn kinds(diff: &Diff) -> [(&'static str, &Listing); 4] {
    [
        ("new", &diff.new),
        ("fixed", &diff.fixed),
        ("carried", &diff.carried),
        ("waived", &diff.waived),
    ]
}

/// Why every finding is new, where there is nothing to compare with.
pub(crate) fn lack(diff: &Diff) -> Option<String> {
    let why = diff.problem.as_deref().unwrap_or("there is no earlier release");
    diff.baseline.is_none().then(|| format!("{why}; every finding is new"))
}

/// `3 new, 1 fixed, 40 carried, 0 waived`.
pub(crate) fn counts(diff: &Diff) -> String {
    kinds(diff).map(|(label, listing)| format!("{} {label}", listing.count)).join(", ")
}

/// `7: CVE-1 in zlib 1.3, ...`.
pub(crate) fn named(listing: &Listing) -> String {
    let names = names(listing);
    if names.is_empty() { listing.count.to_string() } else { format!("{}: {names}", listing.count) }
}

/// The worst few by their names, and that there are more.
pub(crate) fn names(listing: &Listing) -> String {
    let words =
        |it: &Finding| format!("{} in {} {}", it.id, it.package, it.version).trim_end().to_owned();
    let mut named: Vec<String> = listing.findings.iter().take(NAMED).map(words).collect();
    if listing.count > named.len() as u64 {
        named.push("\u{2026}".to_owned());
    }
    named.join(", ")
}
