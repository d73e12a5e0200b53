//! A name and a password.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

/// A name and a password. Its `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    username: String,
    password: String,
}

impl Login {
    /// `username` is `AWS` for ECR, and the password what its API issued.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        let (username, password) = (username.into(), password.into());
        Self { username, password }
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// Both, as Basic authentication encodes them: as secret as the password.
    pub(super) fn encoded(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.username, self.password))
    }

    /// The value of an `Authorization` header (RFC 7617).
    pub(super) fn basic(&self) -> HeaderValue {
        let mut header = HeaderValue::try_from(format!("Basic {}", self.encoded()))
            .expect("base64 has no character that a header cannot hold");
        header.set_sensitive(true);
        header
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_password() {
        let text = format!("{:?}", Login::new("me", "hunter2"));
        assert!(text.contains("me") && !text.contains("hunter2"), "{text}");
    }
}
