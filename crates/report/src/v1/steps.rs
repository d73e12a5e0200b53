use boltseal_pipeline::Step;
use serde::Serialize;

/// One step of a journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepSummary {
    /// Its name.
    pub name: &'static str,
    /// How long it took.
    pub seconds: f64,
    /// Requests, reads and writes.
    pub requests: u64,
    /// Body bytes in both directions.
    pub bytes: u64,
}

impl From<&Step> for StepSummary {
    fn from(step: &Step) -> Self {
        Self {
            name: step.name,
            // Milliseconds are as much as anyone compares.
            seconds: (step.took.as_secs_f64() * 1000.0).round() / 1000.0,
            requests: step.traffic.requests(),
            bytes: step.traffic.bytes(),
        }
    }
}
