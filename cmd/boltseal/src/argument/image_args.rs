use std::path::PathBuf;

use boltseal_core::{Exit, Platform, Reason, Target};
use boltseal_pipeline::Failure;
use clap::Args;

use crate::usage::usage;

/// The forms of IMAGE, for messages.
pub(crate) const FORMS: &str = "oci:DIR[:TAG|@DIGEST], oci-archive:FILE[:TAG], \
     docker-archive:FILE[:REF] or HOST/REPO@DIGEST, or --binary FILE, or --rootfs DIR";

/// The image to work on.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImageArgs {
    /// The image: oci:DIR[:TAG|@DIGEST], oci-archive:FILE[:TAG], docker-archive:FILE[:REF] or
    /// HOST/REPO@DIGEST.
    #[arg(value_name = "IMAGE")]
    image: Option<Target>,

    /// Make a reproducible single-layer image of this program instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["image", "rootfs"])]
    binary: Option<PathBuf>,

    /// Make a reproducible single-layer image of this directory instead.
    #[arg(long, value_name = "DIR", conflicts_with = "image")]
    rootfs: Option<PathBuf>,

    /// The platform: of an index the image for it (sbom), and what --binary and --rootfs are for
    /// where their content does not say.
    #[arg(long, value_name = "OS/ARCH[/VARIANT]")]
    platform: Option<Platform>,
}

/// One of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ImageChoice {
    /// An image of this program is made.
    Binary(PathBuf, Option<Platform>),
    /// An image that is there.
    Image(Target),
    /// An image of this directory is made.
    Rootfs(PathBuf, Option<Platform>),
}

impl ImageArgs {
    /// What was chosen.
    pub(crate) fn choice(&self) -> Result<ImageChoice, Failure> {
        let platform = self.platform.clone();
        match (&self.image, &self.binary, &self.rootfs) {
            (Some(target), _, _) => Ok(ImageChoice::Image(target.clone())),
            (_, Some(file), _) => Ok(ImageChoice::Binary(file.clone(), platform)),
            (_, _, Some(directory)) => Ok(ImageChoice::Rootfs(directory.clone(), platform)),
            (None, None, None) => {
                Err(usage("image-missing", "an image", "none", format!("name it: {FORMS}")))
            }
        }
    }

    /// What was chosen, as a whole: nothing is released of an index but all of it.
    pub(crate) fn whole(&self) -> Result<ImageChoice, Failure> {
        let choice = self.choice()?;
        match (&choice, &self.platform) {
            (ImageChoice::Image(_), Some(platform)) => Err(usage(
                "platform-of-release",
                "--platform with --binary or --rootfs only",
                format!("--platform {platform} with an image"),
                "leave it out: an index is released whole; name a child by its digest to release \
                 it alone",
            )),
            _ => Ok(choice),
        }
    }

    /// The platform that was named.
    pub(crate) const fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// What was chosen, as its user wrote it.
    pub(crate) fn name(&self) -> String {
        let path = |flag: &str, path: &PathBuf| format!("{flag} {}", path.display());
        match (&self.image, &self.binary, &self.rootfs) {
            (Some(target), _, _) => target.to_string(),
            (_, Some(file), _) => path("--binary", file),
            (_, _, Some(directory)) => path("--rootfs", directory),
            _ => String::new(),
        }
    }
}

/// The reason that an image which was named is not there.
pub(crate) fn image_missing(target: &Target) -> Reason {
    Reason::new(Exit::Usage, "image-missing")
        .expected("an image")
        .found("none under this name")
        .place(target.to_string())
        .fix("look at what is there, for instance with skopeo or crane, and name that")
}
