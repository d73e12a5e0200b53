//! How failures of files read as failures of a registry.

use std::io;
use std::path::Path;

use boltseal_core::{Digest, ManifestError};
use boltseal_ports::{RegistryError, RegistryErrorKind};

const FROM_AN_INTACT_COPY: &str = "copy the image and its evidence again from an intact place";

/// A file that cannot be read or written.
pub(crate) fn unreachable(place: &str, error: &io::Error) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Unreachable, place)
        .expected("a file that can be read and written")
        .found(error.to_string())
        .fix("check the path, its permissions and the space left on its disk")
}

/// Content that is not what its name, its descriptor or its own layout says.
pub(crate) fn contradiction(
    place: &str,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Contradiction, place)
        .expected(expected)
        .found(found)
        .fix(FROM_AN_INTACT_COPY)
}

/// Compares the digest of content with the one that it must have.
pub(crate) fn check_digest(
    place: &str,
    expected: &Digest,
    found: &Digest,
) -> Result<(), RegistryError> {
    if found == expected { Ok(()) } else { Err(wrong_digest(place, expected, found)) }
}

fn wrong_digest(place: &str, expected: &Digest, found: &Digest) -> RegistryError {
    contradiction(place, format!("content with digest {expected}"), found.to_string())
}

/// Content that breaks a bound.
pub(crate) fn too_large(place: &str, limit: u64, size: u64) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Malformed, place)
        .expected(format!("at most {limit} bytes"))
        .found(format!("{size} bytes"))
        .fix("remove what is too large from the image or its evidence")
}

/// Content with the right digest, of another size than its descriptor says.
pub(crate) fn mislabelled(place: &str, promised: u64, size: u64) -> RegistryError {
    RegistryError::new(RegistryErrorKind::Malformed, place)
        .expected(format!("{promised} bytes, as its descriptor says"))
        .found(size.to_string())
        .fix("find out who made a manifest that says so; make it again with the right size")
}

/// Bytes that are not the manifest they should be.
pub(crate) fn not_a_manifest(place: &str, error: &ManifestError) -> RegistryError {
    if let ManifestError::WrongDigest { expected, found } = error {
        return wrong_digest(place, expected, found);
    }
    RegistryError::new(RegistryErrorKind::Malformed, place)
        .expected("a manifest or an index as the OCI image specification has them")
        .found(error.to_string())
        .fix(FROM_AN_INTACT_COPY)
}

/// A layout that is not there at all.
pub(crate) fn no_directory(path: &Path) -> RegistryError {
    let place = path.display().to_string();
    RegistryError::new(RegistryErrorKind::Unreachable, place)
        .expected("an OCI image layout")
        .found("no directory")
        .fix("check the path, or build the image into it first")
}
