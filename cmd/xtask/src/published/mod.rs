//! Cases that others published or recorded, read where they lie and never copied in here.

mod answer;
mod conformance;
mod inspector;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::console;
use crate::failure::Failure;
use crate::product::{Product, Profile};

use answer::Answer;

/// How one case ended: nothing in `problems` means as expected.
struct Case {
    name: String,
    problems: Vec<String>,
}

/// Runs every supported case under the folder.
///
/// # Errors
/// When a suite is not there whole, or any case ends otherwise than expected.
pub(crate) fn run(folder: &Path) -> Result<(), Failure> {
    let folder = fs::canonicalize(folder).map_err(Failure::file("find", folder))?;
    let product = Product::build(Profile::Debug)?;
    console::heading("published cases");
    let mut cases = inspector::run(&folder.join("inspector"), &product)?;
    cases.extend(conformance::run(&folder.join("sigstore-conformance"), &product)?);
    report(&cases)
}

fn report(cases: &[Case]) -> Result<(), Failure> {
    for Case { name, problems } in cases {
        let verdict = if problems.is_empty() { "ok" } else { "WRONG" };
        console::say(&format!("{verdict:5} {name}"));
        for problem in problems {
            console::say(&format!("      {problem}"));
        }
    }
    let count = wrong(cases);
    console::say(&format!("{} passed, {count} failed", cases.len() - count));
    judge(count, cases.len())
}

fn wrong(cases: &[Case]) -> usize {
    cases.iter().filter(|case| !case.problems.is_empty()).count()
}

fn judge(count: usize, total: usize) -> Result<(), Failure> {
    match count {
        0 => Ok(()),
        _ => Err(Failure::WrongOutcome { count, total }),
    }
}

/// The names in a folder.
///
/// # Errors
/// When they are not as many as the suite is known to have: a case that went missing, or came
/// new, must be looked at.
fn names(
    suite: &'static str,
    folder: &Path,
    expected: usize,
    wanted: impl Fn(&Path) -> bool,
) -> Result<BTreeSet<String>, Failure> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(Failure::file("list", folder))? {
        let path = entry.map_err(Failure::file("list", folder))?.path();
        if wanted(&path) {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    match names.len() {
        found if found == expected => Ok(names),
        found => Err(Failure::WrongCount { suite, expected, found, path: folder.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_case_fails_the_run() {
        let case = |problems: &[&str]| Case {
            name: "case".to_owned(),
            problems: problems.iter().map(|&problem| problem.to_owned()).collect(),
        };
        assert!(judge(wrong(&[case(&[])]), 1).is_ok());
        let cases = [case(&[]), case(&["exit: expected 0, found 11"])];
        let failure = judge(wrong(&cases), 2).unwrap_err();
        assert!(failure.to_string().starts_with("1 of 2 cases"), "{failure}");
    }

    #[test]
    fn a_suite_that_is_not_whole_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(names("suite", folder.path(), 1, |_| true).is_err());
        fs::write(folder.path().join("a"), "").unwrap();
        assert!(names("suite", folder.path(), 1, |_| true).is_ok());
        assert!(names("suite", folder.path(), 1, Path::is_dir).is_err());
    }
}
