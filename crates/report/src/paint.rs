/// Whether text is coloured. Whoever writes the text decides, by the terminal and `NO_COLOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// With ANSI colours.
    Ansi,
    /// Without.
    Plain,
}

/// What a verdict is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Green: it holds a proof.
    Good,
    /// Red: refused.
    Bad,
    /// Yellow: could not find out, or a warning.
    Doubtful,
}

impl Paint {
    pub(crate) fn verdict(self, mood: Mood, word: &str) -> String {
        let code = match mood {
            Mood::Good => "1;32",
            Mood::Bad => "1;31",
            Mood::Doubtful => "1;33",
        };
        self.wrap(code, word)
    }

    pub(crate) fn label(self, word: &str) -> String {
        self.wrap("2", word)
    }

    pub(crate) fn strong(self, word: &str) -> String {
        self.wrap("1", word)
    }

    fn wrap(self, code: &str, word: &str) -> String {
        match self {
            Self::Ansi => format!("\u{1b}[{code}m{word}\u{1b}[0m"),
            Self::Plain => word.to_owned(),
        }
    }
}
