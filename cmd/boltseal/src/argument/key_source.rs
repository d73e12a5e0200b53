//! Keys, as users name them.

use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use boltseal_core::{Exit, Reason};
use boltseal_crypto::{KeyError, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::file;

/// The variable with the password of encrypted key files. An empty one is a password.
pub(crate) const PASSWORD: &str = "COSIGN_PASSWORD";

/// No key file is larger.
const MAX_KEY_BYTES: u64 = 64 * 1024;

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// In an environment variable (`env://NAME`).
    Environment(String),
    /// In a file.
    File(PathBuf),
    /// In AWS KMS, named as cosign names it (`awskms://...`).
    Kms(String),
}

impl KeySource {
    /// The same, with a relative path taken from `folder`.
    pub(crate) fn below(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            elsewhere @ (Self::Environment(_) | Self::Kms(_)) => elsewhere,
        }
    }

    /// The URI of a key in KMS.
    pub(crate) fn kms(&self) -> Option<&str> {
        match self {
            Self::Kms(uri) => Some(uri),
            Self::Environment(_) | Self::File(_) => None,
        }
    }

    /// The private key, for signing.
    pub(crate) fn private_key(&self) -> Result<PrivateKey, Reason> {
        let pem = self.read()?;
        let password = password();
        PrivateKey::from_pem(&pem, password.as_deref().map(Vec::as_slice))
            .map_err(|error| self.refused("a private key to sign with", &error))
    }

    /// The public key, for checking; of a private key its public half.
    pub(crate) fn public_key(&self) -> Result<PublicKey, Reason> {
        let pem = self.read()?;
        if !holds_private_key(&pem) {
            return PublicKey::from_pem(&pem)
                .map_err(|error| self.refused("a public key to check with", &error));
        }
        let password = password();
        PrivateKey::from_pem(&pem, password.as_deref().map(Vec::as_slice))
            .map(|key| key.public_key().clone())
            .map_err(|error| self.refused("a key to check with", &error))
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Reason> {
        let unreadable = |expected: &str, found: String| {
            Reason::new(Exit::Invalid, "key-unreadable")
                .expected(expected)
                .found(found)
                .place(self.to_string())
        };
        match self {
            Self::File(path) => file::read(path, MAX_KEY_BYTES).map_err(|error| {
                unreadable("a key file that can be read", error.to_string()).fix(mend(path))
            }),
            Self::Environment(name) => match std::env::var_os(name) {
                Some(value) => Ok(Zeroizing::new(value.into_vec())),
                None => Err(unreadable("a key in this variable", "no such variable".to_owned())
                    .fix(format!("set {name} to the PEM text of the key"))),
            },
            Self::Kms(_) => {
                Err(unreadable("a key whose content can be read", "a key in KMS".to_owned())
                    .fix("give its public key as a file"))
            }
        }
    }

    fn refused(&self, expected: &str, error: &KeyError) -> Reason {
        let (code, fix) = match error {
            KeyError::PasswordMissing => (
                "password-missing",
                format!("set {PASSWORD}; an empty value is a password as well"),
            ),
            KeyError::PasswordWrong => {
                ("password-wrong", format!("set {PASSWORD} to the password of this key"))
            }
            _ => (
                "key-invalid",
                "give a PEM key, or a key file of cosign; boltseal keys generate makes one"
                    .to_owned(),
            ),
        };
        let (detail, found) = parts(error);
        let expected = detail.unwrap_or_else(|| expected.to_owned());
        Reason::new(Exit::Invalid, code)
            .expected(expected)
            .found(found)
            .place(self.to_string())
            .fix(fix)
    }
}

/// What an error says was expected, where it says so, and what was found.
fn parts(error: &KeyError) -> (Option<String>, String) {
    let message = error.to_string();
    let both = message.strip_prefix("expected ").and_then(|rest| rest.split_once(", found "));
    match both {
        Some((expected, found)) => (Some(expected.to_owned()), found.to_owned()),
        None => (None, message),
    }
}

