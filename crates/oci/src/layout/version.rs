//! `oci-layout`: the file that says that this is an image layout, and of which version.

use boltseal_core::json;
use boltseal_ports::RegistryError;
use serde::Deserialize;

use super::files::{self, Files};
use super::trouble;

/// The file's name.
pub(crate) const OCI_LAYOUT: &str = "oci-layout";
/// What boltseal writes into it (image-spec, `image-layout.md`).
pub(crate) const OCI_LAYOUT_JSON: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

const VERSION: &str = "1.0.0";
const LIMIT: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OciLayout {
    image_layout_version: String,
}

/// Makes sure that `files` are an image layout of the one version there is.
pub(crate) fn check(files: &dyn Files) -> Result<(), RegistryError> {
    let refuse = |found: &str| {
        let expected = format!("imageLayoutVersion {VERSION}");
        trouble::contradiction(&files.place(OCI_LAYOUT), expected, found)
            .fix("name an OCI image layout, such as skopeo, umoci and docker buildx write")
    };
    let bytes = files::read(files, OCI_LAYOUT, LIMIT)?.ok_or_else(|| refuse("no file"))?;
    let layout: OciLayout = json::parse_as(&bytes).map_err(|error| refuse(&error.to_string()))?;
    if layout.image_layout_version == VERSION {
        Ok(())
    } else {
        Err(refuse(&layout.image_layout_version))
    }
}
