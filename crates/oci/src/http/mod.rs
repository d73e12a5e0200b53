//! A registry over HTTP (OCI distribution-spec 1.1, and the dialects of ECR and GHCR).
//!
//! Own code on `reqwest`: docs/adr/0001-own-registry-client.md says why. What it keeps to:
//!
//! - No request that says nothing: no `GET /v2/`; the first request is anonymous, and what its
//!   401 asks for is remembered.
//! - Absence is an answer, never a failure: see [`HttpRegistry`]'s `fetch_manifest`.
//! - One way to upload: a `POST` and one streaming `PUT`, begun again from the source's start.
//! - Credentials go to the registry and its token service, and never over a redirect.

mod access;
mod answer;
mod blob;
mod challenge;
mod complaint;
mod counter;
mod credential;
mod credential_file;
mod download;
mod endpoint;
mod exchange;
mod failure;
mod fallback;
mod feed;
mod keyring;
mod line;
mod link;
mod login;
mod manifest;
mod options;
mod patience;
mod place;
mod presence;
mod probe;
mod pulse;
mod realm;
mod referrer;
mod registry;
mod registry_map;
mod secrets;
mod shape;
mod tag;
mod token;
mod transport;
mod upload;

pub use credential::{Credentials, Issuer};
pub use login::Login;
pub use options::{HttpOptions, PlainHttp};
pub use probe::{Abilities, Ability, AbilityVerdict};
pub use registry::HttpRegistry;
pub use registry_map::{RegistryMap, RegistryMapError};
