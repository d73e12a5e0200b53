//! Passwords that a cloud issues for its registry.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::RegistryError;

/// Issues logins for one registry host. Called once a run, and again when the login has expired
/// or the registry answers 401; nothing that it issues is ever stored.
#[async_trait]
pub trait RegistryLogin: Send + Sync {
    /// A login that is valid now.
    async fn login(&self) -> Result<IssuedLogin, RegistryError>;
}

/// A login for HTTP Basic authentication.
#[derive(Clone)]
pub struct IssuedLogin {
    /// The user; not secret.
    pub username: String,
    /// The password, wiped when dropped.
    pub password: Zeroizing<String>,
    /// Until when it is accepted.
    pub expires: Timestamp,
}

impl fmt::Debug for IssuedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedLogin")
            .field("username", &self.username)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let login = IssuedLogin {
            username: "AWS".to_owned(),
            password: Zeroizing::new("hunter2".to_owned()),
            expires: Timestamp::UNIX_EPOCH,
        };
        let shown = format!("{login:?}");
        assert!(shown.contains("AWS") && !shown.contains("hunter2"), "{shown}");
    }
}
