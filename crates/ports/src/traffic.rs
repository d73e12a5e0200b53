use std::ops::Sub;

/// Something that sends and receives, and counts it.
pub trait Meter: Send + Sync {
    /// Requests and bytes so far.
    fn traffic(&self) -> Traffic;
}

/// Requests and bytes since a registry was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that only read (`GET`, `HEAD`); token requests count.
    pub reads: u64,
    /// Requests that write (`POST`, `PUT`, `PATCH`, `DELETE`).
    pub writes: u64,
    /// Body bytes sent.
    pub sent: u64,
    /// Body bytes received.
    pub received: u64,
}

impl Traffic {
    /// Reads and writes together.
    pub const fn requests(&self) -> u64 {
        self.reads + self.writes
    }

    /// Bytes in both directions.
    pub const fn bytes(&self) -> u64 {
        self.sent + self.received
    }
}

impl Sub for Traffic {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            reads: self.reads.saturating_sub(earlier.reads),
            writes: self.writes.saturating_sub(earlier.writes),
            sent: self.sent.saturating_sub(earlier.sent),
            received: self.received.saturating_sub(earlier.received),
        }
    }
}

impl std::ops::Add for Traffic {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
            sent: self.sent + other.sent,
            received: self.received + other.received,
        }
    }
}
