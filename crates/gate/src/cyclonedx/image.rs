use boltseal_core::Digest;

use crate::node::Node;
use crate::{ImageClaim, ReportProblem};

type Read<T> = Result<T, ReportProblem>;

/// Properties by which scanners name the image id.
const IMAGE_ID: [&str; 2] =
    ["aquasecurity:trivy:ImageID", "amazon:inspector:sbom_generator:image_id"];

/// The property by which trivy names repository digests.
const REPO_DIGEST: &str = "aquasecurity:trivy:RepoDigest";

/// The image that `metadata.component` describes: by properties of trivy and Inspector, by the
/// version that grype and syft write for a container, by a purl of type `oci`.
pub(super) fn claim(metadata: &Node<'_>) -> Read<ImageClaim> {
    let mut claim = ImageClaim::default();
    let Some(component) = metadata.object("component")? else {
        return Ok(claim);
    };
    claim.name = component.text("name")?.map(ToOwned::to_owned);
    if component.text("type")? == Some("container") {
        let version = component.text("version")?;
        claim.manifests.extend(version.and_then(|it| it.parse().ok()));
    }
    claim.manifests.extend(component.text("purl")?.and_then(of_purl));
    for property in component.rows("properties")? {
        let name = property.text("name")?.unwrap_or_default();
        if IMAGE_ID.contains(&name) {
            claim.image_ids.extend(property.digest("value")?);
        }
        if name == REPO_DIGEST {
            let value = property.text("value")?.unwrap_or_default();
            let digest = value.rsplit_once('@').and_then(|(_, it)| it.parse().ok());
            let digest = digest.ok_or_else(|| property.wrong("value", "NAME@DIGEST"))?;
            claim.repo_digests.push(digest);
        }
    }
    Ok(claim)
}

/// The digest in a purl such as `pkg:oci/app@sha256%3Aabc?repository_url=...`.
fn of_purl(purl: &str) -> Option<Digest> {
    let rest = purl.strip_prefix("pkg:oci/")?;
    let (_, version) = rest.split('?').next()?.rsplit_once('@')?;
    version.replace("%3A", ":").replace("%3a", ":").parse().ok()
}
