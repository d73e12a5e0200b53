//! How long AWS may fail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::{Instant, sleep, sleep_until};

use crate::fault::{Fault, FaultClass};
use crate::service::Service;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The patience with AWS. A service that throttles is left alone by all calls at once: each
/// refused request would only be one more that counts.
#[derive(Debug)]
pub(crate) struct Patience {
    /// What all attempts at one call may take together.
    total: Duration,
    calm: Mutex<HashMap<Service, Instant>>,
}

impl Patience {
    pub(crate) fn new(total: Duration) -> Self {
        Self { total, calm: Mutex::default() }
    }

    pub(crate) const fn total(&self) -> Duration {
        self.total
    }

    /// Makes a call until it succeeds, until trying again cannot help, or until the patience is
    /// over; then the last failure says how often it was tried.
    pub(crate) async fn send<T, E, F>(
        &self,
        service: Service,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        self.persist(service, || {
            let attempt = attempt();
            async { attempt.await.map_err(|error| Fault::of(&error)) }
        })
        .await
    }

    /// The same for calls that the SDK does not make.
    pub(crate) async fn persist<T, F>(
        &self,
        service: Service,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        T: Send,
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let began = Instant::now();
        let mut tries = 0;
        loop {
            self.wait_for(service).await;
            let fault = match attempt().await {
                Err(fault) if fault.may_pass() => fault,
                other => return other,
            };
            tries += 1;
            let pause = fault.wait.unwrap_or_default().max(pause_after(tries));
            if began.elapsed() + pause >= self.total {
                return Err(fault.given_up(tries, began.elapsed()));
            }
            if fault.class == FaultClass::Throttled {
                self.leave_alone(service, Instant::now() + pause);
            }
            sleep(pause).await;
        }
    }

    async fn wait_for(&self, service: Service) {
        let until = self.calm.lock().ok().and_then(|calm| calm.get(&service).copied());
        if let Some(until) = until {
            sleep_until(until).await;
        }
    }

    fn leave_alone(&self, service: Service, until: Instant) {
        if let Ok(mut calm) = self.calm.lock() {
            let known = calm.entry(service).or_insert(until);
            *known = until.max(*known);
        }
    }
}

/// A random time between a half and the whole of one that doubles with each failure.
fn pause_after(tries: u32) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    let longest = LONGEST_PAUSE.min(FIRST_PAUSE * 2_u32.pow(doublings));
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    async fn fail_with(patience: &Patience, fault: Fault) -> (Fault, u32, Duration) {
        let (tries, began) = (AtomicU32::new(0), Instant::now());
        let outcome = patience.persist(Service::Kms, || async {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(fault.clone())
        });
        let fault = outcome.await.unwrap_err();
        (fault, tries.load(Ordering::SeqCst), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_within_its_time_and_keeps_the_reason() {
        let patience = Patience::new(Duration::from_secs(30));
        let throttled = Fault::answered(400, "ThrottlingException", "Rate exceeded");
        let (fault, tries, took) = fail_with(&patience, throttled).await;
        assert_eq!(fault.class, FaultClass::Throttled);
        assert!(fault.message.starts_with("Rate exceeded; gave up after "), "{fault:?}");
        assert!(tries > 4 && took < Duration::from_secs(30), "{tries} in {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_final() {
        let patience = Patience::new(Duration::from_secs(30));
        let denied = Fault::answered(400, "AccessDeniedException", "no");
        assert_eq!(fail_with(&patience, denied.clone()).await.1, 1);
        assert_eq!(fail_with(&patience, denied.clone()).await.0, denied);
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_wait_longer_than_it_has_time() {
        let patience = Patience::new(Duration::from_secs(30));
        let mut throttled = Fault::answered(400, "ThrottlingException", "");
        throttled.wait = Some(Duration::from_hours(1));
        let (_, tries, took) = fail_with(&patience, throttled).await;
        assert_eq!((tries, took), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn others_leave_a_throttling_service_alone_too() {
        let patience = Patience::new(Duration::from_secs(30));
        let mut throttled = Fault::answered(400, "ThrottlingException", "");
        throttled.wait = Some(Duration::from_secs(5));
        let tries = AtomicU32::new(0);
        let refused = patience.persist(Service::Kms, || async {
            let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            if first { Err(throttled.clone()) } else { Ok(()) }
        });
        tokio::pin!(refused);
        // The first answer is there; its call waits.
        assert!(tokio::time::timeout(Duration::ZERO, &mut refused).await.is_err());
        let began = Instant::now();
        patience.persist(Service::Ecr, || async { Ok(()) }).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        patience.persist(Service::Kms, || async { Ok(()) }).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(5));
    }
}
