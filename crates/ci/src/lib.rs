//! What a CI system says about the run that boltseal is part of, and its word for it.
//!
//! [`Run`] reads environment variables that it is given, and nothing else. All of it is only
//! environment, which anyone in the job can set; whoever writes it into a provenance says so.
//! None of the variables that it reads holds a secret.
//!
//! [`detect_identity`] finds where the run's `OpenID` Connect tokens come from: an endpoint, a
//! program, a variable or a file. Its claims can be trusted as far as whoever verifies the token.
//! Tokens are kept in memory, and shown nowhere.
//!
//! ```
//! let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "acme/app")];
//! let run = boltseal_ci::Run::detect(|name| {
//!     variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
//! });
//! assert_eq!(run.unwrap().facts["repository"], "acme/app");
//! ```

mod buildkite_token;
mod circleci_token;
mod github;
mod github_token;
mod gitlab;
mod given_token;
mod identity;
mod jwt;
mod provider;
mod run;
mod token_command;
mod token_file;
mod workflow;

pub use identity::{GITLAB_TOKEN_VARIABLE, detect_identity};
pub use jwt::{JwtProblem, MAX_TOKEN_BYTES, id_token};
pub use provider::Provider;
pub use run::Run;
pub use workflow::Workflow;
