//! The SBOM of an image, on its own.

use std::collections::BTreeMap;

use boltseal_core::{Digest, Exit, Inventory, Manifest, Pick, Platform, Reason};
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_image::{LayerContents, assemble};
use boltseal_ports::Registry;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::Failure;
use crate::image::bom::bom;
use crate::image::layer_scan::{self, scan_on_thread};
use crate::image::source::{ImageSource, PlatformImage, missing};
use crate::verify::resolve;

/// Which image to describe, and how.
pub struct SbomRequest {
    /// The image.
    pub pick: Option<Pick>,
    /// The platform, for an index.
    pub platform: Option<Platform>,
    /// The version of CycloneDX.
    pub spec_version: SpecVersion,
}

/// A CycloneDX document of an image: deterministic, the same bytes every time.
///
/// # Errors
/// Exit 2 for an index without a platform (the choices are named), 12 where the image is not
/// there, 21, 22 and 30 as the registry and the content have it.
pub async fn sbom(request: &SbomRequest, registry: &dyn Registry) -> Result<Vec<u8>, Failure> {
    let root = resolve(registry, request.pick.as_ref()).await?;
    let digest = choose(&root, request.platform.as_ref(), registry)?;
    let source = ImageSource::open(registry, &digest).await?;
    let image = &source.images[0];
    let inventory = inventory(registry, image).await?;
    Ok(bom(registry.location(), image, &inventory, request.spec_version))
}

/// The image itself, or the child of an index for a platform.
pub(crate) fn choose(
    root: &boltseal_core::RawManifest,
    platform: Option<&Platform>,
    registry: &dyn Registry,
) -> Result<Digest, Failure> {
    let Ok(Manifest::Index(index)) = root.parse() else { return Ok(root.digest().clone()) };
    let fits = |of: &&boltseal_core::Descriptor| of.platform.as_ref() == platform;
    if platform.is_some()
        && let Some(child) = index.images().find(fits)
    {
        return Ok(child.digest.clone());
    }
    let choices = index.images().filter_map(|child| child.platform.as_ref());
    let choices: Vec<String> = choices.map(ToString::to_string).collect();
    let found = platform.map_or_else(|| "no --platform".to_owned(), ToString::to_string);
    Err(Reason::new(Exit::Usage, "platform-unnamed")
        .expected(format!("one of the platforms {}", choices.join(", ")))
        .found(found)
        .place(format!("{}@{}", registry.location(), root.digest()))
        .fix("choose one with --platform")
        .into())
}

async fn inventory(registry: &dyn Registry, image: &PlatformImage) -> Result<Inventory, Failure> {
    let layers = image.parsed.layers.iter().zip(image.config.diff_ids()).enumerate();
    let mut layers: Vec<_> = layers.collect();
    // The largest first, so that no core waits for it at the end.
    layers.sort_by_key(|(_, (layer, _))| std::cmp::Reverse(layer.size));
    let scans = layers.into_iter().map(|(place, (layer, diff_id))| {
        let scan = scan(registry, layer.clone(), diff_id.clone());
        async move { scan.await.map(|contents| (place, contents)) }
    });
    let scans = stream::iter(scans).buffer_unordered(layer_scan::at_once());
    let contents: BTreeMap<usize, LayerContents> = scans.try_collect().await?;
    Ok(assemble(contents.into_values().collect()))
}

async fn scan(
    registry: &dyn Registry,
    layer: boltseal_core::Descriptor,
    diff_id: Digest,
) -> Result<LayerContents, Failure> {
    let reader = registry.open_blob(&layer).await?;
    let reader = reader.ok_or_else(|| missing(registry, &layer.digest))?;
    let reader = std::io::BufReader::with_capacity(256 * 1024, reader);
    scan_on_thread(reader, layer, diff_id).await
}
