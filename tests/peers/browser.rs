use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::Program;

/// What a browser says about a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Lines on the console: errors, and what its policy forbids.
    pub(crate) console: Vec<String>,
    /// What it asked for, other than the page itself.
    pub(crate) requests: Vec<String>,
    /// The page after its script ran.
    pub(crate) dom: String,
}

/// Opens a file in headless Chromium, which can reach nobody.
pub(crate) fn open(page: &Path) -> Seen {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("net.json");
    let url = format!("file://{}", page.display());
    let log_flag = format!("--log-net-log={}", log.display());
    let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
    let words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr",
        "--timeout=2000",
        "--dump-dom",
        &log_flag,
        &profile,
        &url,
    ];
    let words = words.map(str::to_owned);
    let finished = Program::debian("chromium").run(&words).passes();
    let is_console = |line: &&str| line.contains(":CONSOLE");
    Seen {
        console: finished.stderr.lines().filter(is_console).map(str::to_owned).collect(),
        requests: requests(&log, &url),
        dom: finished.stdout,
    }
}

/// The URLs that the network log says the page began: a file has the origin `null`. What Chromium
/// asks of its makers by itself has none, and goes nowhere here.
fn requests(log: &Path, page: &str) -> Vec<String> {
    let text = fs::read_to_string(log).expect("Chromium writes its network log");
    let log: Value = serde_json::from_str(&text).expect("the network log is JSON");
    let events = log["events"].as_array().expect("a list of events");
    let mut urls: Vec<String> = events
        .iter()
        .filter(|event| event["params"]["initiator"].as_str() == Some("null"))
        .filter_map(|event| event["params"]["url"].as_str())
        .filter(|url| *url != page && !url.starts_with("data:"))
        .map(str::to_owned)
        .collect();
    urls.sort();
    urls.dedup();
    urls
}
