//! Text from outside in a report stays text.

use serde_json::json;

use crate::harness::Sandbox;

/// What breaks out of HTML, Markdown, workflow commands, XML and shells, where nobody looks.
const HOSTILE: &str = "</td><script>alert(1)</script>|`x`](javascript:a)\n::set-output name=digest::x\n\
    ##[error]forged\r\nBOLTSEAL_DIGEST=forged\n]]>&\u{0}\u{1b}[2J\u{fffe}\u{202e}$(id) @someone #1 ![i](//x)";

const KINDS: [&str; 9] = [
    "annotations",
    "comment",
    "dotenv",
    "github-outputs",
    "gitlab-container-scanning",
    "html",
    "junit",
    "markdown",
    "sarif",
];

/// A sandbox with a report of grype whose every text is hostile.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let row = json!({
        "vulnerability": {"id": HOSTILE, "severity": "Critical",
            "fix": {"versions": [HOSTILE], "state": "fixed"}},
        "artifact": {"name": HOSTILE, "version": HOSTILE, "type": "deb",
            "locations": [{"path": HOSTILE}]},
    });
    let report = json!({
        "matches": [row],
        "source": {"type": "image", "target": {"userInput": HOSTILE}},
        "descriptor": {"name": "grype", "version": HOSTILE, "timestamp": "2026-01-01T00:00:00Z"},
    });
    sandbox.write("grype.json", report.to_string());
    sandbox
}

fn reports(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let targets: Vec<String> = KINDS.iter().map(|it| format!("--report={it}=out-{it}")).collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let words = ["gate", "grype.json", "--max-scan-age", "unlimited", "-q"];
    sandbox.boltseal(&[&words, &targets[..]].concat()).exits(10);
    KINDS.iter().map(|kind| (*kind, sandbox.read(&format!("out-{kind}")))).collect()
}

#[test]
fn hostile_text_breaks_out_of_nothing() {
    for (kind, text) in reports(&sandbox()) {
        assert!(!text.contains(['\0', '\u{1b}', '\r', '\u{202e}']), "{kind}");
        assert!(kind != "junit" || !text.contains('\u{fffe}'), "no character of XML");
        let lines = || text.lines();
        match kind {
            "html" | "comment" | "markdown" | "junit" => {
                assert!(!text.contains("<script>alert"), "{kind}");
                assert!(!text.contains("</td><script"), "{kind}");
                assert!(!lines().any(|line| line.starts_with("::")), "{kind}");
            }
            "annotations" => {
                assert!(lines().all(|line| line.starts_with("::error title=")), "{text}");
                assert_eq!(lines().count(), 1, "{text}");
            }
            "dotenv" => {
                assert_eq!(lines().filter(|it| it.starts_with("BOLTSEAL_DIGEST=")).count(), 1);
                assert!(!text.contains("forged") && !text.contains('$'), "{text}");
            }
            "github-outputs" => {
                assert!(!lines().any(|line| line.starts_with("::")), "{text}");
                assert!(lines().all(|line| !line.starts_with("BOLTSEAL")), "{text}");
            }
            _ => drop(serde_json::from_str::<serde_json::Value>(&text).expect("JSON")),
        }
        if matches!(kind, "comment" | "markdown") {
            assert!(!text.contains("@someone") && !text.contains("](javascript"), "{text}");
            for line in lines().filter(|line| line.starts_with("| critical |")) {
                assert!(!line.contains('`'), "{line}");
            }
        }
    }
}
