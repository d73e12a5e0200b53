//! `docs/policy.md` is written from the published schema, and the schema is held against the
//! structs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::{KNOWN, PolicyFile, Written};
use boltseal_core::{Exit, Reason};
use boltseal_testkit::document::hold;

const SCHEMA: &str = include_str!("../../../../docs/schemas/policy.toml.schema.json");
const EXAMPLE: &str = include_str!("../../../../keys-example/policy.toml");
/// What `policy test` is for.
const TESTING: &str = r#"
## Testing a policy

`boltseal policy test POLICY TARGET...` says for each image whether the policy comes to what is expected of it. Run it
in the CI of the repository that the policy lies in, over evidence files that `release --evidence-file` wrote: no
network is needed (`--offline`).

```toml
# cases/policy-test.toml, beside good.tar and stranger.tar
[[case]]
target = "evidence:good.tar"
expect = "verified"

[[case]]
target = "evidence:stranger.tar"
expect = "refused:unknown-signer"

[[case]]
target = "evidence:good.tar"
expect = "refused:signer-expired"
at = 2030-01-01T00:00:00Z
```

```sh
boltseal policy test policy.toml --cases cases/policy-test.toml --offline
boltseal policy test policy.toml evidence:cases/good.tar
boltseal policy test policy.toml --expect refused evidence:cases/stranger.tar
```

`expect` is `verified`, `refused` or `undetermined`; after a colon stands the code of a reason that must be among the
reasons, so that a case does not pass because it is refused for something else. `at` judges as at that time: a case
does not change its outcome because a scan has become old. Paths are taken from the folder of the file.

It passes (0) where each case comes to what is expected, and ends with 10 where one does not (`case-unmet`). A case
that could not be judged, because its file is not there or a registry does not answer, meets no expectation, not even
`refused`: the test ends with that case's own exit code. A file without a case is invalid (20).
"#;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn page() -> String {
    let schema = schema();
    let mut page = format!(
        "# policy.toml\n\n<!-- Written from docs/schemas/policy.toml.schema.json by a test; see the end. -->\n\n{}\n\n\
         `boltseal policy check FILE` says whether a policy is valid and what it comes to; an invalid one ends every\n\
         command that reads it with 20. An unknown key is refused with its line and the nearest key there is.\n\n\
         ```toml\n{}```\n\n## Outside of a section\n\n",
        text(&schema, "description"),
        EXAMPLE,
    );
    let properties = schema["properties"].as_object().unwrap();
    let is_section =
        |it: &Value| it.get("properties").or(it.pointer("/items/properties")).is_some();
    table(&mut page, &schema, &schema, |it| !is_section(it));
    for (name, section) in properties.iter().filter(|(_, it)| is_section(it)) {
        let (head, of) = match section.get("items") {
            Some(items) => (format!("[[{name}]]"), items),
            None => (format!("[{name}]"), section),
        };
        write!(page, "\n## {head}\n\n{}\n\n", text(section, "description")).unwrap();
        table(&mut page, &schema, of, |_| true);
    }
    page.push_str(TESTING);
    page.push_str(
        "\nThis page is compared with the schema by `cargo test -p boltseal policy`; with `BOLTSEAL_WRITE_DOCS=1` the same\n\
         test writes it.\n",
    );
    page
}

fn table(page: &mut String, schema: &Value, of: &Value, wanted: impl Fn(&Value) -> bool) {
    page.push_str("| key | values | without it | what |\n|---|---|---|---|\n");
    let required = of["required"].as_array().cloned().unwrap_or_default();
    for (key, member) in of["properties"].as_object().unwrap().iter().filter(|(_, it)| wanted(it)) {
        let referred = member.get("$ref").and_then(Value::as_str);
        let of_reference = referred.and_then(|it| schema.pointer(it.trim_start_matches('#')));
        let shape = of_reference.unwrap_or(member);
        let what = member.get("description").or(shape.get("description"));
        let what = what.and_then(Value::as_str).unwrap_or_default();
        let without = match member.get("default") {
            Some(Value::String(word)) => word.clone(),
            Some(Value::Array(list)) => words(list),
            Some(value) => value.to_string(),
            None if required.iter().any(|it| it == key) => "must be there".to_owned(),
            None => "none".to_owned(),
        };
        writeln!(page, "| `{key}` | {} | {without} | {what} |", values(shape)).unwrap();
    }
}

