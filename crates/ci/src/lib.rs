//! What a CI system says about the run that boltseal is part of.
//!
//! It reads environment variables that it is given, and nothing else: no file, no network. All
//! of it is only environment, which anyone in the job can set; whoever writes it into a
//! provenance says so. Tokens and other secrets are never read: each fact is taken from a named
//! variable, and none of those holds one.
//!
//! ```
//! let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "acme/app")];
//! let run = boltseal_ci::Run::detect(|name| {
//!     variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
//! });
//! assert_eq!(run.unwrap().facts["repository"], "acme/app");
//! ```

mod github;
mod gitlab;
mod provider;
mod run;

pub use provider::Provider;
pub use run::Run;
