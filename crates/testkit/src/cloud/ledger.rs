use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::lock::locked;

use super::Service;

/// One call of a service and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The service.
    pub service: Service,
    /// The operation, as the API calls it.
    pub operation: String,
    /// The session that called, as an ARN; none for a call that nobody signs.
    pub session: Option<String>,
    /// The code of the error that was answered.
    pub error: Option<String>,
}

/// A permission that a session made use of, or was denied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// `SERVICE:Name`.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// The session, as an ARN.
    pub session: String,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// What was called, and which permissions that took.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    calls: Mutex<Vec<Called>>,
    uses: Mutex<BTreeSet<Used>>,
}

impl Ledger {
    pub(crate) fn add_call(&self, call: Called) {
        locked(&self.calls).push(call);
    }

    pub(crate) fn add_use(&self, used: Used) {
        locked(&self.uses).insert(used);
    }

    pub(crate) fn calls(&self) -> Vec<Called> {
        locked(&self.calls).clone()
    }

    pub(crate) fn uses(&self) -> Vec<Used> {
        locked(&self.uses).iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        locked(&self.calls).clear();
        locked(&self.uses).clear();
    }
}
