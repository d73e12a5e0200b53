//! File work, off the threads that drive connections.

use boltseal_ports::{RegistryError, RegistryErrorKind};

/// Runs `work` where it may block, and carries its panic over to the caller.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, RegistryError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(RegistryError::new(RegistryErrorKind::Aborted, "a file")
            .expected("to be read or written")
            .found("the program shutting down")
            .fix("run it again; what was done is found done")),
    }
}
