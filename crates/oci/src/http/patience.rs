//! How long a registry may fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use boltseal_ports::RegistryError;
use tokio::time::{Instant, sleep, timeout_at};

use super::failure::{Cause, Failure, Trouble};

/// The time without any byte after which an attempt is broken off.
const STALL: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The patience with one registry, shared by all its requests.
#[derive(Debug)]
pub(super) struct Patience {
    total: Duration,
    spent: AtomicU64,
    heard: AtomicBool,
}

impl Patience {
    pub(super) fn new(total: Duration) -> Self {
        Self { total, spent: AtomicU64::new(0), heard: AtomicBool::new(false) }
    }

    /// The time without any byte after which an attempt is broken off.
    pub(super) fn stall(&self) -> Duration {
        STALL.min(self.total)
    }

    /// The registry answered something.
    pub(super) fn heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// What one series of attempts may take: what series that gave up have left over, and in any
    /// case a little, for a registry that fails at one thing may do well at others.
    fn allowance(&self) -> Duration {
        let spent = Duration::from_millis(self.spent.load(Ordering::Relaxed));
        self.total.saturating_sub(spent).max(self.total / 15)
    }

    fn spend(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let add = |spent: u64| Some(spent.saturating_add(millis));
        // The closure never answers None, so that this cannot fail.
        let _ = self.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// Attempts at one thing.
pub(super) struct Series<'a> {
    patience: &'a Patience,
    began: Instant,
    deadline: Option<Instant>,
    tries: u32,
}

impl<'a> Series<'a> {
    /// Attempts at a request with a small body and a small answer: all of them together, and
    /// each of them, take no longer than the patience and `extra`.
    pub(super) fn call(patience: &'a Patience, extra: Duration) -> Self {
        let began = Instant::now();
        Self { patience, began, deadline: Some(began + patience.allowance() + extra), tries: 0 }
    }

    /// Attempts at moving a blob, which may take as long as bytes are moving: the patience
    /// begins with the first failure.
    pub(super) fn transfer(patience: &'a Patience) -> Self {
        Self { patience, began: Instant::now(), deadline: None, tries: 0 }
    }

    /// Bounds one attempt by what is left.
    pub(super) async fn attempt<T>(
        &self,
        place: &str,
        attempt: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some(deadline) = self.deadline else {
            return attempt.await;
        };
        timeout_at(deadline, attempt).await.unwrap_or_else(|_| {
            Err(Trouble::new(Cause::Server, place, "no whole answer in time").into())
        })
    }

    /// After a failed attempt: waits until the next one is due, or gives up.
    pub(super) async fn pause(&mut self, failure: Failure) -> Result<(), RegistryError> {
        let trouble = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Passing(trouble) => trouble,
        };
        self.tries += 1;
        let wait = trouble.wait.unwrap_or_default().saturating_add(self.jitter());
        let left = self.deadline_for(trouble.cause).saturating_duration_since(Instant::now());
        if wait >= left {
            return Err(self.give_up(trouble));
        }
        sleep(wait).await;
        Ok(())
    }

    fn deadline_for(&mut self, cause: Cause) -> Instant {
        let now = Instant::now();
        // An attempt that ended by silence has used up that much patience.
        let silence = (now - self.began).min(self.patience.stall());
        let allowance = self.patience.allowance();
        let deadline =
            *self.deadline.get_or_insert_with(|| now + allowance.saturating_sub(silence));
        // Who never answered at all is more likely a typing error than an outage.
        if cause == Cause::Connection && !self.patience.heard.load(Ordering::Relaxed) {
            return deadline.min(self.began + self.patience.total / 3);
        }
        deadline
    }

    /// A random time up to one that doubles with each failure ("full jitter").
    fn jitter(&self) -> Duration {
        let doublings = self.tries.saturating_sub(1).min(16);
        let longest = LONGEST_PAUSE.min(FIRST_PAUSE * 2_u32.pow(doublings));
        longest.mul_f64(fastrand::f64())
    }

    fn give_up(&self, trouble: Trouble) -> RegistryError {
        let took = self.began.elapsed();
        self.patience.spend(took);
        let times = if self.tries == 1 { "try" } else { "tries" };
        let asked = trouble.wait.map_or_else(String::new, |wait| {
            format!(", and was asked to wait {} s", wait.as_secs())
        });
        let (tries, seconds) = (self.tries, took.as_secs_f64());
        trouble.into_error(&format!("gave up after {tries} {times} in {seconds:.1} s{asked}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boltseal_ports::RegistryErrorKind;

    fn trouble(cause: Cause, wait: Option<Duration>) -> Failure {
        let mut trouble = Trouble::new(cause, "GET http://h/x", "503");
        trouble.wait = wait;
        trouble.into()
    }

    async fn fail_for_good(patience: &Patience, cause: Cause) -> (RegistryError, Duration) {
        let begin = Instant::now();
        patience.heard();
        let mut series = Series::call(patience, Duration::ZERO);
        loop {
            if let Err(error) = series.pause(trouble(cause, None)).await {
                return (error, begin.elapsed());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_within_its_patience_and_is_shorter_next_time() {
        let patience = Patience::new(Duration::from_secs(45));
        let (error, took) = fail_for_good(&patience, Cause::Server).await;
        assert_eq!(error.kind, RegistryErrorKind::Unreachable);
        assert!(error.found.contains("gave up after"), "{error}");
        assert!(took <= Duration::from_secs(45) && took > Duration::from_secs(30), "{took:?}");
        let (error, took) = fail_for_good(&patience, Cause::Throttle).await;
        assert_eq!(error.kind, RegistryErrorKind::Throttled);
        assert!(took <= Duration::from_secs(15), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_wait_for_what_it_has_no_time_for() {
        let patience = Patience::new(Duration::from_secs(45));
        let mut series = Series::call(&patience, Duration::ZERO);
        let (begin, ten) = (Instant::now(), Duration::from_secs(10));
        series.pause(trouble(Cause::Throttle, Some(ten))).await.unwrap();
        assert!(begin.elapsed() >= ten);
        let hour = Some(Duration::from_hours(1));
        let error = series.pause(trouble(Cause::Throttle, hour)).await.unwrap_err();
        assert!(error.found.contains("asked to wait 3600 s"), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(12));
        let for_ever = Some(Duration::MAX);
        series.pause(trouble(Cause::Throttle, for_ever)).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_are_never_the_same_for_two() {
        let patience = Patience::new(Duration::from_hours(1));
        let mut pauses = Vec::new();
        for _ in 0..20 {
            let mut series = Series::call(&patience, Duration::ZERO);
            let mut own = Vec::new();
            for _ in 0..12 {
                let begin = Instant::now();
                series.pause(trouble(Cause::Server, None)).await.unwrap();
                own.push(begin.elapsed());
            }
            pauses.push(own);
        }
        let longest = |nth: usize| pauses.iter().map(|own| own[nth]).max().unwrap();
        // Of twenty random pauses the longest comes near the bound.
        let tick = Duration::from_millis(2);
        assert!(longest(0) <= FIRST_PAUSE + tick && longest(11) <= LONGEST_PAUSE + tick);
        assert!(longest(11) > LONGEST_PAUSE / 2, "{:?}", longest(11));
        assert_ne!(pauses[0], pauses[1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_attempt_is_cut() {
        let patience = Patience::new(Duration::from_secs(3));
        let series = Series::call(&patience, Duration::ZERO);
        let never = std::future::pending::<Result<(), Failure>>();
        let failure = series.attempt("GET http://h/x", never).await.unwrap_err();
        assert!(matches!(failure, Failure::Passing(_)));
    }
}
