//! The published verification cases of Sigstore's conformance suite.

use std::path::Path;

use crate::console;
use crate::failure::Failure;
use crate::product::Product;

use super::{Answer, Case, names};

const CASES: usize = 14;

/// Cases whose signer is a key, with the exit code and the outcome they must have. A case that
/// names no key is one that was called wrongly: boltseal asks for one, and judges nothing.
const MANAGED_KEY: [(&str, i32, Option<&str>); 4] = [
    ("managed-key-and-trusted-root", 0, Some("verified")),
    ("managed-key-happy-path", 0, Some("verified")),
    ("managed-key-no-key_fail", 2, None),
    // Its key file is damaged: the key cannot be read, so no signature is ever looked at.
    ("managed-key-wrong-key_fail", 20, Some("refused")),
];

pub(super) fn run(folder: &Path, product: &Product) -> Result<Vec<Case>, Failure> {
    let mut waiting = names("sigstore-conformance", folder, CASES, Path::is_dir)?;
    let mut cases = Vec::new();
    for (name, exit, outcome) in MANAGED_KEY {
        let problems = if waiting.remove(name) {
            verify(&folder.join(name), product)?.differs(exit, outcome)
        } else {
            vec!["the case is not there".to_owned()]
        };
        cases.push(Case { name: format!("sigstore-conformance/{name}"), problems });
    }
    console::say(&format!("{} cases are not supported yet, and were not run:", waiting.len()));
    for name in waiting {
        console::say(&format!("      sigstore-conformance/{name}"));
    }
    Ok(cases)
}

/// Calls it with what lies in the case's folder, as the suite's own client is called.
fn verify(case: &Path, product: &Product) -> Result<Answer, Failure> {
    let own = case.join("artifact");
    let artifact = if own.is_file() { own } else { case.with_file_name("a.txt") };
    let mut words = vec!["verify-blob".to_owned(), artifact.display().to_string()];
    let files = [
        ("--bundle", "bundle.sigstore.json"),
        ("--key", "key.pub"),
        ("--trusted-root", "trusted_root.json"),
    ];
    for (flag, file) in files {
        let file = case.join(file);
        if file.is_file() {
            words.extend([flag.to_owned(), file.display().to_string()]);
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Answer::to(product, &words)
}
