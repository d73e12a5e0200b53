//! Tokens that a CI system's own program prints.

use std::process::Stdio;
use std::time::Duration;

use boltseal_ports::{IdToken, IdentityError, IdentityErrorKind};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::identity::failure;
use crate::jwt::{MAX_TOKEN_BYTES, id_token};

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a program (its name, and arguments that always come first) that prints a token, without a
/// shell and without standard input. What it says on standard error is thrown away, for nobody
/// knows what is in it.
pub(crate) async fn printed_token(
    program: &[String],
    arguments: &[&str],
    fix: &str,
) -> Result<IdToken, IdentityError> {
    let place = format!("{} {}", program.join(" "), arguments.join(" "));
    let wrong = |kind, found: &str| failure(kind, &place, "a token on its output", found, fix);
    let run = timeout(PATIENCE, run(program, arguments)).await;
    let run = run.map_err(|_| wrong(IdentityErrorKind::Unreachable, "no end within 30 s"))?;
    match run {
        Err(error) => Err(wrong(IdentityErrorKind::Absent, &error.to_string())),
        Ok((status, _)) if !status.success() => {
            Err(wrong(IdentityErrorKind::Refused, &status.to_string()))
        }
        Ok((_, text)) => {
            id_token(&text).map_err(|it| wrong(IdentityErrorKind::Malformed, &it.to_string()))
        }
    }
}

async fn run(
    program: &[String],
    arguments: &[&str],
) -> std::io::Result<(std::process::ExitStatus, String)> {
    let (name, first) = program.split_first().ok_or(std::io::ErrorKind::NotFound)?;
    let mut child = Command::new(name)
        .args(first)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut text = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_TOKEN_BYTES as u64 + 2).read_to_end(&mut text).await?;
    }
    let status = child.wait().await?;
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A program that runs `script` in a shell.
    pub(crate) fn program(folder: &std::path::Path, script: &str) -> Vec<String> {
        let path = folder.join("program");
        std::fs::write(&path, script).unwrap();
        vec!["/bin/sh".to_owned(), path.display().to_string()]
    }

    #[tokio::test]
    async fn a_program_that_fails_shows_nothing_of_what_it_printed() {
        let folder = tempfile::tempdir().unwrap();
        let failing = program(folder.path(), "echo hunter2; echo hunter2 >&2; exit 3");
        let error = printed_token(&failing, &[], "fix").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Refused);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let endless = program(folder.path(), "yes");
        let error = printed_token(&endless, &[], "fix").await.unwrap_err();
        assert_ne!(error.kind, IdentityErrorKind::Unreachable, "{error:?}");
        let error = printed_token(&["/no/such".to_owned()], &[], "fix").await.unwrap_err();
        assert_eq!(error.kind, IdentityErrorKind::Absent);
    }
}
