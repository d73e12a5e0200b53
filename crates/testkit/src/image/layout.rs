//! OCI layout directories.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use boltseal_core::{Descriptor, Digest, media_type};
use bytes::Bytes;
use serde_json::{Value, json};

use super::built::BuiltImage;
use super::layer::LayerBuilder;
use super::stored::StreamedLayer;

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Writes into an OCI layout directory, piece by piece, so that an image may be larger than the
/// memory.
#[derive(Debug)]
pub struct LayoutWriter {
    directory: PathBuf,
}

impl LayoutWriter {
    /// Opens a layout, or makes an empty one.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn create(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory.join("blobs/sha256"))?;
        let layout = Self { directory: directory.to_owned() };
        if !layout.index_path().exists() {
            let version = json!({"imageLayoutVersion": "1.0.0"});
            fs::write(directory.join("oci-layout"), version.to_string())?;
            layout.write_index(&empty_index())?;
        }
        Ok(layout)
    }

    /// Adds an image with everything it is made of.
    ///
    /// # Errors
    /// The directory cannot be written, or its `index.json` is none.
    pub fn add(&self, image: &BuiltImage, name: Option<&str>) -> io::Result<Digest> {
        for (digest, bytes) in image.blobs() {
            self.put(&digest, &bytes)?;
        }
        for image in image.manifests() {
            self.put(&image.digest(), &image.manifest)?;
        }
        self.list(&image.descriptor(), name)?;
        Ok(image.digest())
    }

    /// Writes a layer as a blob without keeping it in memory.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn stream_layer(&self, layer: &LayerBuilder) -> io::Result<StreamedLayer> {
        let partial = self.directory.join("blobs/partial-layer");
        let streamed = layer.write_to(BufWriter::new(File::create(&partial)?))?;
        fs::rename(partial, self.blob_path(&streamed.descriptor.digest))?;
        Ok(streamed)
    }

    /// Adds an image for `linux/amd64` made of layers that were streamed.
    ///
    /// # Errors
    /// The directory cannot be written, or its `index.json` is none.
    pub fn add_streamed(&self, layers: &[StreamedLayer], name: Option<&str>) -> io::Result<Digest> {
        let diff_ids: Vec<_> = layers.iter().map(|layer| &layer.diff_id).collect();
        let config = Bytes::from(
            json!({
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": diff_ids},
            })
            .to_string(),
        );
        let descriptors: Vec<_> = layers.iter().map(|layer| &layer.descriptor).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": Descriptor::of(media_type::OCI_CONFIG, &config),
            "layers": descriptors,
        });
        let manifest = Bytes::from(manifest.to_string());
        let descriptor = Descriptor::of(media_type::OCI_MANIFEST, &manifest);
        self.put(&Digest::sha256_of(&config), &config)?;
        self.put(&descriptor.digest, &manifest)?;
        self.list(&descriptor, name)?;
        Ok(descriptor.digest)
    }

    /// Where the blob with a digest is.
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        let kind = digest.algorithm().name();
        self.directory.join("blobs").join(kind).join(digest.hex())
    }

    fn put(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.blob_path(digest), bytes)
    }

    fn list(&self, descriptor: &Descriptor, name: Option<&str>) -> io::Result<()> {
        let mut index: Value = serde_json::from_slice(&fs::read(self.index_path())?)?;
        let Some(entries) = index["manifests"].as_array_mut() else {
            return Err(io::Error::other("index.json has no manifests"));
        };
        let mut entry = descriptor.clone();
        if let Some(name) = name {
            entries.retain(|it| it["annotations"][REF_NAME] != name);
            entry.annotations.insert(REF_NAME.to_owned(), name.to_owned());
        }
        entries.push(json!(entry));
        self.write_index(&index)
    }

    fn write_index(&self, index: &Value) -> io::Result<()> {
        fs::write(self.index_path(), index.to_string())
    }

    fn index_path(&self) -> PathBuf {
        self.directory.join("index.json")
    }
}

fn empty_index() -> Value {
    json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": []})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::debian_like;

    fn index_of(directory: &Path) -> Value {
        serde_json::from_slice(&fs::read(directory.join("index.json")).unwrap()).unwrap()
    }

    #[test]
    fn holds_several_images_and_moves_names() {
        let directory = tempfile::tempdir().unwrap();
        let layout = directory.path().join("layout");
        let image = debian_like();
        image.write_layout(&layout, Some("1.0")).unwrap();
        image.write_layout(&layout, Some("1.0")).unwrap();
        image.write_layout(&layout, Some("1.1")).unwrap();
        let index = index_of(&layout);
        let entries = index["manifests"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1]["annotations"][REF_NAME], "1.1");
        for entry in fs::read_dir(layout.join("blobs/sha256")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert_eq!(Digest::sha256_of(&fs::read(&path).unwrap()).hex(), name);
        }
    }

    #[test]
    fn streams_layers_to_disk() {
        let directory = tempfile::tempdir().unwrap();
        let layout = LayoutWriter::create(directory.path()).unwrap();
        let layer = layout.stream_layer(&LayerBuilder::new().noise("n", 100_000, 3)).unwrap();
        let stored = fs::read(layout.blob_path(&layer.descriptor.digest)).unwrap();
        assert_eq!(Digest::sha256_of(&stored), layer.descriptor.digest);
        let digest = layout.add_streamed(&[layer], None).unwrap();
        let entry = &index_of(directory.path())["manifests"][0];
        assert_eq!(entry["digest"], json!(digest));
        assert!(entry["annotations"].is_null());
    }
}
