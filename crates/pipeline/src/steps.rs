//! Steps: timed, counted, and told to the reporter.

use std::time::{Duration, Instant};

use boltseal_core::Location;
use boltseal_ports::{Meter, Progress, Registry, Reporter, Traffic};

/// One step that ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, as in DESIGN.md 2.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
    /// What it sent and received, at registries and services together.
    pub traffic: Traffic,
}

/// Keeps the steps of one journey.
pub(crate) struct Steps<'a> {
    registries: Vec<&'a dyn Registry>,
    /// Others that send and receive: a cloud's control plane, its keys.
    meters: &'a [&'a dyn Meter],
    reporter: &'a dyn Reporter,
    done: Vec<Step>,
}

impl<'a> Steps<'a> {
    pub(crate) const fn new(
        registries: Vec<&'a dyn Registry>,
        meters: &'a [&'a dyn Meter],
        reporter: &'a dyn Reporter,
    ) -> Self {
        Self { registries, meters, reporter, done: Vec::new() }
    }

    /// Runs `work` as the step `name`. A step that fails is kept as well: its time and its
    /// requests were spent.
    pub(crate) async fn run<T>(&mut self, name: &'static str, work: impl Future<Output = T>) -> T {
        self.reporter.report(Progress::Started { step: name });
        let (began, before) = (Instant::now(), self.traffic());
        let value = work.await;
        let step = Step { name, took: began.elapsed(), traffic: self.traffic() - before };
        let (took, traffic) = (step.took, step.traffic);
        self.reporter.report(Progress::Finished { step: name, took, traffic });
        self.done.push(step);
        value
    }

    /// Everything sent and received so far.
    pub(crate) fn traffic(&self) -> Traffic {
        let registries = self.registries.iter().map(|it| network_traffic(*it));
        let others = self.meters.iter().map(|it| it.traffic());
        registries.chain(others).fold(Traffic::default(), std::ops::Add::add)
    }

    pub(crate) fn into_done(self) -> Vec<Step> {
        self.done
    }
}

/// What went over the network: a layout counts its files too, and those are no requests.
pub(crate) fn network_traffic(registry: &dyn Registry) -> Traffic {
    match registry.location() {
        Location::Registry(_) => registry.traffic(),
        _ => Traffic::default(),
    }
}
