//! `--report`: every form of an empty, a passing, a failing and an undetermined run is valid, and
//! says what the result says.

use std::collections::BTreeMap;
use std::path::Path;

use boltseal_core::Severity;
use boltseal_testkit::image::debian_like;
use boltseal_testkit::registry::Options;
use boltseal_testkit::report::Scan;
use serde_json::Value;

use crate::harness::{Run, Sandbox};
use crate::release::Place;

/// What every command can be written as.
pub(crate) const ALWAYS: [&str; 11] = [
    "annotations",
    "comment",
    "dotenv",
    "github-outputs",
    "gitlab-annotations",
    "html",
    "json",
    "junit",
    "markdown",
    "sarif",
    "text",
];

const CRITICAL: &str = "CVE-2026-1000";

/// A run with its reports by their kinds.
pub(crate) struct Reported {
    pub(crate) run: Run,
    pub(crate) texts: BTreeMap<&'static str, String>,
}

impl Reported {
    pub(crate) fn of(sandbox: &Sandbox, words: &[&str], kinds: &[&'static str]) -> Self {
        let targets: Vec<String> =
            kinds.iter().map(|kind| format!("--report={kind}=out-{kind}")).collect();
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        let run = sandbox.boltseal(&[words, &["--format", "json"], &targets].concat());
        let texts = kinds.iter().map(|kind| (*kind, sandbox.read(&format!("out-{kind}"))));
        Self { run, texts: texts.collect() }
    }

    pub(crate) fn json(&self, kind: &str) -> Value {
        serde_json::from_str(&self.texts[kind]).unwrap_or_else(|it| panic!("{kind}: {it}"))
    }

    /// What holds of every run: `verdict` is what the result says in one word.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, verdict: &str) {
        assert_eq!(self.run.code, code, "{}", self.run.stderr);
        assert_eq!(self.texts["json"], self.run.stdout, "the report is the result");
        let document = self.run.json();
        let outcome = document["outcome"].as_str().unwrap();
        assert!(self.texts["text"].starts_with(&outcome.to_uppercase()));
        assert!(self.texts["dotenv"].contains(&format!("BOLTSEAL_VERDICT={verdict}\n")));
        assert!(self.texts["github-outputs"].contains(&format!("\n{verdict}\n")));
        assert!(self.texts["junit"].contains(&format!("value=\"{outcome}\"")));
        for kind in ["markdown", "comment"] {
            let sign = match verdict {
                "passed" => "\u{2705}",
                "refused" => "\u{274c}",
                _ => "\u{2753}",
            };
            assert!(self.texts[kind].contains(&format!("## {sign} boltseal")), "{kind}");
        }
        self.annotates(&document);
        self.is_a_page();
        valid_dotenv(&self.texts["dotenv"]);
        valid_outputs(&self.texts["github-outputs"]);
        self.valid_sarif();
        assert!(self.json("gitlab-annotations")["boltseal"].is_array());
    }

