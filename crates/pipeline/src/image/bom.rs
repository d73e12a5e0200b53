//! The SBOM of one image, under the name of the place that it is in or goes to.

use boltseal_core::{Inventory, Location};
use boltseal_image::cyclonedx::{self, BomSubject, SpecVersion};

use crate::evidence::statement_maker::short_name;
use crate::image::source::PlatformImage;

/// A CycloneDX document: the same bytes for the same image and place.
pub(crate) fn bom(
    place: &Location,
    image: &PlatformImage,
    inventory: &Inventory,
    version: SpecVersion,
) -> Vec<u8> {
    let repository = match place {
        Location::Registry(repository) => Some(repository.to_string()),
        _ => None,
    };
    let subject = BomSubject {
        name: short_name(place),
        repository,
        digest: image.manifest.digest().clone(),
        platform: image.platform.clone(),
        created: image.config.created(),
    };
    cyclonedx::document(inventory, &subject, version)
}
