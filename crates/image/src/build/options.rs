//! What can be chosen about an image that is made.

use std::path::PathBuf;

use boltseal_core::Platform;

/// Where the image goes, and what it is for.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The directory for the layout: absent or empty.
    pub dir: PathBuf,
    /// The platform; without it, what the executables say.
    pub platform: Option<Platform>,
}

impl BuildOptions {
    /// A layout in `dir`, for the platform that the executables say.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), platform: None }
    }
}
