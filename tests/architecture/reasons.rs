//! The pages about reasons and exit codes, held against the sources: no code is missing, none is
//! invented, and each stands under the exit code that it is given with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use boltseal_core::Exit;

use crate::files::{Source, root, sources};

/// Fewer would say that the scan, or the page, is broken.
const FEWEST: usize = 250;

/// Functions that answer codes.
const FUNCTIONS: [(&str, &str); 9] = [
    ("cmd/boltseal/src/argument/key_source.rs", "refused"),
    ("crates/aws/src/error.rs", "code"),
    ("crates/crypto/src/notation/refusal.rs", "code"),
    ("crates/gate/src/error.rs", "code"),
    ("crates/image/src/layer_error.rs", "parts"),
    ("crates/ports/src/identity.rs", "code"),
    ("crates/ports/src/registry_error.rs", "code"),
    ("crates/ports/src/scanner.rs", "code"),
    ("crates/verify/src/refusal.rs", "code"),
];

/// Other places that a code stands in: a file, and what stands before the code.
const PLACES: [(&str, &str); 9] = [
    ("cmd/boltseal/src/command/doctor/oidc.rs", "object(path,"),
    ("cmd/boltseal/src/command/verify_blob.rs", "unreadable("),
    ("cmd/boltseal/src/config/error.rs", "kind.code(["),
    ("cmd/boltseal/src/config/error.rs", "-invalid\","),
    ("cmd/boltseal/src/config/error.rs", "-unknown-key\","),
    ("cmd/boltseal/src/config/error.rs", "-unreadable\","),
    ("crates/gate/src/judged.rs", "reason("),
    ("crates/gate/src/platform.rs", "NO_REPORT: &str ="),
    ("crates/pipeline/src/release/notation.rs", "Reason::new(exit,"),
];

/// The ids of posture's findings, which are codes where a finding refuses.
const CATALOGUE: &str = "crates/posture/src/catalogue.rs";

/// Files that make reasons with a code that is computed: by a function or a place named above, or
/// by their callers.
const COMPUTED: [&str; 10] = [
    "cmd/boltseal/src/argument/key_source.rs",
    "cmd/boltseal/src/command/doctor/oidc.rs",
    "cmd/boltseal/src/command/verify_blob.rs",
    "cmd/boltseal/src/usage.rs",
    "crates/gate/src/judged.rs",
    "crates/gate/src/platform.rs",
    "crates/image/src/layer_error.rs",
    "crates/posture/src/judge.rs",
    "crates/verify/src/companion.rs",
    "crates/verify/src/refusal.rs",
];

/// A code that a source gives, with the exit code where it stands beside it.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    code: String,
    exit: Option<Exit>,
    path: String,
}

/// What is built into the program: without tests, test kits and comments.
fn product() -> Vec<Source> {
    let is_product = |path: &Path| {
        let is_test = |part: &str| matches!(part, "tests" | "testkit" | "tests.rs");
        !path.starts_with("tests") && !path.iter().any(|it| it.to_str().is_some_and(is_test))
    };
    let of = |source: Source| {
        let body = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = body.lines().filter(|line| !line.trim_start().starts_with("//"));
        let text = lines.collect::<Vec<_>>().join("\n");
        Source { path: source.path, text }
    };
    sources().into_iter().filter(|it| is_product(&it.path)).map(of).collect()
}

fn page(name: &str) -> String {
    let path = root().join("docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_code(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    text.starts_with(|it: char| it.is_ascii_lowercase()) && text.chars().all(plain)
}

/// The code that `text` begins with, as a literal.
fn literal(text: &str) -> Option<&str> {
    let (code, _) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    is_code(code).then_some(code)
}

/// The codes that follow `opener`.
fn after<'t>(text: &'t str, opener: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(opener).filter_map(move |(at, _)| literal(&text[at + opener.len()..]))
}

/// `Exit::NAME, "code"`, wherever it stands.
fn with_exit(text: &str) -> Vec<(Exit, &str)> {
    let of = |(at, opener): (usize, &str)| {
        let (name, rest) = text[at + opener.len()..].split_once(',')?;
        let exit = Exit::ALL.into_iter().find(|exit| format!("{exit:?}") == name)?;
        Some((exit, literal(rest)?))
    };
    text.match_indices("Exit::").filter_map(of).collect()
}

/// All literals in the bodies of the functions with this name that are codes.
fn in_functions<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let head = format!("fn {name}(");
    let bodies = text.match_indices(&head).map(|(at, _)| &text[at..]);
    let body = |rest: &'t str| {
        let lines = rest.split_inclusive('\n');
        let inside = lines.take_while(|line| line.trim_end() != "    }");
        &rest[..inside.map(str::len).sum::<usize>()]
    };
    let literals = |body: &'t str| body.split('"').skip(1).step_by(2).filter(|it| is_code(it));
    bodies.flat_map(|rest| literals(body(rest))).collect()
}

/// Every code that a source gives.
fn given_by(source: &Source) -> Vec<Given> {
    let (path, text) = (source.path.to_string_lossy().into_owned(), source.text.as_str());
    let mut all: Vec<(Option<Exit>, &str)> = Vec::new();
    all.extend(with_exit(text).into_iter().map(|(exit, code)| (Some(exit), code)));
    all.extend(after(text, "usage(").map(|code| (Some(Exit::Usage), code)));
    if path == CATALOGUE {
        all.extend(after(text, " = ").map(|id| (Some(Exit::Gate), id)));
    }
    for (_, function) in FUNCTIONS.iter().filter(|(file, _)| *file == path) {
        all.extend(in_functions(text, function).into_iter().map(|code| (None, code)));
    }
    for (_, opener) in PLACES.iter().filter(|(file, _)| *file == path) {
        all.extend(after(text, opener).map(|code| (None, code)));
    }
    let given = |(exit, code): (_, &str)| Given { code: code.to_owned(), exit, path: path.clone() };
    all.into_iter().map(given).collect()
}

