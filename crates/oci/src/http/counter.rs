//! Counts requests and bytes.

use std::sync::atomic::{AtomicU64, Ordering};

use boltseal_ports::Traffic;
use reqwest::Method;

/// The traffic of one registry, counted from any thread.
#[derive(Debug, Default)]
pub(super) struct Counter {
    reads: AtomicU64,
    writes: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Counter {
    pub(super) fn request(&self, method: &Method) {
        if *method == Method::GET || *method == Method::HEAD {
            self.read();
        } else {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A request that reads, whatever its method: a token is asked for by `POST` too.
    pub(super) fn read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn traffic(&self) -> Traffic {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            reads: of(&self.reads),
            writes: of(&self.writes),
            sent: of(&self.sent),
            received: of(&self.received),
        }
    }
}
