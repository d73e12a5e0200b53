use std::fmt;

use crate::arn::{self, Arn};

/// A principal, or a set of them that a policy can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Who {
    /// Anyone with an AWS account. ECR answers nobody without one.
    Everyone,
    /// Any principal of an organisation.
    Organisation(String),
    /// Any principal of an account.
    Account(String),
    /// One principal, or those that a pattern with a fixed account names.
    Arn(String),
    /// A principal by its unique id, as in `aws:userid`; alone in a policy it is one that was
    /// deleted.
    UniqueId(String),
    /// A service of AWS.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// A canonical user, which only S3 knows.
    CanonicalUser(String),
}

impl Who {
    /// Its account, where it has one.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) => Some(id),
            Self::Arn(text) => Arn::parse(text).map(|arn| arn.account),
            _ => None,
        }
    }

    /// Whether `other` is certainly part of it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everyone, _) => true,
            (Self::Account(id), Self::Account(_) | Self::Arn(_)) => {
                other.account() == Some(id.as_str())
            }
            (Self::Arn(wide), Self::Arn(narrow)) => {
                arn::covers(wide, narrow) || is_session_of(narrow, wide)
            }
            (Self::Service(wide), Self::Service(_)) if wide == "*" => true,
            (Self::Federated(wide), Self::Federated(_)) if wide == "*" => true,
            _ => self == other,
        }
    }

    /// Those who are in both, or more than those where that cannot be said; none where nobody is.
    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        if self.covers(other) {
            return Some(other.clone());
        }
        if other.covers(self) {
            return Some(self.clone());
        }
        match (self, other) {
            (Self::Organisation(_), Self::Account(_) | Self::Arn(_) | Self::UniqueId(_))
            | (Self::Account(_), Self::UniqueId(_)) => Some(other.clone()),
            (Self::Account(_) | Self::Arn(_) | Self::UniqueId(_), Self::Organisation(_))
            | (Self::UniqueId(_), Self::Account(_) | Self::Arn(_))
            | (Self::Arn(_), Self::UniqueId(_)) => Some(self.clone()),
            (Self::Arn(one), Self::Arn(two)) => arn::overlaps(one, two).then(|| self.clone()),
            _ => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everyone => "*",
            Self::Organisation(text)
            | Self::Account(text)
            | Self::Arn(text)
            | Self::UniqueId(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text) => text,
        })
    }
}

/// Whether `session` is `arn:aws:sts::A:assumed-role/R/S` of a role that `role` names.
fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(session), Some(role)) = (Arn::parse(session), Arn::parse(role)) else {
        return false;
    };
    let mut parts = session.resource.split('/');
    session.service == "sts"
        && role.service == "iam"
        && parts.next() == Some("assumed-role")
        && role.resource.starts_with("role/")
        && session.account == role.account
        && parts.next() == Some(role.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str) -> Who {
        Who::Arn(text.to_owned())
    }

    #[test]
    fn an_account_covers_what_is_in_it_and_a_role_its_sessions() {
        let account = Who::Account("111122223333".to_owned());
        let role = arn("arn:aws:iam::111122223333:role/team/ci");
        let session = arn("arn:aws:sts::111122223333:assumed-role/ci/run-1");
        assert!(account.covers(&role) && account.covers(&session) && role.covers(&session));
        assert!(!session.covers(&role) && !role.covers(&account));
        assert!(!role.covers(&arn("arn:aws:sts::111122223333:assumed-role/ci2/run-1")));
        assert!(!role.covers(&arn("arn:aws:sts::999999999999:assumed-role/ci/run-1")));
        assert_eq!(role.meet(&account), Some(role.clone()));
        assert_eq!(Who::Everyone.meet(&session), Some(session));
        assert_eq!(account.meet(&Who::Service("codebuild.amazonaws.com".to_owned())), None);
        let organisation = Who::Organisation("o-1".to_owned());
        assert_eq!(organisation.meet(&account), Some(account));
    }
}
