use std::fmt::Write as _;

use super::super::Settings;
use super::super::release_ref::RefKinds;
use super::super::settings::KEY_VARIABLE;
use super::yaml::text;
use super::{Around, CorePart, Draft, handed_over, image, output};
use crate::argument::ScanSource;
use crate::wire;

pub(super) const PATH: &str = ".github/workflows/release.yml";

const CHECKOUT: &str = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
const UPLOAD: &str = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
const DOWNLOAD: &str =
    "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";

/// A workflow of two jobs: one builds and scans without any rights, one releases with nothing of
/// others in it but what is pinned.
pub(super) fn draft(settings: &Settings) -> Draft {
    let (head, tail) = (head(settings), release(settings));
    let content = format!("{head}{}{tail}", build(settings));
    Draft::new(PATH, content, CorePart::Around(Around { head, tail, depth: 2 }))
}

fn head(settings: &Settings) -> String {
    let of = |is_tag: bool| {
        let refs = settings.refs.iter().filter(|it| it.is_tag() == is_tag);
        refs.map(|it| serde_json::Value::from(it.name()).to_string()).collect::<Vec<_>>()
    };
    let mut on = String::new();
    for (key, names) in [("branches", of(false)), ("tags", of(true))] {
        if !names.is_empty() {
            // Writing to a string does not fail.
            let _ = write!(on, "\n    {key}: [{}]", names.join(", "));
        }
    }
    format!(
        "# Written by `boltseal init`. The job `build` is yours to change; `boltseal init --check`
# looks at all the rest, and that `build` asks for no tokens.
name: Release

on:
  push:{on}

permissions: {{}}

concurrency:
  group: release-${{{{ github.ref }}}}
  cancel-in-progress: false

jobs:
  build:
"
    )
}

fn build(settings: &Settings) -> String {
    let mut scan = String::new();
    if let ScanSource::File(_) = settings.scan {
        let report = handed_over(&settings.scan);
        scan = format!(
            "
      - name: Scan it
        # trivy must be on the runner; any other scanner that boltseal reads will do.
        run: trivy image --input handover/image --format json --output {report}"
        );
    }
    format!(
        "    name: Build
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read # to check the source out
    steps:
      - name: Check out
        uses: {CHECKOUT}
        with:
          persist-credentials: false
      - name: Build the image
        run: |
          mkdir handover
          docker buildx create --use
          docker buildx build --provenance=false --output {output} .{scan}
      - name: Hand it over
        uses: {UPLOAD}
        with:
          name: handover
          path: handover
          if-no-files-found: error
          retention-days: 1

",
        output = output(&settings.scan),
    )
}

fn release(settings: &Settings) -> String {
    let grants = match &settings.aws {
        Some(_) => "\n      id-token: write # to assume the role in AWS",
        None if settings.to.host() == "ghcr.io" => "\n      packages: write # to push the image",
        None => "",
    };
    let inputs = inputs(settings);
    let inputs = inputs.iter().map(|(name, value)| format!("\n          {name}: {}", text(value)));
    let inputs = inputs.collect::<String>();
    let (login, key) = match &settings.aws {
        Some(_) => (String::new(), String::new()),
        None => (login(settings.to.host()), key()),
    };
    let action = &settings.action;
    format!(
        "  release:
    name: Release
    needs: build
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read # to check boltseal.toml out{grants}
    steps:
      - name: Check out
        uses: {CHECKOUT}
        with:
          persist-credentials: false
      - name: Take the image over
        uses: {DOWNLOAD}
        with:
          name: handover
          path: handover # and nowhere else, for another job wrote it{login}
      - name: Release
        id: boltseal
        uses: {}/workflows/github@{} # boltseal {}{key}
        with:{inputs}
",
        action.repository,
        action.commit,
        env!("CARGO_PKG_VERSION"),
    )
}

/// By the names of the action's inputs, which are boltseal's flags.
fn inputs(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut inputs = vec![
        ("image", image(&settings.scan).to_owned()),
        ("to", to(settings)),
        ("key", settings.key()),
        ("scan", handed_over(&settings.scan)),
    ];
    if let (Some(aws), Some(role)) = (&settings.aws, wire::role_arn(settings)) {
        inputs.extend([
            ("role", role),
            ("region", aws.region.clone()),
            ("allowed-account", aws.account.clone()),
        ]);
    }
    inputs
}

/// A fixed tag where one was named; else the tag that was pushed, or the commit.
fn to(settings: &Settings) -> String {
    let target = settings.target();
    if settings.tag.is_some() {
        return target.to_string();
    }
    let tag = match settings.ref_kinds() {
        RefKinds::Branches => "github.sha",
        RefKinds::Tags => "github.ref_name",
        RefKinds::Both => "github.ref_type == 'tag' && github.ref_name || github.sha",
    };
    format!("{target}:${{{{ {tag} }}}}")
}

fn login(host: &str) -> String {
    let (user, password) = match host {
        "ghcr.io" => ("github.actor", "github.token"),
        _ => ("secrets.REGISTRY_USER", "secrets.REGISTRY_PASSWORD"),
    };
    format!(
        "
      - name: Log in
        env:
          REGISTRY_USER: ${{{{ {user} }}}}
          REGISTRY_PASSWORD: ${{{{ {password} }}}}
        run: >-
          printf '%s' \"$REGISTRY_PASSWORD\" |
          docker login {host} --username \"$REGISTRY_USER\" --password-stdin"
    )
}

fn key() -> String {
    let variable = |name: &str| format!("\n          {name}: ${{{{ secrets.{name} }}}}");
    format!("\n        env:{}{}", variable(KEY_VARIABLE), variable("COSIGN_PASSWORD"))
}
