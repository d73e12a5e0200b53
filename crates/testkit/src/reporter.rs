//! Reporters that print nothing.

use std::sync::{Mutex, PoisonError};

use boltseal_ports::{Progress, Reporter};

/// Says nothing and keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Reporter for Quiet {
    fn report(&self, _: Progress) {}
}

/// Keeps what it was told.
///
/// ```
/// use boltseal_ports::{Progress, Reporter as _};
/// use boltseal_testkit::reporter::Recording;
/// let reporter = Recording::default();
/// reporter.report(Progress::Warning("old database".to_owned()));
/// assert_eq!(reporter.warnings(), ["old database"]);
/// ```
#[derive(Debug, Default)]
pub struct Recording(Mutex<Vec<Progress>>);

impl Recording {
    /// Everything so far.
    pub fn events(&self) -> Vec<Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The warnings so far.
    pub fn warnings(&self) -> Vec<String> {
        let events = self.events().into_iter();
        let texts = events.filter_map(|event| match event {
            Progress::Warning(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// The names of the steps that ended well, in their order.
    pub fn finished(&self) -> Vec<&'static str> {
        let events = self.events().into_iter();
        let steps = events.filter_map(|event| match event {
            Progress::Finished { step, .. } => Some(step),
            _ => None,
        });
        steps.collect()
    }
}

impl Reporter for Recording {
    fn report(&self, progress: Progress) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(progress);
    }
}
