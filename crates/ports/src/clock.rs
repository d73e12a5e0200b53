use jiff::Timestamp;

/// Tells the time. Nothing but `cmd` and tests reads the machine's clock.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}
