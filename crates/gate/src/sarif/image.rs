use crate::node::Node;
use crate::{ImageClaim, ReportProblem};

type Read<T> = Result<T, ReportProblem>;

/// The image in the properties of a run, where trivy writes it.
pub(super) fn add_claim(run: &Node<'_>, claim: &mut ImageClaim) -> Read<()> {
    let Some(properties) = run.object("properties")? else {
        return Ok(());
    };
    claim.image_ids.extend(properties.digest("imageID")?);
    claim.repo_digests.extend(properties.repo_digests("repoDigests")?);
    if let Some(name) = properties.text("imageName")? {
        claim.name = Some(name.to_owned());
    }
    Ok(())
}

/// The image in the places of grype: `IMAGE@LAYER:/PATH`, where the image may be pinned. A layer
/// says nothing about the image, so its digest is no claim.
pub(super) fn add_grype_claim(result: &Node<'_>, claim: &mut ImageClaim) -> Read<()> {
    for location in result.rows("locations")? {
        for place in location.rows("logicalLocations")? {
            let name = place.text("fullyQualifiedName")?.unwrap_or_default();
            let image = name.split_once(":/").map_or(name, |(before, _)| before);
            let Some((image, _)) = image.rsplit_once('@') else {
                continue;
            };
            let pinned = image.rsplit_once('@').and_then(|(_, it)| it.parse().ok());
            if let Some(digest) = pinned.filter(|it| !claim.names(it)) {
                claim.repo_digests.push(digest);
            }
            claim.name.get_or_insert_with(|| image.to_owned());
        }
    }
    Ok(())
}