    /// One error for each check that failed, and no more than one for each reason.
    fn annotates(&self, document: &Value) {
        let lines: Vec<&str> = self.texts["annotations"].lines().collect();
        let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
        let reasons = document["reasons"].as_array().unwrap().len();
        let errors = count("::error title=boltseal");
        assert_eq!(errors == 0, reasons == 0, "{lines:?}");
        assert!(errors <= reasons.min(10), "{lines:?}");
        assert_eq!(count("::notice "), usize::from(reasons == 0), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("::")), "{lines:?}");
    }

    /// The page asks nobody for anything.
    fn is_a_page(&self) {
        let page = &self.texts["html"];
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("default-src 'none'"));
        for outside in ["src=", "@import", "url(", "<link rel=\"stylesheet", "<iframe", "style="] {
            assert!(!page.contains(outside), "{outside} in the page");
        }
    }

    /// The rules of GitHub's code scanning; the schema itself is for the tests with peers.
    fn valid_sarif(&self) {
        let sarif = self.json("sarif");
        assert_eq!(sarif["version"], "2.1.0");
        let runs = sarif["runs"].as_array().unwrap();
        assert!(!runs.is_empty());
        let mut categories = Vec::new();
        for run in runs {
            let category = run["automationDetails"]["id"].as_str().unwrap();
            assert!(!category.contains("sha256") && category.ends_with('/'), "{category}");
            categories.push(category);
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            for result in run["results"].as_array().unwrap() {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                assert!(uri.as_str().unwrap().starts_with("image/"), "{uri}");
                assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
            }
        }
        categories.dedup();
        assert_eq!(categories.len(), runs.len(), "a category is for one run");
    }

    /// The categories of the runs.
    fn categories(&self) -> Vec<String> {
        let sarif = self.json("sarif");
        let runs = sarif["runs"].as_array().unwrap().iter();
        runs.map(|run| run["automationDetails"]["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// GitLab's rules: a name and one line, at most 20 variables; ours: nothing that a shell reads.
fn valid_dotenv(text: &str) {
    assert!(text.lines().count() <= 20);
    for line in text.lines() {
        let (name, value) = line.split_once('=').unwrap();
        assert!(name.starts_with("BOLTSEAL_"), "{line}");
        assert!(name.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{line}");
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/@+,=".contains(c);
        assert!(value.chars().all(plain), "{line}");
    }
}

/// Reads the lines as a runner does, and answers what they set.
pub(crate) fn valid_outputs(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let mut outputs = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("{line}"));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        assert!(outputs.insert(name.to_owned(), value.join("\n")).is_none(), "{name} twice");
    }
    serde_json::from_str::<Value>(&outputs["reasons"]).expect("reasons are JSON");
    outputs
}

fn scanned(findings: &[(&str, Severity)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let scan = findings.iter().fold(Scan::of(&debian_like()), |scan, (id, severity)| {
        scan.vulnerability(id, "libssl3", *severity)
    });
    sandbox.write("scan.json", scan.trivy());
    sandbox
}

fn gate(sandbox: &Sandbox, more: &[&str]) -> Reported {
    let kinds = [&ALWAYS[..], &["gitlab-container-scanning"]].concat();
    Reported::of(sandbox, &[&["gate", "scan.json"], more].concat(), &kinds)
}

#[test]
fn an_empty_gate() {
    let reported = gate(&scanned(&[]), &[]);
    reported.is(0, "passed");
    assert_eq!(reported.categories(), ["boltseal/scan.json/findings/", "boltseal/scan.json/gate/"]);
    let scanning = valid_scanning(&reported, "success");
    assert_eq!(scanning["vulnerabilities"], serde_json::json!([]));
}

#[test]
fn a_gate_that_passes_lists_what_it_allows() {
    let sandbox = scanned(&[(CRITICAL, Severity::Critical), ("CVE-2026-1001", Severity::Low)]);
    let reported = gate(&sandbox, &["--max-critical", "1"]);
    reported.is(0, "passed");
    assert!(reported.texts["dotenv"].contains("BOLTSEAL_CRITICAL=1\n"));
    for kind in ["markdown", "comment", "html", "sarif"] {
        assert!(reported.texts[kind].contains("CVE"), "{kind}");
    }
    let scanning = valid_scanning(&reported, "success");
    assert_eq!(scanning["vulnerabilities"].as_array().unwrap().len(), 2);
    assert_eq!(
        scanning["vulnerabilities"][0]["location"]["dependency"]["package"]["name"],
        "libssl3"
    );
}

#[test]
fn a_gate_that_refuses_annotates_the_limit_and_not_each_finding() {
    let many: Vec<String> = (0..30).map(|at| format!("CVE-2026-20{at:02}")).collect();
    let findings: Vec<_> = many.iter().map(|id| (id.as_str(), Severity::Critical)).collect();
    let reported = gate(&scanned(&findings), &[]);
    reported.is(10, "refused");
    let annotations = &reported.texts["annotations"];
    assert_eq!(annotations.matches("::error").count(), 1, "{annotations}");
    assert!(annotations.starts_with("::error title=boltseal%3A critical::"), "{annotations}");
    let sarif = reported.json("sarif");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 30);
    assert_eq!(sarif["runs"][1]["results"].as_array().unwrap().len(), 1);
    assert!(reported.texts["comment"].contains("10 more findings are not shown here"));
    valid_scanning(&reported, "success");
}

/// What could not be judged closes no alert: there is no run that lists findings.
#[test]
fn reports_that_cannot_be_read_are_no_clean_answer() {
    let sandbox = scanned(&[]);
    sandbox.write("empty.json", "");
    let reported = gate(&sandbox, &["empty.json"]);
    reported.is(20, "refused");
    assert_eq!(reported.categories(), ["boltseal/scan.json/gate/"]);
    valid_scanning(&reported, "failure");
    assert!(!reported.texts["html"].contains("The reports have none"));
}

/// What GitLab's documentation of its format demands, and the patterns that it checks.
pub(crate) fn valid_scanning(reported: &Reported, status: &str) -> Value {
    let report = reported.json("gitlab-container-scanning");
    let scan = &report["scan"];
    assert_eq!(report["version"], "15.2.1");
    assert_eq!((&scan["type"], &scan["status"]), (&"container_scanning".into(), &status.into()));
    for time in ["start_time", "end_time"] {
        let text = scan[time].as_str().unwrap();
        let shape: String =
            text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        assert_eq!(shape, "9999-99-99T99:99:99");
    }
    for tool in ["analyzer", "scanner"] {
        for key in ["id", "name", "version"] {
            assert!(!scan[tool][key].as_str().unwrap().is_empty(), "{tool} {key}");
        }
        assert!(!scan[tool]["vendor"]["name"].as_str().unwrap().is_empty());
    }
    let mut ids = Vec::new();
    for it in report["vulnerabilities"].as_array().unwrap() {
        ids.push(it["id"].as_str().unwrap().to_owned());
        assert!(
            ["Info", "Unknown", "Low", "Medium", "High", "Critical"]
                .contains(&it["severity"].as_str().unwrap())
        );
        assert!(it["name"].as_str().unwrap().chars().count() <= 255);
        for identifier in it["identifiers"].as_array().unwrap() {
            for key in ["type", "name", "value"] {
                assert!(!identifier[key].as_str().unwrap().is_empty(), "{identifier}");
            }
        }
        let location = &it["location"];
        assert!(location["dependency"]["package"]["name"].is_string());
        assert!(location["dependency"]["version"].is_string());
        for key in ["operating_system", "image"] {
            assert!(!location[key].as_str().unwrap().is_empty(), "{location}");
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id is for one finding");
    report
}

pub(crate) fn release(place: &Place, to: &str, more: &[&str]) -> Reported {
    let kinds = [&ALWAYS[..], &["gitlab-container-scanning", "gitlab-cyclonedx"]].concat();
    let words = ["release", "oci:image:1", "--to", to, "--key", &place.key.private];
    Reported::of(&place.sandbox, &[&words, more].concat(), &kinds)
}

#[test]
fn a_release_has_its_evidence_its_provenance_and_its_components() {
    let place = Place::new(Options::default());
    let to = place.to("1.0");
    let reported = release(&place, &to, &["--scan", "scan.json"]);
    reported.is(0, "passed");
    let digest = place.image.digest().to_string();
    let outputs = valid_outputs(&reported.texts["github-outputs"]);
    assert_eq!((&*outputs["digest"], &*outputs["released"]), (&*digest, "true"));
    assert_eq!(outputs["image"], format!("{}@{digest}", to.trim_end_matches(":1.0")));
    for part in ["Provenance", "Steps", "urn:boltseal:release:v1", "release.key", &digest] {
        assert!(reported.texts["html"].contains(part), "no {part}");
    }
    for kind in ["markdown", "comment", "annotations"] {
        assert!(reported.texts[kind].contains(&digest), "{kind}");
    }
    let document = reported.run.json();
    assert_eq!(document["evidence"][0]["signer"], "release.key");
    assert!(document["provenance"]["buildDefinition"]["buildType"].is_string());
    let bom = valid_bom(&reported);
    assert!(!bom["components"].as_array().unwrap().is_empty());
    let property = |name: &str| {
        let all = bom["metadata"]["properties"].as_array().unwrap().iter();
        all.filter(|it| it["name"] == name).map(|it| it["value"].clone()).next().unwrap()
    };
    assert_eq!(property("gitlab:meta:schema_version"), "1");
    assert_eq!(property("gitlab:container_scanning:image:tag"), "1.0");
    assert_eq!(property("gitlab:container_scanning:image:name"), to.trim_end_matches(":1.0"));
    assert_eq!(property("gitlab:container_scanning:operating_system:name"), "debian");
    assert_eq!(valid_scanning(&reported, "success")["vulnerabilities"], serde_json::json!([]));

    let again = release(&place, &to, &["--scan", "scan.json"]);
    again.is(0, "passed");
    let outputs = valid_outputs(&again.texts["github-outputs"]);
    assert_eq!((&*outputs["digest"], &*outputs["released"]), (&*digest, "true"));
    assert_eq!(again.categories(), reported.categories());
}

#[test]
fn a_release_that_is_refused_has_them_too() {
    let place = Place::new(Options::default());
    let scan = Scan::of(&place.image).vulnerability(CRITICAL, "libssl3", Severity::Critical);
    place.sandbox.write("bad.json", scan.grype());
    let reported = release(&place, &place.to("1.0"), &["--scan", "bad.json"]);
    reported.is(10, "refused");
    let outputs = valid_outputs(&reported.texts["github-outputs"]);
    assert_eq!((&*outputs["released"], &*outputs["critical"]), ("false", "1"));
    assert_eq!(outputs["digest"], place.image.digest().to_string());
    valid_bom(&reported);
    let scanning = valid_scanning(&reported, "success");
    assert_eq!(scanning["vulnerabilities"][0]["identifiers"][0]["value"], CRITICAL);
}

#[test]
fn a_release_that_could_not_find_out_says_so_everywhere() {
    let place = Place::new(Options::default());
    let more = ["--scan", "scan.json", "--patience", "1"];
    let reported = release(&place, "127.0.0.1:1/team/app:1.0", &more);
    reported.is(21, "undetermined");
    let outputs = valid_outputs(&reported.texts["github-outputs"]);
    assert_eq!((&*outputs["released"], &*outputs["critical"]), ("false", ""));
    assert_eq!(reported.categories(), ["boltseal/127.0.0.1:1/team/app/gate/"]);
    let bom = valid_bom(&reported);
    assert_eq!(bom["compositions"][0]["aggregate"], "unknown");
    valid_scanning(&reported, "failure");
    assert!(reported.texts["junit"].contains("<error "));
}

#[test]
fn verify_and_preflight_are_reported_as_well() {
    let place = Place::new(Options::default());
    place.release("1.0", &["--scan", "scan.json"]).exits(0);
    let verify = |require: &str| {
        let to = place.to("1.0");
        let words = ["verify", &to, "--key", &place.key.public, "--require", require];
        Reported::of(&place.sandbox, &words, &ALWAYS)
    };
    let verified = verify("signature,vsa");
    verified.is(0, "passed");
    assert!(verified.texts["junit"].contains("<testcase name=\"vsa\""));
    verify("signature,https://example.com/none").is(12, "refused");

    let folder = place.sandbox.write("d/describe-repositories.json", r#"{"repositories": []}"#);
    let folder = Path::new(&folder).parent().unwrap().to_str().unwrap().to_owned();
    let words = ["preflight", "--documents", &folder];
    let reported = Reported::of(&place.sandbox, &words, &ALWAYS);
    let code = reported.run.code;
    assert!(code != 0, "documents of no repository prove nothing");
    reported.is(code, if code == 21 { "undetermined" } else { "refused" });
}

/// Valid by the official schema, whose copy the tests of the SBOM have.
fn valid_bom(reported: &Reported) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/image/tests/fixtures");
    let read = |name: &str| -> Value {
        let text = std::fs::read(folder.join(format!("schemas/{name}.schema.json"))).unwrap();
        serde_json::from_slice(&text).unwrap()
    };
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", read("spdx"))
        .and_then(|it| it.add("http://cyclonedx.org/schema/jsf-0.82.schema.json", read("jsf-0.82")))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .unwrap();
    let schema = read("bom-1.5");
    let validator = jsonschema::options().with_registry(&registry).build(&schema).unwrap();
    let bom = reported.json("gitlab-cyclonedx");
    let complaints: Vec<String> = validator.iter_errors(&bom).map(|it| it.to_string()).collect();
    assert_eq!(complaints, Vec::<String>::new());
    // GitLab leaves a document alone that does not say by which rules its properties are.
    let properties = bom["metadata"]["properties"].as_array().expect("properties of GitLab");
    let meta = serde_json::json!({"name": "gitlab:meta:schema_version", "value": "1"});
    assert!(properties.contains(&meta), "{properties:?}");
    bom
}
