use boltseal_core::Kind;

use super::super::Settings;
use super::{CorePart, Draft};

/// The file with the public key, beside the policy.
pub(super) const PUBLIC_KEY: &str = "release.pub";

/// What a verifier demands: no more than the release writes, and no less.
pub(super) fn draft(settings: &Settings) -> Draft {
    let text = |value: &str| toml::Value::from(value).to_string();
    let list = |values: Vec<String>| {
        let values: Vec<_> = values.iter().map(|it| text(it)).collect();
        format!("[{}]", values.join(", "))
    };
    let kinds = Kind::RELEASE.iter().map(ToString::to_string);
    let kinds = kinds.filter(|it| it != "vuln" || settings.scan.to_string() != "none").collect();
    let mut lines = vec![
        "# What a verifier demands: boltseal verify TARGET --policy policy.toml".to_owned(),
        format!("require = {}", list(kinds)),
        String::new(),
        "[[signer]]".to_owned(),
        format!("name = {}", text(&format!("release of {}", settings.source.path()))),
        format!("key = {}", text(PUBLIC_KEY)),
    ];
    if settings.aws.is_some() {
        let refs = settings.refs.iter().map(ToString::to_string).collect();
        lines.extend([
            String::new(),
            "# What the provenance says of the run, by the token that AWS took.".to_owned(),
            "[source]".to_owned(),
            format!("repository = {}", text(&settings.source.url(settings.ci))),
            format!("refs = {}", list(refs)),
            format!("builders = {}", list(vec![boltseal_core::own_uri("builder:step")])),
        ]);
    }
    if settings.scan.to_string() != "none" {
        lines.extend([
            String::new(),
            "# The findings of the scan are judged again.".to_owned(),
            "[gate]".to_owned(),
            "max_critical = 0".to_owned(),
            "max_high = 0".to_owned(),
        ]);
    }
    let core = CorePart::Toml(&["require", "source", "signer"]);
    Draft::new("policy.toml", lines.join("\n") + "\n", core)
}
