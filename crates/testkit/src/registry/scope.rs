//! Scopes of tokens: `repository:NAME:pull,push`.

use std::fmt;

/// Something done to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Pull,
    Push,
    Delete,
}

impl Action {
    const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Delete];

    const fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
        }
    }
}

/// Actions on repositories, each pair once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope(Vec<(String, Action)>);

impl Scope {
    /// One action, and the right to pull, which every other one brings along.
    pub(super) fn of(repository: &str, action: Action) -> Self {
        let mut pairs = vec![(repository.to_owned(), Action::Pull)];
        if action != Action::Pull {
            pairs.push((repository.to_owned(), action));
        }
        Self(pairs)
    }

    /// Reads texts that hold scopes with spaces between; what is malformed is left out, as token
    /// servers do.
    pub(super) fn parse<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut pairs = Vec::new();
        for scope in texts.flat_map(str::split_whitespace) {
            let Some((name, actions)) =
                scope.strip_prefix("repository:").and_then(|rest| rest.rsplit_once(':'))
            else {
                continue;
            };
            let named = |action: &Action| {
                let mut listed = actions.split(',');
                listed.any(|it| it == action.name() || it == "*")
            };
            let fitting = Action::ALL.into_iter().filter(named);
            pairs.extend(fitting.map(|action| (name.to_owned(), action)));
        }
        Self(pairs)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn covers(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|pair| self.0.contains(pair))
    }

    /// The pairs that are allowed.
    pub(super) fn only(&self, allowed: impl Fn(&str, Action) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, action)| allowed(name, *action));
        Self(kept.cloned().collect())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, chunk) in self.0.chunk_by(|a, b| a.0 == b.0).enumerate() {
            let actions: Vec<_> = chunk.iter().map(|(_, action)| action.name()).collect();
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}repository:{}:{}", chunk[0].0, actions.join(","))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_scopes() {
        let text = "repository:team/app:pull,push repository:base:pull";
        let scope = Scope::parse([text].into_iter());
        assert_eq!(scope.to_string(), text);
        assert!(scope.covers(&Scope::of("team/app", Action::Push)));
        assert!(!scope.covers(&Scope::of("base", Action::Push)));
        assert!(!scope.covers(&Scope::of("team/app", Action::Delete)));
        assert!(scope.covers(&Scope::default()));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,100}") {
            drop(Scope::parse([text.as_str()].into_iter()));
        }
    }
}
