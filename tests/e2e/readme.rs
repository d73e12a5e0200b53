//! The pipelines of the README are short, and say nothing that the action and the component do not
//! take.

use std::fs;
use std::path::Path;

use serde_json::Value;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(path).unwrap()
}

/// The block of YAML in the README that has this in it.
fn block(with: &str) -> (usize, Value) {
    let readme = text("README.md");
    let blocks = readme.split("```yaml\n").skip(1).filter_map(|it| it.split("```").next());
    let found: Vec<&str> = blocks.filter(|it| it.contains(with)).collect();
    let [block] = found[..] else { panic!("one block with {with} is expected: {found:?}") };
    (block.lines().count(), serde_saphyr::from_str(block).unwrap())
}

fn names(value: &Value) -> Vec<&String> {
    let names: Vec<_> = value.as_object().expect("a mapping").keys().collect();
    assert!(names.len() > 4, "{names:?}");
    names
}

#[test]
fn ten_lines_for_github() {
    let (lines, block) = block("workflows/github@");
    assert!(lines <= 10, "{lines} lines");
    assert_eq!(block["permissions"]["id-token"], "write");
    let action: Value = serde_saphyr::from_str(&text("workflows/github/action.yml")).unwrap();
    let taken = names(&action["inputs"]);
    for name in names(&block["steps"][0]["with"]) {
        assert!(taken.contains(&name), "the action takes no {name}");
    }
}

#[test]
fn ten_lines_for_gitlab() {
    let (lines, block) = block("component:");
    assert!(lines <= 10, "{lines} lines");
    let template = text("workflows/gitlab/templates/boltseal.yml");
    let (header, _) = template.split_once("\n---\n").expect("a header");
    let header: Value = serde_saphyr::from_str(header).unwrap();
    let taken = names(&header["spec"]["inputs"]);
    for name in names(&block["include"][0]["inputs"]) {
        assert!(taken.contains(&name), "the component takes no {name}");
    }
}

/// Every document that the README names is there.
#[test]
fn what_it_names_is_there() {
    let readme = text("README.md");
    let named: Vec<&str> = readme.split('`').filter(|it| it.starts_with("docs/")).collect();
    assert!(named.len() >= 8, "{named:?}");
    for name in named {
        assert!(!text(name).is_empty(), "{name}");
    }
}
