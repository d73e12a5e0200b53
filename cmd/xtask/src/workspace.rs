//! Where the project is, and what it builds.

use std::env;
use std::path::{Path, PathBuf};

/// The top folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this manifest lies two folders below the top")
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where the peers and the tools of `check` are kept: `$BOLTSEAL_PEERS`, else `.peers`.
pub(crate) fn peers() -> PathBuf {
    env::var_os("BOLTSEAL_PEERS").map_or_else(|| root().join(".peers"), PathBuf::from)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
