//! What all connections of one server share.

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

pub(super) use crate::lock::locked;

use super::Options;
use super::fault::Faults;
use super::halt::Halt;
use super::record::Log;
use super::repository::Repositories;
use super::token::Tokens;

/// The state of a server.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    /// `127.0.0.1:PORT`.
    pub(super) host: String,
    /// The same for the storage that blobs are redirected to.
    pub(super) storage_host: String,
    pub(super) repositories: Mutex<Repositories>,
    pub(super) faults: Mutex<Faults>,
    pub(super) halt: Mutex<Halt>,
    pub(super) log: Log,
    /// Numbers the upload sessions.
    pub(super) sessions: AtomicU64,
    pub(super) tokens: Mutex<Tokens>,
}

impl Shared {
    pub(super) fn new(options: Options, host: String, storage_host: String) -> Self {
        Self {
            options,
            host,
            storage_host,
            repositories: Mutex::default(),
            faults: Mutex::default(),
            halt: Mutex::default(),
            log: Log::default(),
            sessions: AtomicU64::new(1),
            tokens: Mutex::default(),
        }
    }
}