/// The password of encrypted key files, where one is set.
pub(crate) fn password() -> Option<Zeroizing<Vec<u8>>> {
    std::env::var_os(PASSWORD).map(|value| Zeroizing::new(value.into_vec()))
}

fn holds_private_key(pem: &[u8]) -> bool {
    const MARK: &[u8] = b"PRIVATE KEY-----";
    pem.windows(MARK.len()).any(|window| window == MARK)
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env://{name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Kms(uri) => f.write_str(uri),
        }
    }
}

impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> Result<Self, KeySourceError> {
        match text.split_once("://") {
            Some(("env", name)) if is_variable(name) => Ok(Self::Environment(name.to_owned())),
            Some(("env", name)) => Err(KeySourceError::Variable { found: name.to_owned() }),
            Some(("awskms", _)) => Ok(Self::Kms(text.to_owned())),
            Some((scheme @ ("gcpkms" | "azurekms" | "hashivault" | "k8s"), _)) => {
                Err(KeySourceError::NotBuilt { scheme: scheme.to_owned() })
            }
            Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Err(KeySourceError::Scheme { found: scheme.to_owned() })
            }
            _ if text.is_empty() => Err(KeySourceError::Empty),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeySourceError {
    /// Nothing.
    #[error("expected a key file or env://NAME, found nothing")]
    Empty,
    /// A kind of key that this version has not.
    #[error(
        "{scheme}:// keys are not built yet; what works now: a PEM file, a key file of cosign \
         (with COSIGN_PASSWORD), env://NAME, awskms://..."
    )]
    NotBuilt {
        /// The scheme.
        scheme: String,
    },
    /// A scheme that nobody knows.
    #[error("expected a key file or env://NAME, found the unknown scheme {found}://")]
    Scheme {
        /// The scheme.
        found: String,
    },
    /// Not the name of a variable.
    #[error("expected env://NAME with letters, digits and _, found {found:?}")]
    Variable {
        /// The name.
        found: String,
    },
}

/// What would make a file that is not there a key: of KMS people often give the name alone.
fn mend(path: &Path) -> String {
    let name = path.display().to_string();
    if name.starts_with("alias/") || name.starts_with("arn:") {
        return format!("a key of AWS KMS is given as awskms:///{name}");
    }
    "name the key's file, or make one with boltseal keys generate".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        assert_eq!("a/b.key".parse(), Ok(KeySource::File("a/b.key".into())));
        assert_eq!("env://KEY_1".parse(), Ok(KeySource::Environment("KEY_1".to_owned())));
        assert_eq!("awskms:///alias/x".parse(), Ok(KeySource::Kms("awskms:///alias/x".into())));
        for text in ["gcpkms://x", "env://", "env://A-B", "nope://x", ""] {
            assert!(text.parse::<KeySource>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_built_says_what_works() {
        let error = "gcpkms://release".parse::<KeySource>().unwrap_err().to_string();
        assert!(error.contains("not built yet") && error.contains("env://NAME"), "{error}");
    }

    #[test]
    fn an_unreadable_key_names_itself_and_never_its_content() {
        let reason = KeySource::File("/nonexistent/k".into()).public_key().unwrap_err();
        assert_eq!((reason.exit, reason.code), (Exit::Invalid, "key-unreadable"));
        assert_eq!(reason.place, "/nonexistent/k");
        let reason = KeySource::File("alias/release".into()).public_key().unwrap_err();
        assert!(reason.fix.ends_with("awskms:///alias/release"), "{}", reason.fix);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k");
        std::fs::write(&path, "hunter2").unwrap();
        let reason = KeySource::File(path).private_key().unwrap_err();
        assert_eq!(reason.code, "key-invalid");
        assert!(!format!("{reason:?}").contains("hunter2"));
    }
}
