use serde_json::Value;

use super::super::record::BEGIN;

/// What of a file must be as it would be written; the rest is its owner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CorePart {
    /// Everything.
    Whole,
    /// The value, however it is laid out.
    Json,
    /// These lines, one after the other.
    Lines(String),
    /// The line that says what it is made of, and these values, as `SECTION.KEY`.
    Toml(&'static [&'static str]),
}

impl CorePart {
    pub(super) fn is_said_by(&self, text: &str, draft: &str) -> bool {
        match self {
            Self::Whole => text == draft,
            Self::Json => json(text).is_some_and(|it| Some(it) == json(draft)),
            Self::Lines(lines) => text.contains(lines.as_str()),
            Self::Toml(keys) => {
                let of = |text: &str| toml::from_str::<toml::Table>(text).ok();
                let (Some(found), Some(wanted)) = (of(text), of(draft)) else { return false };
                record(text) == record(draft)
                    && keys.iter().all(|it| value(&found, it) == value(&wanted, it))
            }
        }
    }
}

fn json(text: &str) -> Option<Value> {
    boltseal_core::json::parse(text.as_bytes()).ok()
}

fn record(text: &str) -> Option<&str> {
    text.lines().find(|it| it.starts_with(BEGIN))
}

fn value<'t>(table: &'t toml::Table, key: &str) -> Option<&'t toml::Value> {
    match key.split_once('.') {
        Some((section, key)) => table.get(section)?.get(key),
        None => table.get(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_must_be_the_same() {
        let draft = "# boltseal init --to h/a\n[a]\nb = 1\nc = 2\n";
        let core = CorePart::Toml(&["a.b"]);
        assert!(core.is_said_by("# mine\n# boltseal init --to h/a\n[a]\nb = 1\nc = 3\n", draft));
        for other in [
            "# boltseal init --to h/a\n[a]\nb = 2\nc = 2\n",
            "# boltseal init --to h/b\n[a]\nb = 1\n",
            "[a]\nb = 1\n",
            "# boltseal init --to h/a\n[a]\n",
            "# boltseal init --to h/a\n[a\n",
        ] {
            assert!(!core.is_said_by(other, draft), "{other}");
        }
        assert!(CorePart::Json.is_said_by("{ \"a\": [1] }", "{\"a\":[1]}"));
        assert!(!CorePart::Json.is_said_by("{\"a\":[1]", "{\"a\":[1]"), "no JSON is the same");
        assert!(!CorePart::Whole.is_said_by("a ", "a"));
        let lines = CorePart::Lines("  a\n  b\n".to_owned());
        assert!(lines.is_said_by("x\n  a\n  b\ny", "") && !lines.is_said_by("  a\n", ""));
    }
}
