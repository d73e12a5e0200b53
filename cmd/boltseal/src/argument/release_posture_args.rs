use boltseal_pipeline::PostureAttestation;
use clap::Args;

use super::{PostureArgs, PostureMode};
use crate::config::PostureSection;

/// What a release makes of the posture of its repository.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Posture")]
pub(crate) struct ReleasePostureArgs {
    /// Who else could replace what is released, found out meanwhile by a few more requests: off;
    /// warn; or block, which refuses before anything is written. Without it: warn where the
    /// destination is Amazon ECR and there are credentials for AWS, else off.
    #[arg(long, value_name = "MODE")]
    posture: Option<PostureMode>,

    /// Sign what was found about the posture, as one more piece of evidence.
    #[arg(long)]
    attest_posture: bool,

    #[command(flatten)]
    pub(crate) judged: PostureArgs,
}

impl ReleasePostureArgs {
    /// The mode that somebody asked for.
    pub(crate) fn mode(&self, section: &PostureSection) -> Option<PostureMode> {
        self.posture.or(section.mode)
    }

    /// Whether it becomes evidence.
    pub(crate) fn attestation(&self, section: &PostureSection) -> PostureAttestation {
        if self.attest_posture || section.attest == Some(true) {
            PostureAttestation::Written
        } else {
            PostureAttestation::None
        }
    }
}
