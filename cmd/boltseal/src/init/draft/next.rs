use super::super::pinned::Pinned;
use super::super::{CiSystem, Folder, Settings};
use super::policy_toml::PUBLIC_KEY;
use super::{github, gitlab};
use crate::wire;

/// What to do next: commands, and lines that begin with `#`.
pub(crate) fn next(settings: &Settings, folder: &Folder) -> Vec<String> {
    let mut lines = Vec::new();
    let path = folder.0.display().to_string();
    if path != "." {
        lines.push(format!("cd '{}'", path.replace('\'', "'\\''")));
    }
    if lacks_ids(settings) {
        let repository = settings.source.path();
        let ids = r#"'"--owner-id \(.owner.id) --repository-id \(.id)"'"#;
        lines.extend([
            format!("# where {repository} was made, renamed or transferred since 15 July 2026,"),
            "# AWS takes its tokens by ids alone: there run this first".to_owned(),
            format!("# boltseal init --force $(gh api repos/{repository} --jq {ids})"),
        ]);
    }
    let mut added = vec!["boltseal.toml", "policy.toml", PUBLIC_KEY];
    if let Some(aws) = &settings.aws {
        lines.extend([
            format!("# by somebody who administers the account {};", aws.account),
            "# boltseal's docs/iam.md has the same with the AWS CLI".to_owned(),
            "terraform -chdir=iam init && terraform -chdir=iam apply".to_owned(),
            format!(
                "AWS_REGION={} boltseal keys public --key {} > {PUBLIC_KEY}",
                aws.region,
                settings.key()
            ),
        ]);
        added.push("iam");
    } else {
        lines.extend([
            format!("# then give the jobs release.key as {} and its password:", settings.key()),
            "boltseal keys generate --output-key-prefix release".to_owned(),
        ]);
    }
    match settings.ci {
        CiSystem::GitHub => added.push(github::PATH),
        CiSystem::GitLab => {
            added.extend([gitlab::PATH, gitlab::ROOT]);
            if folder.text(gitlab::ROOT).is_some_and(|it| !it.contains(gitlab::PATH)) {
                let (root, path) = (gitlab::ROOT, gitlab::PATH);
                lines.push(format!("# include the jobs in {root}:  include: [{{local: /{path}}}]"));
            }
        }
    }
    lines.push(format!("git add {}", added.join(" ")));
    lines.push("git commit -m 'release with boltseal' && git push".to_owned());
    lines
}

/// What should be known before these files are relied upon.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    let host = settings.source.host(settings.ci);
    if settings.aws.is_none() {
        warnings.push(format!(
            "{} is no private registry of Amazon ECR: no IAM is written, and who may push there \
             is for its own settings",
            settings.to.host()
        ));
    }
    if settings.aws.is_some() && !wire::posture_fits(settings) {
        warnings.push(
            "the names are so long that a session's policy has no room for the posture checks: a \
             release does without them; run boltseal preflight in a job of its own"
                .to_owned(),
        );
    }
    if settings.is_assumed("ref") {
        warnings.push("no default branch was found: refs/heads/main is assumed; set --ref".into());
    }
    if settings.action == Pinned::unknown() {
        warnings.push(
            "this build of boltseal knows no release of its own: set --action OWNER/NAME@COMMIT, \
             or put it into the workflow for OWNER/boltseal and the zeros"
                .to_owned(),
        );
    }
    if settings.ci == CiSystem::GitHub && host != settings.ci.host() {
        warnings.push(format!(
            "{host} is taken for a GitHub Enterprise Server, which has no hosted runners and does \
             not run version 4 of upload-artifact and download-artifact: put your runners' label \
             into runs-on, and version 3 of both actions"
        ));
    }
    if lacks_ids(settings) {
        warnings.push(
            "tokens of repositories that were made or renamed since 15 July 2026 name ids: there \
             set --owner-id and --repository-id, or AWS refuses them"
                .to_owned(),
        );
    }
    warnings
}

/// Whether the tokens may name ids that the trust policy does not.
fn lacks_ids(settings: &Settings) -> bool {
    settings.aws.is_some()
        && settings.ci == CiSystem::GitHub
        && settings.source.host(settings.ci) == settings.ci.host()
        && settings.ids.is_none()
}
