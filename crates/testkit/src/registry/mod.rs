//! An OCI registry in this process: a real one with memory, not a mock.
//!
//! It speaks distribution-spec 1.1 over HTTP on a free port of the loopback, checks what real
//! registries check, and keeps exact bytes. [`Options`] make it another kind of registry (without
//! the Referrers API, with logins, in ECR's dialect), [`Fault`]s make it fail, a
//! [`Store`] lets a test look inside and tamper, and every request is [`Recorded`].
//!
//! ```
//! use boltseal_testkit::registry::{Options, Server};
//! let server = Server::start_blocking(Options::default());
//! assert!(server.host().starts_with("127.0.0.1:"));
//! assert_eq!(server.counts().requests(), 0);
//! ```

mod answer;
mod auth;
mod blob;
mod body;
mod call;
mod content;
mod doorkeeper;
mod ecr;
mod fault;
mod halt;
mod manifest;
mod options;
mod page;
mod query;
mod received;
mod record;
mod referrer;
mod repository;
mod route;
mod scope;
mod server;
mod service;
mod shared;
mod store;
mod tag;
mod token;
mod upload;
mod wire;

pub use auth::{Access, Auth, Bearer};
pub use doorkeeper::{Deed, Doorkeeper, Entrance, Refusal};
pub use fault::{Fault, Match, Tamper, What, When};
pub use halt::Edge;
pub use options::{
    Dialect, ImmutableTags, Locations, Mounts, NotFoundBody, Odd, Options, Redirects, Referrers,
    Repositories, SubjectHeader, Validation,
};
pub(crate) use query::{Query, encode};
pub use record::{Area, Counts, Recorded};
pub use server::Server;
pub use store::{Snapshot, Store};
