//! Writing what a journey collected into one file.

use std::path::Path;

use boltseal_core::{Exit, Reason, Tag};
use boltseal_oci::archive::ArchiveWriter;
use boltseal_pipeline::{EvidenceFile, Failure};
use boltseal_ports::{ManifestRole, RegistryError};

use crate::usage::usage;

/// Finds out, before any work, whether `path` can be written.
pub(crate) fn check(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let problem = match tempfile::NamedTempFile::new_in(folder) {
        Ok(_) if path.is_dir() => "a folder".to_owned(),
        Ok(_) => return Ok(()),
        Err(error) => error.to_string(),
    };
    Err(usage(
        "evidence-file-unwritable",
        "a file that can be written",
        format!("{}: {problem}", path.display()),
        "name another file with --evidence-file",
    ))
}

/// Writes the archive; it appears under `path` whole or not at all.
pub(crate) fn write(path: &Path, content: &EvidenceFile) -> Result<(), Reason> {
    assemble(content).and_then(|archive| archive.write(path)).map_err(|error| {
        Reason::new(Exit::Undetermined, "evidence-file-unwritten")
            .expected("the evidence file to be written")
            .found(error.to_string())
            .place(path.display().to_string())
            .fix("make room, then run the same command again: nothing is written twice")
    })
}

fn assemble(content: &EvidenceFile) -> Result<ArchiveWriter, RegistryError> {
    let mut archive = ArchiveWriter::new();
    archive.add_manifest(&content.root, ManifestRole::Root)?;
    for name in content.names.iter().filter_map(|name| Tag::ref_name(name).ok()) {
        archive.add_tagged(&content.root, &name);
    }
    for child in &content.children {
        archive.add_manifest(child, ManifestRole::Child)?;
    }
    for referrer in &content.referrers {
        archive.add_manifest(referrer, ManifestRole::Referrer)?;
    }
    for (tag, manifest) in &content.tagged {
        archive.add_manifest(manifest, ManifestRole::Child)?;
        archive.add_tagged(manifest, tag);
    }
    for (_, bytes) in &content.blobs {
        archive.add_blob(bytes.clone());
    }
    for (name, bytes) in &content.members {
        archive.add_member(name, bytes.clone().into())?;
    }
    Ok(archive)
}

/// Writes the archive where a file was named and there is something to write; answers the file
/// that was written.
pub(crate) fn write_if_asked(
    path: Option<&Path>,
    content: Option<&EvidenceFile>,
) -> Result<Option<String>, Reason> {
    let (Some(path), Some(content)) = (path, content) else { return Ok(None) };
    write(path, content)?;
    Ok(Some(path.display().to_string()))
}
