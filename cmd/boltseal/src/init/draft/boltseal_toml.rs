use super::super::Settings;
use super::{CorePart, Draft};
use crate::config::DEFAULT_FILE;
use crate::wire;

/// What a release does.
pub(super) fn draft(settings: &Settings) -> Draft {
    let text = |value: &str| toml::Value::from(value).to_string();
    let mut lines = vec![
        settings.record(),
        "# The line above is what `boltseal init --check` goes by.".to_owned(),
        String::new(),
        "[release]".to_owned(),
        format!("to = {}", text(&settings.target().to_string())),
        format!("keys = [{}]", text(&settings.key())),
        format!("scan = [{}]", text(&settings.scan.to_string())),
        String::new(),
        "# How many findings are allowed, and how old a scan may be.".to_owned(),
        "[gate]".to_owned(),
        "max_critical = 0".to_owned(),
        "max_high = 0".to_owned(),
        "max_scan_age = \"7d\"".to_owned(),
    ];
    if let Some(role) = wire::role_arn(settings) {
        let (what, mode) = if wire::posture_fits(settings) {
            ("Nothing is released where somebody else may push.", "block")
        } else {
            ("The names are too long for a session that may look at this.", "warn")
        };
        lines.extend([
            String::new(),
            format!("# {what}"),
            "[posture]".to_owned(),
            format!("mode = {}", text(mode)),
            format!("allow_push = [{}]", text(&role)),
        ]);
    }
    let core = CorePart::Toml(&[
        "release.to",
        "release.keys",
        "release.scan",
        "posture.allow_push",
        "posture.mode",
    ]);
    Draft::new(DEFAULT_FILE, lines.join("\n") + "\n", core)
}
