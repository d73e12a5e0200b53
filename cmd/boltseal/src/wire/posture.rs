//! The posture of a release's destination.

use boltseal_aws::LivePosture;
use boltseal_core::{Location, Target};
use boltseal_pipeline::{Failure, PostureAttestation, PostureCheck, PostureEffect};
use boltseal_ports::{AccountDetails, PostureDepth, PostureScope};
use boltseal_posture::{Allowed, Request};

use super::Cloud;
use crate::argument::{KeySource, PostureMode, ReleasePostureArgs};
use crate::config::PostureSection;
use crate::usage::usage;

/// How a release looks at the posture of its destination.
pub(crate) struct ReleasePosture {
    source: LivePosture,
    scope: PostureScope,
    request: Request,
    effect: PostureEffect,
    attestation: PostureAttestation,
}

impl ReleasePosture {
    /// None where it does not look. `request` has what is released; who may push is added here,
    /// and so is the role of the run itself, for it is what pushes.
    pub(crate) fn of(
        (args, section): (&ReleasePostureArgs, &PostureSection),
        to: &Target,
        keys: &[KeySource],
        request: Request,
        cloud: &Cloud,
    ) -> Result<Option<Self>, Failure> {
        let attestation = args.attestation(section);
        let mode = args.mode(section);
        let effect = match mode {
            Some(PostureMode::Block) => PostureEffect::Block,
            Some(PostureMode::Warn) | None => PostureEffect::Warn,
            Some(PostureMode::Off) => return off(attestation),
        };
        let Location::Registry(repository) = &to.location else {
            return elsewhere(mode, attestation, to);
        };
        let is_used = mode.is_some() || cloud.ecr(repository)?.is_some();
        let source = if is_used { cloud.posture(repository)? } else { None };
        let Some(source) = source else { return elsewhere(mode, attestation, to) };
        let scope = PostureScope {
            repository: repository.path().to_owned(),
            keys: keys.iter().filter_map(KeySource::kms).map(str::to_owned).collect(),
            roles: Vec::new(),
            depth: PostureDepth::Release,
            account: AccountDetails::Skip,
        };
        let repository = Some(repository.path().to_owned());
        let mut request = args.judged.apply(section, Request { repository, ..request });
        request.allow_push.extend(cloud.role().and_then(|it| it.parse::<Allowed>().ok()));
        Ok(Some(Self { source, scope, request, effect, attestation }))
    }

    /// As the release wants it.
    pub(crate) fn check(&self) -> PostureCheck<'_> {
        PostureCheck {
            source: &self.source,
            scope: self.scope.clone(),
            request: self.request.clone(),
            effect: self.effect,
            attestation: self.attestation,
        }
    }
}

fn off(attestation: PostureAttestation) -> Result<Option<ReleasePosture>, Failure> {
    if attestation == PostureAttestation::None {
        return Ok(None);
    }
    Err(usage(
        "posture-off",
        "a posture to attest",
        "--attest-posture where the posture is not looked at",
        "give --posture warn or block, or leave --attest-posture out",
    ))
}

/// What nobody asked for is left out; what somebody asked for cannot be had.
fn elsewhere(
    mode: Option<PostureMode>,
    attestation: PostureAttestation,
    to: &Target,
) -> Result<Option<ReleasePosture>, Failure> {
    if mode.is_none() && attestation == PostureAttestation::None {
        return Ok(None);
    }
    Err(usage(
        "posture-elsewhere",
        "a private repository of Amazon ECR, and credentials for it",
        to.to_string(),
        "give --posture off: of other places boltseal does not know who may push",
    ))
}
