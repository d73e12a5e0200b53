use std::sync::Mutex;

use crate::lock::locked;

use super::service::{Operation, Protocol, Service};
use super::service_error::ServiceError;

/// Errors that calls are answered on purpose, each so many times.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<Vec<Trouble>>);

#[derive(Clone, Debug)]
struct Trouble {
    operation: Operation,
    left: u64,
    error: ServiceError,
}

impl Troubles {
    /// The next `times` calls of an operation fail so.
    pub(crate) fn set(&self, operation: Operation, times: u64, error: ServiceError) {
        locked(&self.0).push(Trouble { operation, left: times, error });
    }

    /// Fails where a call of this operation is to fail now.
    pub(crate) fn strike(&self, operation: &Operation) -> Result<(), ServiceError> {
        let mut troubles = locked(&self.0);
        let due = |it: &&mut Trouble| it.operation == *operation && it.left > 0;
        let Some(trouble) = troubles.iter_mut().find(due) else {
            return Ok(());
        };
        trouble.left -= 1;
        Err(trouble.error.clone())
    }
}

/// What a service says to somebody who asks too often.
pub(crate) fn throttled(service: Service) -> ServiceError {
    let message = "Rate exceeded";
    match service.protocol() {
        Protocol::Json => ServiceError::new("ThrottlingException", message),
        Protocol::Query => ServiceError::new("Throttling", message),
        Protocol::RestJson => ServiceError {
            retry_after: Some(1),
            ..ServiceError::new("ThrottlingException", message).with_status(429)
        },
    }
}
