//! Stopping at a write, to kill a client there.

use tokio::sync::oneshot;

/// On which side of a write to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The write is done, but its answer never leaves.
    After,
    /// The write is not done.
    Before,
}

/// Where to stop, and whether it has been reached.
#[derive(Debug, Default)]
pub(super) enum Halt {
    Armed {
        /// Writes left until the one meant, which is 0.
        left: u64,
        edge: Edge,
        reached: oneshot::Sender<()>,
    },
    #[default]
    Off,
    /// Nothing is served. Holds who is to be told, until the last write is done.
    Stopped(Option<oneshot::Sender<()>>),
}

/// What a write must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Go through and be answered.
    Go,
    /// Go through and not be answered.
    Last,
    /// Not go through.
    No,
}

impl Halt {
    pub(super) fn arm(&mut self, write: u64, edge: Edge) -> oneshot::Receiver<()> {
        let (reached, receiver) = oneshot::channel();
        *self = Self::Armed { left: write.saturating_sub(1), edge, reached };
        receiver
    }

    pub(super) const fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }

    /// Asked before each write, under the lock that is also held while the write is done.
    pub(super) fn pass(&mut self) -> Pass {
        match std::mem::take(self) {
            Self::Off => Pass::Go,
            Self::Stopped(pending) => {
                *self = Self::Stopped(pending);
                Pass::No
            }
            Self::Armed { left: 0, edge, reached } => {
                *self = Self::Stopped(Some(reached));
                match edge {
                    Edge::After => Pass::Last,
                    Edge::Before => Pass::No,
                }
            }
            Self::Armed { left, edge, reached } => {
                let left = left - 1;
                *self = Self::Armed { left, edge, reached };
                Pass::Go
            }
        }
    }

    /// Called when the write that [`Halt::pass`] was asked for is done or refused.
    pub(super) fn settle(&mut self) {
        if let Self::Stopped(pending) = self
            && let Some(reached) = pending.take()
        {
            // Nobody may be waiting, which is fine: the state can also be asked for.
            let _ = reached.send(());
        }
    }
}
