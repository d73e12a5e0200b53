use boltseal_core::Severity;
use boltseal_posture::{Allowed, PublicPull, Request};
use clap::Args;

use super::PostureLevel;
use crate::config::PostureSection;

/// What the posture of a repository is judged against.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Posture")]
pub(crate) struct PostureArgs {
    /// Who may push: an ARN, an account id, an organisation id, a service or *. Repeatable; any
    /// other who is granted it refuses.
    #[arg(long, value_name = "PRINCIPAL")]
    allow_push: Vec<Allowed>,

    /// The repository is meant to be public.
    #[arg(long)]
    allow_public_pull: bool,

    /// Findings as bad as this, or worse, refuse: critical, high, medium, low or informational;
    /// critical unless said otherwise.
    #[arg(long, value_name = "SEVERITY")]
    posture_level: Option<PostureLevel>,
}

impl PostureArgs {
    /// A request with what these, and then the configuration, say.
    pub(crate) fn apply(&self, section: &PostureSection, request: Request) -> Request {
        let (flags, list) = (&self.allow_push, &section.allow_push);
        Request {
            allow_push: if flags.is_empty() { list.clone() } else { flags.clone() },
            public_pull: self.public_pull(section),
            refuse_at: self.posture_level.or(section.level).map_or(Severity::Critical, |it| it.0),
            ..request
        }
    }

    /// Whether anybody may pull.
    pub(crate) fn public_pull(&self, section: &PostureSection) -> PublicPull {
        if self.allow_public_pull || section.allow_public_pull == Some(true) {
            PublicPull::Allowed
        } else {
            PublicPull::Refused
        }
    }
}
