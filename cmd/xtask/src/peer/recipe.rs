use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::failure::Failure;

use super::{files, krate, module, node};

/// Raised when a way to build changes, so that what was built the old way is not used.
const REVISION: u32 = 2;

/// Where a peer comes from.
pub(super) enum Recipe {
    /// A folder with `go.mod` and `go.sum`.
    GoModule(PathBuf),
    /// A folder with `Cargo.toml` and `Cargo.lock`.
    RustWorkspace(PathBuf),
    /// A published crate of the peer's own name, at this version.
    Crate(&'static str),
    /// A folder with `package.json` and `package-lock.json`.
    NodePackage(PathBuf),
    /// A published wheel of the peer's own name, at this version, that holds one program.
    Wheel(&'static str),
}

impl Recipe {
    /// Changes with anything that is pinned. A cache key and no more: nothing trusts it.
    pub(super) fn key(&self, name: &str) -> Result<String, Failure> {
        let mut hasher = DefaultHasher::new();
        (REVISION, name).hash(&mut hasher);
        for source in self.sources()? {
            let content = fs::read(&source).map_err(Failure::file("read", &source))?;
            (source.file_name(), content).hash(&mut hasher);
        }
        if let Self::Crate(version) | Self::Wheel(version) = self {
            version.hash(&mut hasher);
        }
        Ok(format!("{:016x}", hasher.finish()))
    }

    /// The version that is pinned, as the pin writes it.
    pub(super) fn version(&self) -> Result<String, Failure> {
        match self {
            Self::GoModule(folder) => module::version(folder),
            Self::RustWorkspace(folder) => krate::version(folder),
            Self::NodePackage(folder) => node::version(folder),
            Self::Crate(version) | Self::Wheel(version) => Ok((*version).to_owned()),
        }
    }

    fn sources(&self) -> Result<Vec<PathBuf>, Failure> {
        let (Self::GoModule(folder) | Self::RustWorkspace(folder) | Self::NodePackage(folder)) =
            self
        else {
            return Ok(Vec::new());
        };
        let mut sources = files(folder)?;
        let nested = folder.join("src");
        if nested.is_dir() {
            sources.extend(files(&nested)?);
        }
        let known = ["go", "json", "lock", "mod", "rs", "sum", "toml"];
        sources.retain(|file| file.extension().is_some_and(|end| known.iter().any(|k| end == *k)));
        Ok(sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_follows_every_pinned_source_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = Recipe::GoModule(folder.path().to_owned());
        let mut keys = vec![recipe.key("crane").unwrap()];
        for (file, content) in [("go.mod", "a"), ("go.sum", "a"), ("main.go", "a"), ("go.sum", "b")]
        {
            fs::write(folder.path().join(file), content).unwrap();
            let key = recipe.key("crane").unwrap();
            assert!(!keys.contains(&key), "{file}");
            keys.push(key);
        }
        fs::write(folder.path().join("notes.txt"), "a").unwrap();
        assert_eq!(recipe.key("crane").unwrap(), keys[4]);
        assert_ne!(recipe.key("oras").unwrap(), keys[4]);
    }
}
