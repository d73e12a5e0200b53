use std::time::Duration;

use aws_credential_types::Credentials;
use jiff::Timestamp;

use super::Caller;

/// How long before their end credentials are renewed, at most.
const MARGIN: Duration = Duration::from_mins(5);

/// Credentials, and until when they are used.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) credentials: Credentials,
    pub(super) life: Option<Life>,
    /// Whose they are, where that was told with them.
    pub(super) caller: Option<Caller>,
    /// Which of the credentials of a session they are.
    pub(super) generation: u64,
}

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
}

impl Held {
    /// Whether they still have time enough for a call.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.life.is_none_or(|life| now < life.due())
    }
}

impl Life {
    pub(super) fn of(credentials: &Credentials, begins: Timestamp) -> Option<Self> {
        let ends = Timestamp::try_from(credentials.expiry()?).ok()?;
        Some(Self { begins, ends })
    }

    /// When they are to be renewed: five minutes before their end, or when two thirds of a short
    /// life are over.
    pub(super) fn due(self) -> Timestamp {
        self.ends.checked_sub(self.margin()).unwrap_or(self.ends)
    }

    /// The time from one renewal to the next.
    pub(super) fn step(self) -> Duration {
        self.length().saturating_sub(self.margin())
    }

    fn margin(self) -> Duration {
        MARGIN.min(self.length() / 3)
    }

    fn length(self) -> Duration {
        Duration::try_from(self.ends.duration_since(self.begins)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(seconds: i64) -> Life {
        let begins = Timestamp::UNIX_EPOCH;
        Life { begins, ends: begins + Duration::from_secs(seconds.unsigned_abs()) }
    }

    #[test]
    fn long_lives_are_renewed_five_minutes_early_and_short_ones_at_two_thirds() {
        assert_eq!(life(3600).due().as_second(), 3300);
        assert_eq!(life(900).due().as_second(), 600);
        assert_eq!(life(60).due().as_second(), 40);
        assert_eq!(life(60).step(), Duration::from_secs(40));
    }

    #[test]
    fn freshness_ends_when_they_are_due() {
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let held = Held { credentials, life: Some(life(60)), caller: None, generation: 0 };
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(held.is_fresh(at(39)) && !held.is_fresh(at(40)));
        assert!(Held { life: None, ..held }.is_fresh(Timestamp::MAX));
    }
}
