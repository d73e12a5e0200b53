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

    /// Whether a token for `self` will do for `other`.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Mount(_) => self == other,
            Self::Pull => true,
            Self::Push => *self != Self::Pull,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_less_not_more() {
        let mount = Access::Mount("b".to_owned());
        assert!(mount.covers(&Access::Push) && mount.covers(&Access::Pull) && mount.covers(&mount));
        assert!(Access::Push.covers(&Access::Pull) && !Access::Push.covers(&mount));
        assert!(!Access::Pull.covers(&Access::Push));
        assert_eq!(mount.scopes("a"), ["repository:a:pull,push", "repository:b:pull"]);
    }
}