/// Whether a source makes a reason whose code is no literal, or answers codes.
fn computes(text: &str) -> bool {
    let is_computed = |(at, opener): (usize, &str)| {
        let arguments = &text[at + opener.len()..];
        let second = arguments.split_once(',').map_or("", |(_, rest)| rest);
        !second.trim_start().starts_with('"')
    };
    text.match_indices("Reason::new(").any(is_computed)
}

fn answers_codes(text: &str) -> bool {
    ["fn code(&self) -> &'static str", "fn code(self) -> &'static str"]
        .iter()
        .any(|head| text.contains(head))
}

/// The codes of the page, each with the exit codes that it stands under.
fn explained(page: &str) -> BTreeMap<String, BTreeSet<u8>> {
    let mut all: BTreeMap<String, BTreeSet<u8>> = BTreeMap::new();
    let mut section = 0;
    for line in page.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let number = head.split_once(':').and_then(|(number, _)| number.parse().ok());
            section = number.unwrap_or_else(|| panic!("{line:?} names no exit code"));
        }
        if let Some((code, _)) = line.strip_prefix("| `").and_then(|rest| rest.split_once('`')) {
            all.entry(code.to_owned()).or_default().insert(section);
        }
    }
    all
}

/// What is wrong with the page, by what is given.
fn unexplained(given: &[Given], explained: &BTreeMap<String, BTreeSet<u8>>) -> Vec<String> {
    let mut found = Vec::new();
    for Given { code, exit, path } in given {
        match (explained.get(code), exit) {
            (None, _) => found.push(format!("{code} ({path}) is not explained")),
            (Some(under), Some(exit)) if !under.contains(&exit.code()) => {
                found.push(format!("{code} ({path}) does not stand under {}", exit.code()));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_code_is_explained_under_its_exit_code() {
    let product = product();
    let given: Vec<Given> = product.iter().flat_map(given_by).collect();
    let codes: BTreeSet<&str> = given.iter().map(|it| it.code.as_str()).collect();
    assert!(codes.len() > FEWEST, "only {} codes were found", codes.len());
    let found = unexplained(&given, &explained(&page("refusals.md")));
    assert!(found.is_empty(), "docs/refusals.md:\n{}", found.join("\n"));
}

#[test]
fn no_code_is_invented() {
    let product = product();
    let explained = explained(&page("refusals.md"));
    assert!(explained.len() > FEWEST, "only {} codes are explained", explained.len());
    let is_given = |code: &str| {
        let literal = format!("\"{code}\"");
        product.iter().any(|source| source.text.contains(&literal))
    };
    let invented: Vec<&String> = explained.keys().filter(|code| !is_given(code)).collect();
    assert!(invented.is_empty(), "docs/refusals.md has codes that nothing gives: {invented:?}");
}

#[test]
fn every_place_that_computes_codes_is_known() {
    let mut found = Vec::new();
    for Source { path, text } in &product() {
        let shown = path.display().to_string();
        if computes(text) && !COMPUTED.contains(&shown.as_str()) {
            found.push(format!("{shown} makes a reason whose code is no literal"));
        }
        if answers_codes(text) && !FUNCTIONS.iter().any(|(file, _)| *file == shown) {
            found.push(format!("{shown} answers codes"));
        }
    }
    assert!(found.is_empty(), "add them to this file:\n{}", found.join("\n"));
}

#[test]
fn every_named_place_gives_codes() {
    let product = product();
    let text = |file: &str| {
        let source = product.iter().find(|it| it.path == Path::new(file));
        source.map_or_else(|| panic!("there is no {file}"), |it| it.text.as_str())
    };
    for (file, function) in FUNCTIONS {
        assert!(!in_functions(text(file), function).is_empty(), "{file}: {function}");
    }
    for (file, opener) in PLACES {
        assert!(after(text(file), opener).next().is_some(), "{file}: {opener}");
    }
    assert!(COMPUTED.iter().all(|file| computes(text(file))), "{COMPUTED:?}");
}

#[test]
fn every_exit_code_has_its_meaning() {
    let page = page("exit-codes.md");
    for exit in Exit::ALL {
        let row = format!("| {} | {} | ", exit.code(), exit.meaning());
        assert!(page.contains(&row), "docs/exit-codes.md has no row {row}");
    }
    let of_row = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse::<u8>().ok();
    let rows = page.lines().filter_map(of_row);
    assert_eq!(rows.count(), Exit::ALL.len());
    let order = Exit::PRECEDENCE.map(|exit| exit.code().to_string()).join(", ");
    assert!(page.contains(&format!("**{order}**")), "docs/exit-codes.md: not in the order {order}");
}

#[test]
fn what_is_missing_or_misplaced_is_found() {
    let text = r#"let a = Reason::new(Exit::Gate, "one"); usage(
        "two", x); Err(usage("no code", y)); let b = (boltseal_core::Exit::TagTaken, "three");"#;
    let given = given_by(&Source { path: "x.rs".into(), text: text.to_owned() });
    let page = "## 10: the gate\n| `one` | why |\n| `three` | why |\n## 2: usage\n";
    let found = unexplained(&given, &explained(page));
    assert_eq!(
        found,
        [
            "three (x.rs) does not stand under 13".to_owned(),
            "two (x.rs) is not explained".to_owned()
        ]
    );
    assert!(computes("let r = Reason::new(exit, code)") && !computes(r#" Reason::new(e, "x")"#));
}
