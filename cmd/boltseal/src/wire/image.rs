//! Images that are released or described.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use boltseal_core::predicate::Resource;
use boltseal_core::{Descriptor, Digest, Exit, Location, Pick, Reason, Tag, Target};
use boltseal_image::ImageConfig;
use boltseal_image::build::{self, BuildOptions};
use boltseal_oci::archive::Archive;
use boltseal_oci::layout::Layout;
use boltseal_pipeline::{BuiltHere, Failure};
use boltseal_ports::Registry;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{Cloud, open, saved, temporary_folder};
use crate::argument::{ImageChoice, RegistryArgs, image_missing};
use crate::file;
use crate::usage::usage;

/// A configuration that was made here has a few hundred bytes; its manifest as well.
const MAX_MADE_BYTES: u64 = 1 << 20;

/// An image that is there, by digest.
pub(crate) struct OpenedImage {
    /// Where it is.
    pub(crate) registry: Arc<dyn Registry>,
    /// Its digest.
    pub(crate) digest: Digest,
    /// What it was made of, if it was made here.
    pub(crate) built: Option<BuiltHere>,
    /// What should be looked at.
    pub(crate) warnings: Vec<String>,
    /// The folder that it was made in; removed with this value.
    _folder: Option<TempDir>,
}

/// Opens IMAGE, or makes one.
pub(crate) async fn open_image(
    choice: &ImageChoice,
    args: &RegistryArgs,
    cloud: &Cloud,
) -> Result<OpenedImage, Failure> {
    match choice {
        ImageChoice::Image(target) => {
            if let Location::DockerArchive(path) = &target.location {
                return open_docker_archive(target, path).await;
            }
            let place = open(target, args, cloud)?;
            pinned(place.registry, &place.target, target).await
        }
        ImageChoice::Binary(path, platform) => {
            let (input, platform) = (path.clone(), platform.clone());
            let made =
                make(path, move |dir| Ok(build::binary(&input, &BuildOptions { dir, platform })?));
            let mut image = made.await?;
            image.warnings.extend(needs_interpreter(path));
            let resource = resource(path, &file::digest(path).map_err(|it| unreadable(path, &it))?);
            image.built = Some(BuiltHere { input: "binary", resource });
            Ok(image)
        }
        ImageChoice::Rootfs(path, platform) => {
            let (input, platform) = (path.clone(), platform.clone());
            let made =
                make(path, move |dir| Ok(build::rootfs(&input, &BuildOptions { dir, platform })?));
            let mut image = made.await?;
            let resource = resource(path, &image.only_layer().await?);
            image.built = Some(BuiltHere { input: "rootfs", resource });
            Ok(image)
        }
    }
}

/// Refuses an image in a registry that is named by a tag: a tag may point at something else by
/// the time that it is read.
pub(crate) fn refuse_tag(choice: &ImageChoice) -> Result<(), Failure> {
    let ImageChoice::Image(target) = choice else { return Ok(()) };
    let Location::Registry(repository) = &target.location else { return Ok(()) };
    let (found, fix) = match &target.pick {
        Some(Pick::Digest(_)) => return Ok(()),
        Some(Pick::Tag(tag)) => (
            format!("the tag {tag}"),
            format!("name it {repository}@DIGEST; `crane digest {target}` prints the digest"),
        ),
        None => ("no digest".to_owned(), format!("name an image in it: {repository}@DIGEST")),
    };
    Err(usage("image-not-pinned", "an image in a registry by digest", found, fix))
}

impl OpenedImage {
    /// The diffID of the layer of an image that was made here: the digest of the tree itself.
    async fn only_layer(&self) -> Result<Digest, Failure> {
        let manifest = self.registry.fetch_manifest(&Pick::Digest(self.digest.clone())).await?;
        let config = match manifest.and_then(|raw| raw.parse().ok()) {
            Some(boltseal_core::Manifest::Image(image)) => image.config,
            _ => return Err(not_made()),
        };
        let bytes =
            self.registry.fetch_blob(&config, MAX_MADE_BYTES).await?.ok_or_else(not_made)?;
        let config = ImageConfig::parse(&bytes).map_err(|_| not_made())?;
        config.diff_ids().first().cloned().ok_or_else(not_made)
    }
}

