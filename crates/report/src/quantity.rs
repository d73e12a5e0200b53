//! Numbers as people read them.

use std::time::Duration;

const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// Bytes in decimal units, as registries bill them: `249 MB`, `1.5 kB`.
pub fn bytes(count: u64) -> String {
    let mut whole = count;
    let mut tenths = 0;
    let mut unit = 0;
    while whole >= 1000 && unit + 1 < UNITS.len() {
        tenths = whole % 1000 / 100;
        whole /= 1000;
        unit += 1;
    }
    if whole < 10 && unit > 0 {
        format!("{whole}.{tenths} {}", UNITS[unit])
    } else {
        format!("{whole} {}", UNITS[unit])
    }
}

/// A duration in seconds: `0.04 s`, `12.1 s`.
pub fn seconds(took: Duration) -> String {
    let decimals = if took.as_secs() < 10 { 2 } else { 1 };
    format!("{:.decimals$} s", took.as_secs_f64())
}

/// `1 request`, `2 requests`.
pub fn requests(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} request{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_change_at_a_thousand() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_999, "9.9 kB"),
            (10_000, "10 kB"),
            (249_300_000, "249 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(seconds(Duration::from_millis(1_234)), "1.23 s");
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!((requests(1), requests(0)), ("1 request".to_owned(), "0 requests".to_owned()));
    }
}
