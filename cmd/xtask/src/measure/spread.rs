//! Several measurements of the same thing.

/// The least, the middle and the greatest of several figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) greatest: f64,
}

impl Spread {
    /// Of no figures, all three are not a number.
    pub(super) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let count = sorted.len();
        Self {
            least: at(0),
            median: f64::midpoint(at(count.saturating_sub(1) / 2), at(count / 2)),
            greatest: at(count.saturating_sub(1)),
        }
    }

    /// `0.62 s`
    pub(super) fn median_seconds(&self) -> String {
        format!("{:.3} s", self.median)
    }

    /// `0.60-0.71`
    pub(super) fn range(&self) -> String {
        format!("{:.3}-{:.3}", self.least, self.greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        let spread = Spread::of([4.0, 1.0, 2.0, 3.0]);
        assert_eq!(spread, Spread { least: 1.0, median: 2.5, greatest: 4.0 });
        assert!((Spread::of([3.0, 1.0, 9.0]).median - 3.0).abs() < f64::EPSILON);
        assert!(Spread::of([]).median.is_nan());
    }
}