/// The digest of what was opened.
async fn pinned(
    registry: Arc<dyn Registry>,
    target: &Target,
    named: &Target,
) -> Result<OpenedImage, Failure> {
    let digest = match &target.pick {
        Some(Pick::Digest(digest)) => digest.clone(),
        Some(pick @ Pick::Tag(_)) => {
            let manifest = registry.fetch_manifest(pick).await?;
            manifest.ok_or_else(|| image_missing(named))?.digest().clone()
        }
        None => return Err(image_missing(named).into()),
    };
    Ok(OpenedImage { registry, digest, built: None, warnings: Vec::new(), _folder: None })
}

/// Docker 25 and later save OCI layouts, whose manifest is the one that others know; older ones
/// are made into an image here.
async fn open_docker_archive(target: &Target, path: &Path) -> Result<OpenedImage, Failure> {
    if build::is_oci_archive(path)? {
        let archive = Archive::open(path)?.named(target.location.clone());
        let target_there = match &target.pick {
            Some(Pick::Digest(_)) => target.clone(),
            Some(Pick::Tag(name)) => {
                let found = saved::find(&archive, name.as_str()).await?;
                target.pinned(found.ok_or_else(|| image_missing(target))?.digest())
            }
            None => target.pinned(&archive.only_image()?.digest),
        };
        return pinned(Arc::new(archive), &target_there, target).await;
    }
    let wanted = match &target.pick {
        Some(Pick::Tag(tag)) => Some(tag.clone()),
        _ => None,
    };
    let input = path.to_owned();
    let image = make(path, move |dir| {
        let reference = wanted.as_ref().map(Tag::as_str);
        Ok(build::docker_archive(&input, reference, &BuildOptions::new(dir))?)
    });
    let image = image.await?;
    match &target.pick {
        Some(Pick::Digest(digest)) if *digest != image.digest => Err(image_missing(target).into()),
        _ => Ok(image),
    }
}

/// Makes an image in a folder of its own, named as its input so that what is made of the name is
/// the same in every run.
async fn make(
    input: &Path,
    build: impl FnOnce(PathBuf) -> Result<Descriptor, Failure> + Send + 'static,
) -> Result<OpenedImage, Failure> {
    let folder = temporary_folder()?;
    let name = input.file_stem().unwrap_or(std::ffi::OsStr::new("image"));
    let layout = folder.path().join(name);
    let dir = layout.clone();
    let made = spawn_blocking(move || build(dir)).await.map_err(|_| not_made())??;
    Ok(OpenedImage {
        registry: Arc::new(Layout::open(&layout)?),
        digest: made.digest,
        built: None,
        warnings: Vec::new(),
        _folder: Some(folder),
    })
}

fn resource(path: &Path, digest: &Digest) -> Resource {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let entry = (digest.algorithm().name().to_owned(), digest.hex().to_owned());
    Resource { name, digest: [entry].into(), ..Resource::default() }
}

/// A program that needs others will not start from an image of its own.
fn needs_interpreter(path: &Path) -> Option<String> {
    let interpreter = build::interpreter(path).ok()??;
    Some(format!(
        "{} needs {interpreter}, which an image of this one file does not have: link it \
         statically, or give a directory with --rootfs",
        path.display()
    ))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Reason {
    Reason::new(Exit::Undetermined, "file-unreadable")
        .expected("the file that the image was made of")
        .found(error.to_string())
        .place(path.display().to_string())
        .fix("run this again while nothing changes the file")
}

fn not_made() -> Failure {
    Reason::new(Exit::Bug, "image-not-made")
        .expected("the image that was just made")
        .found("another one, or none")
        .place(std::env::temp_dir().display().to_string())
        .fix("report this as a bug of boltseal")
        .into()
}
