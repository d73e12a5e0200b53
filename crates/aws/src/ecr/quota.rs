//! How fast a registry may be asked: ECR's default quotas, per account and region.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boltseal_ports::RegistryCall;
use tokio::time::{Instant, sleep_until};

/// What a request to the registry counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EcrAction {
    /// Which blobs are there.
    BatchCheckLayerAvailability,
    /// A manifest is read.
    BatchGetImage,
    /// An upload ends.
    CompleteLayerUpload,
    /// A blob is read.
    GetDownloadUrlForLayer,
    /// An upload begins.
    InitiateLayerUpload,
    /// A manifest is written, or a tag.
    PutImage,
    /// Bytes of an upload.
    UploadLayerPart,
}

impl EcrAction {
    /// What a request of the distribution specification counts as.
    pub const fn of(call: RegistryCall) -> &'static [Self] {
        match call {
            RegistryCall::BlobRead => &[Self::GetDownloadUrlForLayer],
            RegistryCall::ManifestRead => &[Self::BatchGetImage],
            RegistryCall::ManifestWrite => &[Self::PutImage],
            RegistryCall::UploadBegin => &[Self::InitiateLayerUpload],
            RegistryCall::UploadEnd => &[Self::UploadLayerPart, Self::CompleteLayerUpload],
        }
    }

    /// How many of them ECR takes in a second, unless the account's quota was raised.
    pub const fn per_second(self) -> u32 {
        match self {
            Self::BatchCheckLayerAvailability => 1_000,
            Self::BatchGetImage => 2_000,
            Self::CompleteLayerUpload | Self::InitiateLayerUpload => 100,
            Self::GetDownloadUrlForLayer => 3_000,
            Self::PutImage => 10,
            Self::UploadLayerPart => 500,
        }
    }
}

/// One token bucket for each action. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct EcrQuota(Arc<Mutex<HashMap<EcrAction, Bucket>>>);

impl EcrQuota {
    /// Waits until one more request of this kind fits. Those who wait are let through in the
    /// order in which they came.
    pub async fn turn(&self, action: EcrAction) {
        let now = Instant::now();
        let due = self.0.lock().map_or(now, |mut buckets| {
            let bucket = buckets.entry(action).or_insert_with(|| Bucket::full(now));
            bucket.take(now, action.per_second())
        });
        sleep_until(due).await;
    }
}

/// A bucket that holds a second's worth, as the time at which it would be full again.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    const fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes one token; answers when it is there.
    fn take(&mut self, now: Instant, per_second: u32) -> Instant {
        let second = Duration::from_secs(1);
        self.full_at = self.full_at.max(now) + second / per_second;
        // With a whole second missing the bucket is empty.
        self.full_at.checked_sub(second).map_or(now, |due| due.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_s_worth_goes_at_once_and_the_rest_in_its_time() {
        let quota = EcrQuota::default();
        let began = Instant::now();
        for _ in 0..10 {
            quota.turn(EcrAction::PutImage).await;
        }
        assert!(began.elapsed() < Duration::from_millis(10), "{:?}", began.elapsed());
        for _ in 0..20 {
            quota.turn(EcrAction::PutImage).await;
        }
        let took = began.elapsed();
        assert!((1_990..2_100).contains(&took.as_millis()), "{took:?}");
        quota.turn(EcrAction::InitiateLayerUpload).await;
        assert_eq!(began.elapsed(), took);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_together_do_not_burst() {
        let quota = EcrQuota::default();
        let began = Instant::now();
        let turns = (0..40).map(|_| quota.turn(EcrAction::PutImage));
        futures_util::future::join_all(turns).await;
        assert!(began.elapsed() >= Duration::from_millis(2_900), "{:?}", began.elapsed());
        tokio::time::sleep(Duration::from_mins(1)).await;
        let later = Instant::now();
        for _ in 0..10 {
            quota.turn(EcrAction::PutImage).await;
        }
        assert!(later.elapsed() < Duration::from_millis(10), "the bucket holds one second's worth");
    }
}
