//! A clock that stands still.

use std::sync::{Mutex, PoisonError};

use boltseal_ports::Clock;
use jiff::{SignedDuration, Timestamp};

/// Tells the time it was set to, until it is moved.
///
/// ```
/// use boltseal_ports::Clock as _;
/// use boltseal_testkit::clock::FixedClock;
/// let clock = FixedClock::at("2026-11-24T10:00:00Z");
/// clock.advance(jiff::SignedDuration::from_mins(5));
/// assert_eq!(clock.now().to_string(), "2026-11-24T10:05:00Z");
/// ```
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that shows `now`.
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// A clock that shows a time written as RFC 3339.
    ///
    /// # Panics
    /// The text is no time.
    pub fn at(text: &str) -> Self {
        Self::new(text.parse().expect("a time written as RFC 3339"))
    }

    /// Shows another time.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves on (or back, where `by` is negative).
    ///
    /// # Panics
    /// The time would be out of what a timestamp can hold.
    pub fn advance(&self, by: SignedDuration) {
        self.set(self.now() + by);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
