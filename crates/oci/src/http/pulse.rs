//! Whether an upload still moves.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Bytes a second that a registry is given to check and store what it was sent.
const STORING: u64 = 16 * 1024 * 1024;

/// The signs of life of one upload. The time for which its source is silent does not count: it
/// may be waiting for the gate.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    beat: AtomicU64,
    resting: AtomicBool,
    limit: AtomicU64,
}

impl Pulse {
    /// `limit` is how long the connection may stand still.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            began: Instant::now(),
            beat: AtomicU64::new(0),
            resting: AtomicBool::new(false),
            limit: AtomicU64::new(millis(limit)),
        }
    }

    /// The connection took bytes.
    pub(super) fn beat(&self) {
        self.beat.store(millis(self.began.elapsed()), Ordering::Relaxed);
        self.resting.store(false, Ordering::Relaxed);
    }

    /// The connection would take bytes, but there are none.
    pub(super) fn rest(&self) {
        self.resting.store(true, Ordering::Relaxed);
    }

    /// All `size` bytes were taken; the registry now works on them.
    pub(super) fn last(&self, size: u64) {
        self.limit.fetch_add(size / STORING * 1000, Ordering::Relaxed);
        self.beat();
    }

    /// Ends when the connection has stood still for too long.
    pub(super) async fn stopped(&self) {
        loop {
            let limit = self.limit.load(Ordering::Relaxed);
            if self.resting.load(Ordering::Relaxed) {
                self.beat.store(millis(self.began.elapsed()), Ordering::Relaxed);
            }
            let due = self.beat.load(Ordering::Relaxed).saturating_add(limit);
            let now = millis(self.began.elapsed());
            if now >= due {
                return;
            }
            sleep(Duration::from_millis(due - now)).await;
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    const LIMIT: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn stops_only_when_the_connection_stands_still() {
        let pulse = Pulse::new(LIMIT);
        for _ in 0..3 {
            advance(Duration::from_secs(14)).await;
            pulse.beat();
        }
        assert!(timeout(Duration::from_secs(14), pulse.stopped()).await.is_err());
        assert!(timeout(Duration::from_secs(2), pulse.stopped()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_resting_source_is_no_stop() {
        let pulse = Pulse::new(LIMIT);
        pulse.rest();
        assert!(timeout(Duration::from_mins(10), pulse.stopped()).await.is_err());
        pulse.last(160 * 1024 * 1024);
        assert!(timeout(Duration::from_secs(24), pulse.stopped()).await.is_err());
        assert!(timeout(Duration::from_secs(2), pulse.stopped()).await.is_ok());
    }
}