fn words(list: &[Value]) -> String {
    list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// What a member takes, in words.
fn values(shape: &Value) -> String {
    match (text(shape, "type"), text(shape, "format")) {
        ("array", _) => "a list of texts".to_owned(),
        ("integer", _) => "a number from 1".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        (_, "date-time") => "a time such as 2027-01-01T00:00:00Z".to_owned(),
        ("string", _) if shape.get("pattern").is_some_and(|it| it.to_string().contains("dhms")) => {
            "such as 30d or 12h, or unlimited".to_owned()
        }
        ("string", _) => "a text".to_owned(),
        _ => "a number, or unlimited".to_owned(),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn the_page_is_the_schema() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    hold(&path, |_| page());
}

/// Section (empty: the top) to keys.
type Listed = BTreeMap<String, Vec<String>>;

#[test]
fn structs_known_keys_and_schema_have_the_same_keys() {
    let names = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let schema = schema();
    let section = |it: &Value| it.get("properties").or(it.pointer("/items/properties")).map(&names);
    let mut of_schema = Listed::new();
    for (key, member) in schema["properties"].as_object().unwrap() {
        match section(member) {
            Some(mut keys) => {
                keys.sort();
                of_schema.insert(key.clone(), keys);
            }
            None => of_schema.entry(String::new()).or_default().push(key.clone()),
        }
    }
    of_schema.get_mut("").unwrap().sort();
    let owned = |keys: &[&str]| keys.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut known: Listed =
        KNOWN.sections.iter().map(|(name, keys)| ((*name).to_owned(), owned(keys))).collect();
    known.insert(String::new(), owned(KNOWN.top));
    assert_eq!(of_schema, known);
    let written: Written = toml::from_str("[[signer]]\nname = \"a\"\nkey = \"k\"").unwrap();
    let written = serde_json::to_value(written).unwrap();
    for (name, keys) in &known {
        let of_struct = match (name.as_str(), &written[name]) {
            ("", _) => &written,
            (_, Value::Array(list)) => &list[0],
            (_, section) => section,
        };
        let mut of_struct = names(of_struct);
        of_struct.sort();
        of_struct.retain(|it| !name.is_empty() || !known.contains_key(it));
        assert_eq!(of_struct, *keys, "[{name}]");
    }
}

const SIGNER: &str = "[[signer]]\nname = \"a\"\nkey = \"k.pub\"\n";

fn parse(text: &str) -> Result<PolicyFile, Reason> {
    PolicyFile::parse(Path::new("ci/policy.toml"), text).map_err(Reason::from)
}

#[test]
fn the_schema_takes_what_we_take() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let window = "not_before = \"2026-01-01T00:00:00Z\"\nnot_after = \"2027-01-01T00:00:00Z\"\n";
    for (head, tail, valid) in [
        ("", "", true),
        ("require = [\"signature\", \"https://example.com/p\"]\n", "", true),
        ("require = [\"everything\"]\n", "", false),
        ("signatures = 1\nbind_tag = true\nmax_verdict_age = \"90d\"\n", "", true),
        ("signatures = 0\n", "", false),
        ("signatures = \"two\"\n", "", false),
        ("max_verdict_age = \"soon\"\n", "", false),
        ("bind_tags = true\n", "", false),
        ("", window, true),
        ("", "digests = [\"sha256:12\"]\n", false),
        ("", "not_afters = \"x\"\n", false),
        ("", "[source]\nrepository = \"https://h.example/r\"\nrefs = [\"refs/heads/*\"]\n", true),
        ("", "[source]\nrefs = \"refs/heads/main\"\n", false),
        ("", "[source]\nrepository = \"\"\n", false),
        ("", "[source]\nbuilders = [\"\"]\n", false),
        ("", "[gate]\nmax_critical = 0\nmax_low = \"unlimited\"\nmax_scan_age = \"30d\"\n", true),
        ("", "[gate]\nmax_critical = -1\n", false),
        ("", "[gates]\n", false),
    ] {
        let text = format!("{head}{SIGNER}{tail}");
        let value: Value = toml::from_str(&text).unwrap();
        assert_eq!((parse(&text).is_ok(), validator.is_valid(&value)), (valid, valid), "{text}");
    }
    assert!(!validator.is_valid(&serde_json::json!({})), "somebody must be trusted");
    assert!(parse("").is_err());
    assert!(parse(EXAMPLE).is_ok());
}

#[test]
fn an_unknown_key_has_its_line_and_the_nearest_known_one() {
    for (text, line, nearest) in [
        ("bind_tags = true\n", 1, "bind_tag"),
        ("[gate]\n\nmax_hihg = 1\n", 3, "max_high"),
        ("[sources]\n", 1, "source"),
        (
            "[[signer]]\nname = \"a\"\nkey = \"k\"\n[[signer]]\nname = \"b\"\nkeys = \"k\"\n",
            6,
            "key",
        ),
    ] {
        let reason = parse(text).unwrap_err();
        assert_eq!((reason.exit, reason.code), (Exit::Invalid, "policy-unknown-key"), "{text}");
        assert_eq!(reason.place, format!("ci/policy.toml:{line}"));
        assert!(reason.fix.contains(nearest), "{reason:?}");
    }
}

#[test]
fn what_is_wrong_by_itself_has_its_line() {
    let two = format!("{SIGNER}{SIGNER}");
    let window = "not_after = 2026-01-01T00:00:00Z\nnot_before = 2027-01-01T00:00:00Z\n";
    for (text, line, found) in [
        ("bind_tag = true\n".to_owned(), 1, "nobody is trusted"),
        (format!("\nsignatures = 2\n{SIGNER}"), 2, "there are 1"),
        (two, 4, "twice"),
        (format!("{SIGNER}{window}"), 1, "before not_before"),
        (SIGNER.replace("\"a\"", "\" \""), 1, "without a name"),
        (format!("{SIGNER}not_after = \"tomorrow\"\n"), 4, "offset"),
        (format!("{SIGNER}not_after = 2026-01-01\n"), 4, "offset"),
        ("[[signer]]\nname = \"a\"\n".to_owned(), 1, "key"),
    ] {
        let reason = parse(&text).unwrap_err();
        assert_eq!((reason.exit, reason.code), (Exit::Invalid, "policy-invalid"), "{text}");
        assert_eq!(reason.place, format!("ci/policy.toml:{line}"), "{text}: {reason:?}");
        assert!(reason.found.contains(found), "{text}: {reason:?}");
    }
}

#[test]
fn what_is_demanded_must_be_there() {
    let required = |text: &str| {
        let demands = parse(text).unwrap().demands().unwrap();
        demands.required.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    assert_eq!(required(SIGNER), "provenance,sbom,vuln,vsa,signature");
    let only = format!("require = [\"sbom\"]\n{SIGNER}");
    assert_eq!(required(&only), "sbom");
    assert_eq!(required(&format!("{only}[source]\nrefs = [\"x\"]")), "sbom,provenance");
    assert_eq!(required(&format!("{only}[gate]\nmax_high = 0")), "sbom,vuln");
    assert_eq!(required(&format!("max_verdict_age = \"1d\"\n{only}")), "sbom,vsa");
    assert_eq!(required(&format!("bind_tag = true\n{only}")), "sbom,signature");
}

proptest! {
    #[test]
    fn never_panics(text in "(\\[{1,2}(gate|signer|source|x)\\]{1,2}\n)?([a-z_]{1,12} = .{0,20}\n){0,3}.{0,30}") {
        let _ = parse(&text);
        let _ = parse(&format!("{SIGNER}{text}"));
    }
}
