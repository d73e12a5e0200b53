use std::fmt::Write as _;

use super::super::release_ref::ReleaseRef;
use super::super::{Folder, Settings};
use super::yaml::text;
use super::{CorePart, Draft, handed_over};
use crate::argument::ScanSource;
use crate::wire;

/// The jobs.
pub(super) const PATH: &str = ".gitlab/boltseal.yml";
/// The file that GitLab reads.
pub(super) const ROOT: &str = ".gitlab-ci.yml";

/// The jobs in a file of their own, and where there is no pipeline yet, one that includes it.
pub(super) fn drafts(settings: &Settings, folder: &Folder) -> Vec<Draft> {
    let release = release(settings);
    let content = format!("{release}{}", build(settings));
    let mut drafts = vec![Draft::new(PATH, content, CorePart::Lines(release))];
    let root = format!("include:\n  - local: /{PATH}\n");
    if !folder.has(ROOT) || folder.text(ROOT).as_deref() == Some(root.as_str()) {
        drafts.push(Draft::new(ROOT, root, CorePart::Whole));
    }
    drafts
}

fn release(settings: &Settings) -> String {
    let mut inputs = String::new();
    let mut input = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = write!(inputs, "\n      {name}: {}", text(value));
    };
    input("image", "oci-archive:handover/image.tar");
    input("to", &to(settings));
    input("key", &settings.key());
    input("scan", &handed_over(&settings.scan));
    if let (Some(aws), Some(role)) = (&settings.aws, wire::role_arn(settings)) {
        input("role", &role);
        input("region", &aws.region);
        input("allowed-account", &aws.account);
    }
    let action = &settings.action;
    format!(
        "# Written by `boltseal init`. The job `build` is yours to change; `boltseal init --check`
# looks at what stands before it.
include:
  - component: $CI_SERVER_FQDN/{}/boltseal@{}
    inputs:{inputs}

boltseal:
  needs: [build]
  rules:{}

",
        action.repository,
        action.commit,
        rules(settings),
    )
}

fn to(settings: &Settings) -> String {
    let target = settings.target();
    if settings.tag.is_some() {
        return target.to_string();
    }
    let are_tags = settings.refs.iter().all(ReleaseRef::is_tag);
    format!("{target}:{}", if are_tags { "$CI_COMMIT_TAG" } else { "$CI_COMMIT_SHA" })
}

fn build(settings: &Settings) -> String {
    let mut scan = String::new();
    if let ScanSource::File(_) = settings.scan {
        let report = handed_over(&settings.scan);
        scan = format!(
            "\n    # trivy, or any other scanner whose report boltseal reads.\n    \
             - trivy image --input handover/image.tar --format json --output {report}"
        );
    }
    let rules = rules(settings);
    format!(
        "build:
  stage: build
  rules:{rules}
  script:
    - mkdir -p handover
    - docker buildx create --use
    - docker buildx build --provenance=false --output type=oci,dest=handover/image.tar .{scan}
  artifacts:
    expire_in: 1 day
    paths: [handover/]
"
    )
}

fn rules(settings: &Settings) -> String {
    settings.refs.iter().map(rule).collect()
}

/// On just this ref.
fn rule(it: &ReleaseRef) -> String {
    let condition = match it {
        ReleaseRef::Branch(name) => format!("$CI_COMMIT_BRANCH == \"{name}\""),
        ReleaseRef::Tag(name) if name.contains('*') => {
            let pattern = name.replace('.', "\\.").replace('+', "\\+").replace('/', "\\/");
            format!("$CI_COMMIT_TAG =~ /^{}$/", pattern.replace('*', ".*"))
        }
        ReleaseRef::Tag(name) => format!("$CI_COMMIT_TAG == \"{name}\""),
    };
    format!("\n    - if: {}", serde_json::Value::from(condition))
}
