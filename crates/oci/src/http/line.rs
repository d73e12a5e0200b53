//! The way to a registry.

use super::endpoint::Endpoint;
use super::transport::Transport;

/// A registry, and the connections to it and to its token service.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) transport: &'a Transport,
}
