//! What must never be shown.

use std::sync::{Mutex, PoisonError};

/// Replacing something shorter would garble texts that have nothing to do with it.
const SHORTEST: usize = 4;

/// The secrets that were sent, should somebody echo one.
#[derive(Default)]
pub(super) struct Secrets(Mutex<Vec<String>>);

impl Secrets {
    pub(super) fn remember(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
        }
    }

    /// `text` without any of them.
    pub(super) fn redact(&self, text: &[u8]) -> Vec<u8> {
        let mut text = String::from_utf8_lossy(text).into_owned();
        for secret in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            text = text.replace(secret.as_str(), "***");
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_was_sent() {
        let secrets = Secrets::default();
        secrets.remember("hunter2");
        secrets.remember("you");
        assert_eq!(secrets.redact(b"you said hunter2!"), b"you said ***!");
    }
}
