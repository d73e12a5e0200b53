//! docs/iam.md: its excerpts are what its own command writes.

use crate::harness::Sandbox;

const PAGE: &str = include_str!("../../../docs/iam.md");

#[test]
fn the_excerpts_are_what_is_written() {
    let sandbox = Sandbox::new();
    let command = PAGE.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let command = command.replace("\\\n", " ");
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    sandbox.boltseal(&words).exits(0);
    let mut seen = Vec::new();
    for part in PAGE.split("<!-- ").skip(1) {
        let (file, rest) = part.split_once(" -->\n```json\n").unwrap();
        let (excerpt, _) = rest.split_once("\n```").unwrap();
        let written = sandbox.read(file);
        assert!(written.contains(excerpt), "{file} has no\n{excerpt}\nbut\n{written}");
        seen.push(file);
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
    for entry in std::fs::read_dir(sandbox.path("iam")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(PAGE.contains(&format!("{name}`")), "{name} is not on the page");
    }
    // And the second command of the page goes on from there.
    let command = PAGE.split("```sh\n").nth(2).unwrap().split("```").next().unwrap();
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    sandbox.boltseal(&words).exits(0);
    let trust = sandbox.read("iam/trust-policy.json");
    assert!(trust.contains("repo:acme@65/app@74:ref:refs/heads/main"), "{trust}");
}
