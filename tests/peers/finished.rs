use std::process::Output;

/// How a program ended and all that it said.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    line: String,
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn new(line: String, output: &Output) -> Self {
        Self {
            line,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts that it ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told());
        self
    }

    /// Whether it ended with 0.
    pub(crate) fn passed(&self) -> bool {
        self.code == Some(0)
    }

    /// Asserts that it ended with 0.
    #[track_caller]
    pub(crate) fn passes(self) -> Self {
        self.exits(0)
    }

    /// Asserts that it ended by itself with anything but 0, and gave this reason: a foreign program
    /// that crashed, or could not reach what it was asked about, has refused nothing.
    #[track_caller]
    pub(crate) fn refuses(self, reason: &str) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "{}", self.told());
        self.says(reason)
    }

    /// Asserts that these words stand in what it said.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        let found = self.stdout.contains(words) || self.stderr.contains(words);
        assert!(found, "{words:?} was expected\n{}", self.told());
        self
    }

    /// The one JSON document on its standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let document = serde_json::from_str(&self.stdout);
        document.unwrap_or_else(|error| panic!("{error}\n{}", self.told()))
    }

    fn told(&self) -> String {
        let Self { line, code, stdout, stderr } = self;
        format!("$ {line}\nended with {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}
