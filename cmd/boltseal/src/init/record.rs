//! The line of `boltseal.toml` that says what the files were made of.

use super::source::{Origin, Source};

/// How it begins.
pub(crate) const BEGIN: &str = "# boltseal init ";
/// The settings that are written down.
pub(crate) const NAMES: [&str; 10] = [
    "to",
    "ci",
    "source-repository",
    "owner-id",
    "repository-id",
    "ref",
    "role-name",
    "key-alias",
    "scan",
    "action",
];

/// The settings of the first such line; those that nobody knows are left out.
pub(crate) fn read(text: &str) -> Source {
    let mut source = Source::new(Origin::Config);
    let line = text.lines().take(20).find_map(|line| line.strip_prefix(BEGIN));
    let mut words = line.unwrap_or_default().split_whitespace();
    while let Some(word) = words.next() {
        let name =
            word.strip_prefix("--").and_then(|it| NAMES.into_iter().find(|name| *name == it));
        if let (Some(name), Some(value)) = (name, words.next()) {
            source.add(name, value);
        }
    }
    source
}

/// The line, of names and values without spaces.
pub(crate) fn line(settings: &[(&'static str, Vec<String>)]) -> String {
    let words = settings
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| format!("--{name} {value}")));
    format!("{BEGIN}{}", words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let all: Vec<(&'static str, Vec<String>)> = NAMES
            .into_iter()
            .map(|name| (name, vec![format!("{name}-1"), "2".to_owned()]))
            .collect();
        let source = read(&format!("# mine\n{}\n[release]\n", line(&all)));
        for (name, values) in all {
            assert_eq!(source.values(name), Some(&values[..]));
        }
        let odd = read("# boltseal init --to --ci github --evil x --ref\n# boltseal init --to y\n");
        assert_eq!(odd.values("to"), Some(&["--ci".to_owned()][..]));
        assert_eq!((odd.values("evil"), odd.values("ref")), (None, None));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(# boltseal init )?.{0,60}") {
            drop(read(&text));
        }
    }
}
