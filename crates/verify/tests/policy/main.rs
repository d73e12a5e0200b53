//! What a policy demands of evidence that verifies: each member passing and refusing, by signed
//! statements and a fixed clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod scans;
mod signed;
mod signers;
mod source;
mod verdict;

/// The time of every judgement.
const NOW: &str = "2026-06-01T12:00:00Z";
