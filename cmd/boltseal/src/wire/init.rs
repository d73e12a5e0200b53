//! What `init` needs of the CI system's environment and of AWS.

use boltseal_aws::{DEFAULT_AUDIENCE, EcrHost, JobTrust, ReleaseGrant, ScanAccess, json_text};
use boltseal_core::Repository;
use boltseal_pipeline::Failure;

use crate::argument::ScanSource;
use crate::init::{CiSystem, Origin, Settings, Source};
use crate::usage::usage;

/// What Terraform makes in its folder: programs, and states, which may have secrets. Its lock of
/// providers is not among it.
const IGNORED: &str = ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfplan\n";
/// The file that says so to git.
const GITIGNORE: &str = "iam/.gitignore";

/// What the CI system says of the run.
pub(crate) fn ci_source() -> Source {
    let mut source = Source::new(Origin::Environment);
    let Some(run) = boltseal_ci::Run::detect(|name| std::env::var(name).ok()) else {
        return source;
    };
    let system = match run.provider {
        boltseal_ci::Provider::GitHub => CiSystem::GitHub,
        boltseal_ci::Provider::GitLab => CiSystem::GitLab,
    };
    source.add("ci", system.to_string());
    let fact = |name: &str| run.facts.get(name).map(String::as_str);
    let server = fact("server").unwrap_or_default().trim_end_matches('/');
    let repository = fact("repository").map(|it| match server {
        "" => it.to_owned(),
        server => format!("{server}/{it}"),
    });
    source.add_some("source-repository", repository);
    let branch = std::env::var("CI_DEFAULT_BRANCH").ok().filter(|_| system == CiSystem::GitLab);
    source.add_some("ref", branch.map(|it| format!("refs/heads/{it}")));
    source
}

/// The account and the region of a repository of ECR; none of another registry.
pub(crate) fn ecr_place(repository: &Repository) -> Result<Option<(String, String)>, Failure> {
    if EcrHost::is_public(repository.host()) {
        return Err(usage(
            "init-ecr-public",
            "a private registry",
            format!("{repository}, where anybody may pull and boltseal does not release to"),
            "name a private repository with --to",
        ));
    }
    let host = EcrHost::parse(repository.host());
    Ok(host.map(|it| (it.account.to_string(), it.region.to_string())))
}

/// The role of the release job, where the registry is Amazon's.
pub(crate) fn role_arn(settings: &Settings) -> Option<String> {
    grant(settings).map(|it| it.role_arn())
}

/// Whether a release's session may make the posture checks as well: a policy of a session is short,
/// and names may be long.
pub(crate) fn posture_fits(settings: &Settings) -> bool {
    grant(settings).is_some_and(|it| it.has_room_for_posture())
}

/// The files of the folder `iam`, by their paths; none where the registry is not Amazon's.
pub(crate) fn iam_files(settings: &Settings) -> Vec<(&'static str, String)> {
    let Some(grant) = grant(settings) else { return Vec::new() };
    vec![
        ("iam/oidc-provider.json", json_text(&grant.provider())),
        ("iam/trust-policy.json", json_text(&grant.trust_policy())),
        ("iam/release-policy.json", json_text(&grant.release_policy())),
        ("iam/posture-policy.json", json_text(&grant.posture_policy())),
        ("iam/key.json", json_text(&grant.key())),
        ("iam/key-policy.json", json_text(&grant.key_policy())),
        ("iam/repository.json", json_text(&grant.repository())),
        ("iam/repository-policy.json", json_text(&grant.repository_policy())),
        ("iam/lifecycle-policy.json", json_text(&grant.lifecycle_policy())),
        ("iam/main.tf", grant.terraform()),
        (GITIGNORE, IGNORED.to_owned()),
    ]
}

fn grant(settings: &Settings) -> Option<ReleaseGrant> {
    let aws = settings.aws.as_ref()?;
    let scans = match settings.scan {
        ScanSource::Ecr => vec![ScanAccess::Ecr],
        ScanSource::Inspector => vec![ScanAccess::Inspector],
        ScanSource::File(_) | ScanSource::None => Vec::new(),
    };
    Some(ReleaseGrant {
        registry: EcrHost::parse(settings.to.host())?,
        repository: settings.to.path().to_owned(),
        role: aws.role.clone(),
        alias: aws.alias.clone(),
        scans,
        trust: JobTrust {
            issuer: settings.issuer(),
            audience: DEFAULT_AUDIENCE.to_owned(),
            subjects: settings.subjects(),
        },
    })
}
