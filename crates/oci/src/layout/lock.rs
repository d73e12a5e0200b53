//! The lock under which `index.json` changes.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use boltseal_ports::{RegistryError, RegistryErrorKind};

use super::trouble;

/// The lock's file. It stays: removing it would let two processes hold two locks.
pub(crate) const LOCK_FILE: &str = ".boltseal.lock";

const PATIENCE: Duration = Duration::from_secs(30);

/// The right to change a layout's `index.json`, given up when dropped or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of the layout in `root`, at most 30 seconds. Blocks.
    pub(crate) fn take(root: &Path) -> Result<Self, RegistryError> {
        Self::take_within(root, PATIENCE)
    }

    fn take_within(root: &Path, patience: Duration) -> Result<Self, RegistryError> {
        let path = root.join(LOCK_FILE);
        let failed = |error| trouble::unreachable(&path.display().to_string(), &error);
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true);
        let file = file.open(&path).map_err(failed)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() >= patience => {
                    return Err(held(&path, patience));
                }
                // A random pause, so that many waiting processes do not march in step.
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(fastrand::u64(1..10)));
                }
            }
        }
    }
}

fn held(path: &Path, patience: Duration) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Unreachable, path.display().to_string())
        .expected("the layout's lock")
        .found(format!("another process holding it for {} s", patience.as_secs()))
        .fix("wait for the other run on this layout, or end it, and run again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_held_by_one_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let held = Lock::take(root.path()).unwrap();
        let refused = Lock::take_within(root.path(), Duration::from_millis(20)).unwrap_err();
        assert_eq!(refused.kind, RegistryErrorKind::Unreachable);
        assert!(refused.place.ends_with(LOCK_FILE), "{refused}");
        drop(held);
        Lock::take_within(root.path(), Duration::ZERO).unwrap();
    }
}
