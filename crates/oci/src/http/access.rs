//! What a token must allow.

/// The rights that a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Write here, and read the repository with this path.
    Mount(String),
    /// Read.
    Pull,
    /// Read and write.
    Push,
}

impl Access {
    /// The scopes to ask for (distribution's token specification), for the repository at `path`.
    pub(super) fn scopes(&self, path: &str) -> Vec<String> {
        let push = || format!("repository:{path}:pull,push");
        match self {
            Self::Mount(from) => vec![push(), format!("repository:{from}:pull")],
            Self::Pull => vec![format!("repository:{path}:pull")],
            Self::Push => vec![push()],
        }
    }

    /// The same, and what the registry names beyond it (scopes parted by spaces): it may know the
    /// repository under another name.
    pub(super) fn scopes_with(&self, path: &str, named: &str) -> Vec<String> {
        let mut scopes = self.scopes(path);
        for scope in named.split(' ').filter(|it| !it.is_empty()) {
            if !scopes.iter().any(|ours| includes(ours, scope)) {
                scopes.push(scope.to_owned());
            }
        }
        scopes
    }

    /// Whether a token for `self` will do for `other`.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Mount(_) => self == other,
            Self::Pull => true,
            Self::Push => *self != Self::Pull,
        }
    }
}

/// Whether a scope (`type:name:action,action`) allows all that another does.
fn includes(scope: &str, other: &str) -> bool {
    match (scope.rsplit_once(':'), other.rsplit_once(':')) {
        (Some((resource, actions)), Some((same, wanted))) => {
            resource == same
                && wanted.split(',').all(|it| actions.split(',').any(|ours| ours == it))
        }
        _ => scope == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_what_is_needed_and_what_is_named() {
        let asked = |named: &str| Access::Push.scopes_with("a", named);
        assert_eq!(asked("repository:a:pull"), ["repository:a:pull,push"]);
        assert_eq!(asked(""), ["repository:a:pull,push"]);
        let both = ["repository:a:pull,push", "repository:proxy/a:pull"];
        assert_eq!(asked("repository:proxy/a:pull repository:a:push,pull"), both);
    }

    #[test]
    fn covers_less_not_more() {
        let mount = Access::Mount("b".to_owned());
        assert!(mount.covers(&Access::Push) && mount.covers(&Access::Pull) && mount.covers(&mount));
        assert!(Access::Push.covers(&Access::Pull) && !Access::Push.covers(&mount));
        assert!(!Access::Pull.covers(&Access::Push));
        assert_eq!(mount.scopes("a"), ["repository:a:pull,push", "repository:b:pull"]);
    }
}
