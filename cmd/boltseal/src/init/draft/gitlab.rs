use std::fmt::Write as _;

use super::super::release_ref::{RefKinds, ReleaseRef};
use super::super::{Folder, Settings};
use super::yaml::text;
use super::{Around, CorePart, Draft, handed_over, image, output};
use crate::argument::ScanSource;
use crate::wire;

/// The jobs.
pub(super) const PATH: &str = ".gitlab/boltseal.yml";
/// The file that GitLab reads.
pub(super) const ROOT: &str = ".gitlab-ci.yml";

/// The jobs in a file of their own, and where there is no pipeline yet, one that includes it.
pub(super) fn drafts(settings: &Settings, folder: &Folder) -> Vec<Draft> {
    let head = release(settings);
    let content = format!("{head}{}", build(settings));
    let core = CorePart::Around(Around { head, tail: String::new(), depth: 0 });
    let mut drafts = vec![Draft::new(PATH, content, core)];
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
    input("image", image(&settings.scan));
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
# looks at what stands before it, that nothing stands after it, and that it asks for no tokens.
include:
  - component: $CI_SERVER_FQDN/{}/boltseal@{}
    inputs:{inputs}

boltseal:
  needs: [build]
  rules:{}

build:
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
    // Both kinds at once were refused.
    let tag = match settings.ref_kinds() {
        RefKinds::Tags => "$CI_COMMIT_TAG",
        RefKinds::Branches | RefKinds::Both => "$CI_COMMIT_SHA",
    };
    format!("{target}:{tag}")
}

fn build(settings: &Settings) -> String {
    let mut scan = String::new();
    if let ScanSource::File(_) = settings.scan {
        let report = handed_over(&settings.scan);
        scan = format!(
            "\n    # trivy, or any other scanner whose report boltseal reads.\n    \
             - trivy image --input handover/image --format json --output {report}"
        );
    }
    let rules = rules(settings);
    format!(
        "  stage: build
  rules:{rules}
  script:
    - mkdir -p handover
    - docker buildx create --use
    - docker buildx build --provenance=false --output {output} .{scan}
  artifacts:
    expire_in: 1 day
    paths: [handover/]
",
        output = output(&settings.scan),
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
