use super::Refusal;

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Answer<T> {
    /// It was not made.
    #[default]
    NotAsked,
    /// This.
    Said(T),
    /// There is none: `RepositoryPolicyNotFoundException`.
    None(Refusal),
    /// The caller may not ask.
    Denied(Refusal),
    /// Anything else that went wrong.
    Failed(Refusal),
}

impl<T> Answer<T> {
    /// The answer, where there is one.
    pub(crate) const fn said(&self) -> Option<&T> {
        match self {
            Self::Said(it) => Some(it),
            _ => None,
        }
    }

    /// Whether the call was made.
    pub(crate) const fn is_asked(&self) -> bool {
        !matches!(self, Self::NotAsked)
    }

    /// The answer of a refusal.
    pub(crate) fn of_refusal(refusal: Refusal) -> Self {
        if refusal.is_none() {
            Self::None(refusal)
        } else if refusal.is_denial() {
            Self::Denied(refusal)
        } else {
            Self::Failed(refusal)
        }
    }
}
