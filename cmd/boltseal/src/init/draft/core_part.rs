use serde_json::Value;

use super::super::record::BEGIN;

/// What of a file must be as it would be written; the rest is its owner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CorePart {
    /// Everything.
    Whole,
    /// The value, however it is laid out.
    Json,
    /// Everything but what one job says, which may not ask for tokens, nor hand variables on.
    Around(Around),
    /// The line that says what it is made of, and these values, as `SECTION.KEY`.
    Toml(&'static [&'static str]),
}

impl CorePart {
    pub(super) fn is_said_by(&self, text: &str, draft: &str) -> bool {
        match self {
            Self::Whole => text == draft,
            Self::Json => json(text).is_some_and(|it| Some(it) == json(draft)),
            Self::Around(around) => around.is_said_by(text),
            Self::Toml(keys) => {
                let of = |text: &str| toml::from_str::<toml::Table>(text).ok();
                let (Some(found), Some(wanted)) = (of(text), of(draft)) else { return false };
                record(text) == record(draft)
                    && keys.iter().all(|it| value(&found, it) == value(&wanted, it))
            }
        }
    }
}

/// A workflow but for one of its jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// All before it, up to the line with its name.
    pub(super) head: String,
    /// All after it.
    pub(super) tail: String,
    /// How deep the job's name is.
    pub(super) depth: usize,
}

impl Around {
    fn is_said_by(&self, text: &str) -> bool {
        let job = text.strip_prefix(self.head.as_str());
        job.and_then(|it| it.strip_suffix(self.tail.as_str())).is_some_and(|it| self.is_job(it))
    }

    /// Whether a text is of that job alone, and nothing of what no job beside a release may have.
    fn is_job(&self, text: &str) -> bool {
        const REFUSED: [&str; 4] = ["id-token", "id_tokens", "dotenv", "write-all"];
        // Some take these for the end of a line.
        const BREAKS: [char; 5] = ['\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}'];
        let is_inside = |line: &str| {
            let rest = line.trim_start_matches(' ');
            rest.is_empty() || rest.starts_with('#') || line.len() - rest.len() > self.depth
        };
        (text.is_empty() || text.ends_with('\n'))
            && !text.contains(BREAKS)
            && text.lines().all(is_inside)
            && !REFUSED.iter().any(|it| text.to_ascii_lowercase().contains(it))
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
    }

    #[test]
    fn one_job_alone_is_its_owners() {
        let (head, tail) = ("jobs:\n  build:\n".to_owned(), "  release:\n    x: 1\n".to_owned());
        let around = CorePart::Around(Around { head, tail, depth: 2 });
        let is_said = |job: &str| {
            let text = format!("jobs:\n  build:\n{job}  release:\n    x: 1\n");
            around.is_said_by(&text, "")
        };
        for good in ["", "    a: 1\n\n    b:\n      - 2\n", "# note\n   a: 1\n"] {
            assert!(is_said(good), "{good:?}");
        }
        for bad in [
            "  other:\n    a: 1\n",
            "on: push\n",
            "---\n",
            "\tx: 1\n",
            "    a: 1\r  other: 2\n",
            "    a: 1\u{2028}  other: 2\n",
            "    a: |",
            "    permissions: {id-token: write}\n",
            "    permissions: write-all\n",
            "    id_tokens:\n",
            "      dotenv: x\n",
        ] {
            assert!(!is_said(bad), "{bad:?}");
        }
        assert!(!around.is_said_by("", ""));
        assert!(!around.is_said_by("jobs:\n  build:\n  release:\n    x: 1\n    y: 2\n", ""));
        assert!(!around.is_said_by("x\njobs:\n  build:\n  release:\n    x: 1\n", ""));
    }
}
