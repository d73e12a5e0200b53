//! A figure and its limit.

/// What was promised and what was measured.
#[derive(Clone)]
pub(super) struct Budget {
    what: String,
    limit: f64,
    measured: f64,
    bound: Bound,
    unit: Unit,
}

/// On which side of the limit a budget is kept.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast,
    AtMost,
}

/// How a figure is written.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Count,
    Megabytes,
    Seconds,
    Times,
}

impl Budget {
    pub(super) const HEADINGS: [&'static str; 4] = ["", "budget", "measured", ""];

    pub(super) fn at_most(what: &str, limit: f64, measured: f64, unit: Unit) -> Self {
        Self { what: what.to_owned(), limit, measured, bound: Bound::AtMost, unit }
    }

    pub(super) fn at_least(what: &str, limit: f64, measured: f64, unit: Unit) -> Self {
        Self { what: what.to_owned(), limit, measured, bound: Bound::AtLeast, unit }
    }

    pub(super) fn is_kept(&self) -> bool {
        match self.bound {
            Bound::AtLeast => self.measured >= self.limit,
            Bound::AtMost => self.measured <= self.limit,
        }
    }

    /// What, budget, measured, `ok` or `over`.
    pub(super) fn row(&self) -> Vec<String> {
        let bound = match self.bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        };
        vec![
            self.what.clone(),
            format!("{bound} {}", self.unit.limit(self.limit)),
            self.unit.figure(self.measured),
            if self.is_kept() { "ok" } else { "over" }.to_owned(),
        ]
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
pub(super) fn figure(count: u64) -> f64 {
    count as f64
}

impl Unit {
    /// As a limit is written: without decimals that it does not have.
    fn limit(self, value: f64) -> String {
        match self {
            Self::Count => format!("{value}"),
            Self::Megabytes => format!("{value} MB"),
            Self::Seconds => format!("{value} s"),
            Self::Times => format!("{value} x"),
        }
    }

    fn figure(self, value: f64) -> String {
        match self {
            Self::Count => format!("{value:.0}"),
            Self::Megabytes => format!("{value:.0} MB"),
            Self::Seconds => format!("{value:.3} s"),
            Self::Times => format!("{value:.2} x"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept_up_to_its_limit_and_no_further() {
        let kept = |measured| Budget::at_most("", 62.0, measured, Unit::Count).is_kept();
        assert!(kept(61.0) && kept(62.0) && !kept(63.0));
        let kept = |measured| Budget::at_least("", 10.0, measured, Unit::Times).is_kept();
        assert!(!kept(9.9) && kept(10.0) && kept(10.1));
        assert!(!kept(f64::NAN), "what was not measured is not kept");
    }

    #[test]
    fn a_row_says_which_side_and_whether() {
        let row = Budget::at_least("release", 10.0, 9.5, Unit::Times).row();
        assert_eq!(row, ["release", "at least 10 x", "9.50 x", "over"]);
        let row = Budget::at_most("verify", 0.1, 0.05, Unit::Seconds).row();
        assert_eq!(row, ["verify", "at most 0.1 s", "0.050 s", "ok"]);
    }
}
