//! What was measured, run by run.

use super::budget::figure;
use super::cost::Cost;
use super::spread::Spread;

/// What each step cost, in the order in which steps were first measured.
#[derive(Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
}

struct Entry {
    what: String,
    costs: Vec<Cost>,
    requests: Option<usize>,
}

impl Ledger {
    pub(super) const HEADINGS: [&'static str; 6] =
        ["", "wall, median", "least-greatest", "processor", "peak", "requests"];

    /// Adds one run of a step.
    pub(super) fn add(&mut self, what: &str, cost: Cost, requests: Option<usize>) {
        let place = self.entries.iter().position(|entry| entry.what == what);
        let place = place.unwrap_or_else(|| {
            self.entries.push(Entry { what: what.to_owned(), costs: Vec::new(), requests: None });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[place];
        entry.costs.push(cost);
        entry.requests = entry.requests.max(requests);
    }

    /// Seconds of a step, run by run; of an unknown step none.
    pub(super) fn walls(&self, what: &str) -> Vec<f64> {
        self.figures(what, |cost| cost.wall)
    }

    fn figures(&self, what: &str, figure: fn(&Cost) -> f64) -> Vec<f64> {
        let entry = self.entries.iter().find(|entry| entry.what == what);
        entry.map_or_else(Vec::new, |entry| entry.costs.iter().map(figure).collect())
    }

    /// Seconds of processor time of a step, run by run.
    pub(super) fn cpus(&self, what: &str) -> Vec<f64> {
        self.figures(what, |cost| cost.cpu)
    }

    /// One row for each step: medians; of the memory and the requests the most.
    pub(super) fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.entries.iter().map(Entry::row)
    }
}

impl Entry {
    fn row(&self) -> Vec<String> {
        let wall = Spread::of(self.costs.iter().map(|cost| cost.wall));
        let cpu = Spread::of(self.costs.iter().map(|cost| cost.cpu));
        let peak = self.costs.iter().map(|cost| cost.peak).max().unwrap_or_default();
        vec![
            self.what.clone(),
            wall.median_seconds(),
            wall.range(),
            if cpu.median.is_nan() { String::new() } else { format!("{:.2} s", cpu.median) },
            if peak == 0 { String::new() } else { format!("{:.0} MB", figure(peak) / 1e6) },
            self.requests.map_or_else(String::new, |requests| requests.to_string()),
        ]
    }
}

/// The ratio of two steps, run by run, so that a machine that slows down slows both.
pub(super) fn ratio(above: &[f64], below: &[f64]) -> Spread {
    Spread::of(above.iter().zip(below).map(|(above, below)| above / below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_ran_twice_is_one_row() {
        let mut ledger = Ledger::default();
        for (wall, peak, requests) in [(1.0, 5_000_000, 7), (3.0, 4_000_000, 9)] {
            ledger.add("push", Cost { wall, cpu: wall, peak }, Some(requests));
        }
        let rows: Vec<_> = ledger.rows().collect();
        assert_eq!(rows, [["push", "2.000 s", "1.000-3.000", "2.00 s", "5 MB", "9"]]);
        assert_eq!(ledger.walls("push"), [1.0, 3.0]);
        assert!(ledger.walls("pull").is_empty());
    }

    #[test]
    fn ratios_are_taken_run_by_run() {
        let ratios = ratio(&[2.0, 30.0], &[1.0, 10.0]);
        assert_eq!((ratios.least, ratios.greatest), (2.0, 3.0));
    }
}
