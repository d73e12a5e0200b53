//! What `.git` says, without running git: the remote `origin`, and its default branch.

use std::path::{Path, PathBuf};

use super::source::{Origin, Source};
use super::source_repository::SourceRepository;
use crate::file::text;

/// No configuration of a repository is larger.
const MAX_CONFIG: u64 = 1 << 20;
/// A file that holds one path or one ref.
const MAX_LINE: u64 = 4096;
/// Folders above that are looked at.
const DEEPEST: usize = 32;

/// What the repository that `folder` lies in says. A remote that is not on a host says nothing.
pub(crate) fn source(folder: &Path) -> Source {
    let mut source = Source::new(Origin::Git);
    let Some((git, own)) = find(folder) else { return source };
    let config = text(&git.join("config"), MAX_CONFIG).unwrap_or_default();
    let remote = origin(&config).and_then(|url| SourceRepository::of_remote(&url).ok());
    if let Some(remote) = remote {
        let host = remote.to_string();
        for (part, system) in [("github", "github"), ("gitlab", "gitlab")] {
            if host.split('/').nth(2).is_some_and(|host| host.contains(part)) {
                source.add("ci", system);
            }
        }
        source.add("source-repository", host);
    }
    // A repository that was not cloned has no default branch of `origin`, but a branch.
    let branch = head(&git.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/")
        .or_else(|| head(&own.join("HEAD"), "refs/heads/"));
    source.add_some("ref", branch.map(|it| format!("refs/heads/{it}")));
    source
}

/// The branch that a symbolic ref leads to.
fn head(path: &Path, prefix: &str) -> Option<String> {
    let text = text(path, MAX_LINE)?;
    text.trim().strip_prefix("ref: ")?.strip_prefix(prefix).map(str::to_owned)
}

/// The folder `.git` of the repository, and that of the worktree, which may be another.
fn find(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let folder = folder.canonicalize().ok()?;
    let git = folder.ancestors().take(DEEPEST).map(|it| it.join(".git")).find(|it| it.exists())?;
    if git.is_dir() {
        return Some((git.clone(), git));
    }
    let pointer = text(&git, MAX_LINE)?;
    let own = git.parent()?.join(pointer.trim().strip_prefix("gitdir: ")?);
    match text(&own.join("commondir"), MAX_LINE) {
        Some(common) => Some((own.join(common.trim()), own)),
        None => Some((own.clone(), own)),
    }
}

/// The URL of the section `[remote "origin"]`.
fn origin(config: &str) -> Option<String> {
    let mut is_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            is_origin = line == "[remote \"origin\"]";
        } else if is_origin
            && let Some((name, value)) = line.split_once('=')
            && name.trim().eq_ignore_ascii_case("url")
        {
            return Some(value.trim().trim_matches('"').to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_section_of_origin_counts() {
        let config = "[core]\n\turl = no\n[remote \"fork\"]\n\turl = git@h:a/fork\n\
                      [remote \"origin\"]\n\tfetch = x\n\turl = git@github.com:a/b.git\n";
        assert_eq!(origin(config).as_deref(), Some("git@github.com:a/b.git"));
        assert_eq!(origin("[remote \"fork\"]\nurl = x"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(.{0,20}\n|\\[remote \"origin\"\\]\n|url ?= ?.{0,20}\n){0,6}") {
            drop(origin(&text));
        }
    }

    #[test]
    fn a_worktree_has_the_remote_of_its_repository() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        std::fs::create_dir_all(at("main/.git/worktrees/w")).unwrap();
        std::fs::create_dir_all(at("main/.git/refs/remotes/origin")).unwrap();
        std::fs::create_dir_all(at("w/deep")).unwrap();
        let config = "[remote \"origin\"]\nurl = https://gitlab.com/a/b/c\n";
        std::fs::write(at("main/.git/config"), config).unwrap();
        std::fs::write(at("main/.git/refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/dev\n")
            .unwrap();
        std::fs::write(at("main/.git/worktrees/w/commondir"), "../..\n").unwrap();
        std::fs::write(at("w/.git"), "gitdir: ../main/.git/worktrees/w\n").unwrap();
        for folder in ["main", "w/deep"] {
            let found = source(&at(folder));
            let value = |name| found.values(name).map(|it| it[0].clone());
            assert_eq!(value("source-repository").unwrap(), "https://gitlab.com/a/b/c");
            assert_eq!(value("ref").unwrap(), "refs/heads/dev");
            assert_eq!(value("ci").unwrap(), "gitlab");
        }
        assert_eq!(source(&at("absent")).values("ref"), None);
        std::fs::remove_file(at("main/.git/refs/remotes/origin/HEAD")).unwrap();
        std::fs::write(at("main/.git/HEAD"), "ref: refs/heads/trunk\n").unwrap();
        std::fs::write(at("main/.git/worktrees/w/HEAD"), "ref: refs/heads/w\n").unwrap();
        for (folder, expected) in [("main", "refs/heads/trunk"), ("w", "refs/heads/w")] {
            assert_eq!(source(&at(folder)).values("ref").unwrap(), [expected]);
        }
        std::fs::write(at("main/.git/HEAD"), "0123456789abcdef0123456789abcdef01234567\n").unwrap();
        assert_eq!(source(&at("main")).values("ref"), None, "a commit is no branch");
    }
}
