//! The one place that writes to the terminal.

use std::io::Write;
use std::time::Duration;

/// Writes one line to standard error. That nobody reads it is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes one line of a result to standard output.
#[cfg(feature = "bench")]
pub(crate) fn result(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes the heading of a part of the work.
pub(crate) fn heading(title: &str) {
    say(&format!("\n## {title}"));
}

/// Seconds with one decimal, as the steps print them.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
