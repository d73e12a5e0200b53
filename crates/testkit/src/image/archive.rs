//! Images in tar files.

use std::fs::File;
use std::io;
use std::path::Path;

use serde_json::{Value, json};
use tar::{Builder, Header};

use super::built::BuiltImage;

/// Which `docker save` wrote an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DockerForm {
    /// Docker up to 24: one plain tar for each layer, and `manifest.json`.
    Legacy,
    /// Docker 25 and later: an OCI layout, and `manifest.json` beside it.
    WithLayout,
}

pub(super) fn write_oci(image: &BuiltImage, file: &Path, name: Option<&str>) -> io::Result<()> {
    let mut tar = Builder::new(File::create(file)?);
    append_layout(&mut tar, image, name)?;
    tar.into_inner()?.sync_all()
}

pub(super) fn write_docker(
    image: &BuiltImage,
    file: &Path,
    name: &str,
    form: DockerForm,
) -> io::Result<()> {
    let Some(config) = &image.config else {
        return Err(io::Error::other("an index cannot be saved as an image"));
    };
    let mut tar = Builder::new(File::create(file)?);
    let config_hex = image.config_digest().hex().to_owned();
    let (config_path, layers) = match form {
        DockerForm::Legacy => {
            let config_path = format!("{config_hex}.json");
            append(&mut tar, &config_path, config)?;
            (config_path, append_plain_layers(&mut tar, image)?)
        }
        DockerForm::WithLayout => {
            append_layout(&mut tar, image, name.rsplit(':').next())?;
            let blob = |hex: &str| format!("blobs/sha256/{hex}");
            let layers = image.layers.iter();
            let layers = layers.map(|layer| blob(layer.descriptor.digest.hex()));
            (blob(&config_hex), layers.collect())
        }
    };
    let manifest = json!([{"Config": config_path, "RepoTags": [name], "Layers": layers}]);
    append_json(&mut tar, "manifest.json", &manifest)?;
    tar.into_inner()?.sync_all()
}

fn append_plain_layers(tar: &mut Builder<File>, image: &BuiltImage) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    for layer in &image.layers {
        let path = format!("{}/layer.tar", layer.diff_id.hex());
        append(tar, &path, &layer.tar()?)?;
        paths.push(path);
    }
    Ok(paths)
}

fn append_layout(
    tar: &mut Builder<File>,
    image: &BuiltImage,
    name: Option<&str>,
) -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    image.write_layout(directory.path(), name)?;
    for member in ["oci-layout", "index.json"] {
        append(tar, member, &std::fs::read(directory.path().join(member))?)?;
    }
    let blobs = directory.path().join("blobs/sha256");
    let names = std::fs::read_dir(&blobs)?.map(|it| it.map(|it| it.file_name()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    // The order of a directory is the file system's own; an archive's must not be.
    names.sort();
    for name in names {
        let path = format!("blobs/sha256/{}", name.to_string_lossy());
        append(tar, &path, &std::fs::read(blobs.join(name))?)?;
    }
    Ok(())
}

fn append_json(tar: &mut Builder<File>, path: &str, document: &Value) -> io::Result<()> {
    append(tar, path, document.to_string().as_bytes())
}

fn append(tar: &mut Builder<File>, path: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(bytes.len() as u64);
    header.set_mtime(0);
    tar.append_data(&mut header, path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::debian_like;
    use std::collections::BTreeMap;
    use std::io::Read as _;

    fn members(file: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(File::open(file).unwrap());
        let entries = archive.entries().unwrap();
        let read = |entry: io::Result<tar::Entry<'_, File>>| {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (path, bytes)
        };
        entries.map(read).collect()
    }

    #[test]
    fn both_docker_forms_name_what_they_hold() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("image.tar");
        let image = debian_like();
        for form in [DockerForm::Legacy, DockerForm::WithLayout] {
            image.write_docker_archive(&file, "app:1", form).unwrap();
            let members = members(&file);
            let manifest: Value = serde_json::from_slice(&members["manifest.json"]).unwrap();
            let config = manifest[0]["Config"].as_str().unwrap();
            assert_eq!(members[config], image.config.clone().unwrap());
            let layers = manifest[0]["Layers"].as_array().unwrap();
            assert_eq!(layers.len(), 2);
            assert!(layers.iter().all(|it| members.contains_key(it.as_str().unwrap())));
            assert_eq!(members.contains_key("oci-layout"), form == DockerForm::WithLayout);
        }
    }

    #[test]
    fn an_oci_archive_is_a_layout() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("image.tar");
        debian_like().write_oci_archive(&file, Some("1")).unwrap();
        let members = members(&file);
        assert!(members.contains_key("index.json") && members.contains_key("oci-layout"));
        let manifest = format!("blobs/sha256/{}", debian_like().digest().hex());
        assert_eq!(members[&manifest], debian_like().manifest);
    }
}
