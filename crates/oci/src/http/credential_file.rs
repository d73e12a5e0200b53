//! Stored credentials: docker's and podman's files, and the helpers that they name.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError as Problem, DockerCredential};
use serde::Deserialize;

use super::complaint::printable;
use super::login::Login;

const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What a file or a helper holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Stored {
    /// A refresh token of OAuth 2.
    IdentityToken(String),
    Password(Login),
}

/// The outcome of a search.
pub(super) struct Found {
    pub(super) stored: Option<Stored>,
    /// Why there is none.
    pub(super) searched: String,
}

impl Found {
    pub(super) fn some(stored: Stored) -> Self {
        let (stored, searched) = (Some(stored), String::new());
        Self { stored, searched }
    }

    pub(super) fn nothing(searched: impl Into<String>) -> Self {
        let (stored, searched) = (None, searched.into());
        Self { stored, searched }
    }
}

/// A file or a helper that does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CredentialError {
    /// The file, or the helper and the file that names it.
    pub(super) source: String,
    pub(super) problem: String,
}

impl CredentialError {
    pub(super) fn new(source: impl Into<String>, problem: impl Into<String>) -> Self {
        let (source, problem) = (source.into(), problem.into());
        Self { source, problem }
    }
}

/// What the first of `files` that has an entry for `server` holds. Blocks, for as long as a
/// helper takes.
pub(super) fn find_in(files: &[PathBuf], server: &str) -> Result<Found, CredentialError> {
    for file in files {
        if let Some(stored) = read_file(file)?.and_then(|text| ask(file, &text, server).transpose())
        {
            return stored.map(Found::some);
        }
    }
    let names: Vec<_> = files.iter().map(|it| it.display().to_string()).collect();
    let searched = format!("no entry for {server} in {}", names.join(", "));
    Ok(Found::nothing(searched))
}

fn read_file(file: &Path) -> Result<Option<Vec<u8>>, CredentialError> {
    let fail = |problem: String| CredentialError::new(file.display().to_string(), problem);
    let opened = match File::open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| fail(error.to_string()))?,
    };
    let mut text = Vec::new();
    let limited = opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut text);
    limited.map_err(|error| fail(error.to_string()))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(fail(format!("more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(Some(text))
}

fn ask(file: &Path, text: &[u8], server: &str) -> Result<Option<Stored>, CredentialError> {
    match docker_credential::get_credential_from_reader(text, server) {
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Stored::IdentityToken(token))),
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(Some(Stored::Password(Login::new(name, password))))
        }
        Err(Problem::NoCredentialConfigured) => Ok(None),
        // Helpers say that they have nothing by failing, on standard output.
        Err(Problem::HelperFailure { stdout, .. }) if stdout.contains("credentials not found") => {
            Ok(None)
        }
        Err(problem) => Err(explain(file, text, server, problem)),
    }
}

fn explain(file: &Path, text: &[u8], server: &str, problem: Problem) -> CredentialError {
    let helper = || Helpers::of(text, server);
    let (helper, problem) = match problem {
        // Standard output may hold the secret; only what the helper says as an error is shown.
        Problem::HelperFailure { stderr, .. } => {
            (helper(), format!("a failure, saying {:?}", printable(&stderr)))
        }
        Problem::HelperCommunicationError => (helper(), "no such program, or no answer".to_owned()),
        Problem::MalformedHelperResponse => {
            (helper(), "an answer that is no credential".to_owned())
        }
        Problem::CredentialDecodingError => {
            (None, "an \"auth\" that is no base64 of NAME:PASSWORD".to_owned())
        }
        Problem::CredentialMismatchError => {
            (None, "an \"auth\" that contradicts \"username\" and \"password\"".to_owned())
        }
        _ => (None, "no JSON of a docker configuration".to_owned()),
    };
    let source = match helper {
        Some(name) => format!("docker-credential-{name} (named in {})", file.display()),
        None => file.display().to_string(),
    };
    CredentialError::new(source, problem)
}

/// The part of a docker configuration that names helpers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Helpers {
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

impl Helpers {
    fn of(text: &[u8], server: &str) -> Option<String> {
        let helpers: Self = serde_json::from_slice(text).ok()?;
        let own = helpers.cred_helpers.get(server).cloned();
        own.or(helpers.creds_store).map(|name| printable(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.json");
        std::fs::write(&file, text).unwrap();
        (dir, file)
    }

    #[test]
    fn takes_the_first_entry() {
        // base64 of "me:pw".
        let (_a, none) = written(r#"{"auths":{"other.example":{"auth":"bWU6cHc="}}}"#);
        let (_b, some) = written(r#"{"auths":{"h.example":{"auth":"bWU6cHc="}}}"#);
        let missing = PathBuf::from("/nonexistent/config.json");
        let found = find_in(&[missing.clone(), none.clone(), some], "h.example").unwrap();
        assert!(found.stored == Some(Stored::Password(Login::new("me", "pw"))));
        let found = find_in(&[missing, none.clone()], "h.example").unwrap();
        assert!(found.stored.is_none());
        assert!(found.searched.contains(&none.display().to_string()));
    }

    #[test]
    fn names_what_is_broken_and_never_the_secret() {
        let broken = |text: &str| {
            let (_dir, file) = written(text);
            let Err(error) = find_in(&[file], "h.example") else {
                panic!("an error");
            };
            format!("{} {}", error.source, error.problem)
        };
        let text = broken(r#"{"credHelpers":{"h.example":"does-not-exist-here"}}"#);
        assert!(text.contains("docker-credential-does-not-exist-here"), "{text}");
        let text = broken(r#"{"auths":{"h.example":{"auth":"hunter2"}}}"#);
        assert!(text.contains("config.json") && !text.contains("hunter2"), "{text}");
        assert!(broken("{").contains("config.json"));
    }
}
