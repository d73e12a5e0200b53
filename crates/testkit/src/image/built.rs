//! What a builder made.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use boltseal_core::{Descriptor, Digest, Platform, RawManifest};
use bytes::Bytes;

use super::archive::{self, DockerForm};
use super::debian::Deb;
use super::layout::LayoutWriter;
use super::stored::BuiltLayer;
use crate::registry::Server;

/// An image or an index, whole, in memory. Its members may be changed to make it wrong.
#[derive(Clone, Debug)]
pub struct BuiltImage {
    /// The manifest's exact bytes.
    pub manifest: Bytes,
    /// The manifest's type, which its bytes need not name.
    pub media_type: String,
    /// The configuration; `None` in an index.
    pub config: Option<Bytes>,
    /// The layers, lowest first; none in an index.
    pub layers: Vec<BuiltLayer>,
    /// The children of an index, attestations among them.
    pub children: Vec<Self>,
    /// The platform; `None` in an index.
    pub platform: Option<Platform>,
}

impl BuiltImage {
    /// The digest of the manifest.
    pub fn digest(&self) -> Digest {
        Digest::sha256_of(&self.manifest)
    }

    /// Type, digest and size of the manifest, and the platform.
    pub fn descriptor(&self) -> Descriptor {
        let mut descriptor = Descriptor::of(&self.media_type, &self.manifest);
        descriptor.platform.clone_from(&self.platform);
        descriptor
    }

    /// The manifest as the rest of boltseal holds it.
    ///
    /// # Panics
    /// The manifest was made wrong on purpose.
    pub fn raw(&self) -> RawManifest {
        let raw = RawManifest::new(self.manifest.clone(), Some(&self.media_type));
        raw.expect("a manifest that was not made wrong on purpose")
    }

    /// The image's id: the digest of its configuration.
    ///
    /// # Panics
    /// This is an index.
    pub fn config_digest(&self) -> Digest {
        let config = self.config.as_ref();
        Digest::sha256_of(config.expect("an image, for an index has no configuration"))
    }

    /// The packages of the topmost layer that lists any.
    pub fn packages(&self) -> &[Deb] {
        let lists = self.layers.iter().map(|layer| layer.packages.as_slice());
        lists.rev().find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// All configurations and layers, those of children included, by the digest that the
    /// manifests name.
    pub fn blobs(&self) -> BTreeMap<Digest, Bytes> {
        let mut blobs: BTreeMap<_, _> = self.children.iter().flat_map(Self::blobs).collect();
        let layers = self.layers.iter();
        blobs.extend(layers.map(|layer| (layer.descriptor.digest.clone(), layer.bytes.clone())));
        let config = self.config.iter();
        blobs.extend(config.map(|config| (Digest::sha256_of(config), config.clone())));
        blobs
    }

    /// This image and all its children, children first: the order to push them in.
    pub fn manifests(&self) -> Vec<&Self> {
        let children = self.children.iter().flat_map(Self::manifests);
        children.chain([self]).collect()
    }

    /// Puts all of it into a registry's store, and points `tag` at it where there is one. No
    /// request is made, and nothing is checked.
    pub fn push_into(&self, server: &Server, repository: &str, tag: Option<&str>) -> Digest {
        let store = server.store();
        for (digest, bytes) in self.blobs() {
            store.set_blob_bytes(repository, &digest, bytes);
        }
        for image in self.manifests() {
            store.put_manifest(repository, image.manifest.clone(), &image.media_type);
        }
        let digest = self.digest();
        if let Some(tag) = tag {
            store.set_tag(repository, tag, &digest);
        }
        digest
    }

    /// Writes all of it into an OCI layout directory, which is made where it is missing, and lists
    /// it there under a reference name where one is given.
    ///
    /// # Errors
    /// The directory cannot be written, or holds something that is no layout.
    pub fn write_layout(&self, directory: &Path, name: Option<&str>) -> io::Result<Digest> {
        let layout = LayoutWriter::create(directory)?;
        layout.add(self, name)
    }

    /// Writes an OCI layout as a tar file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_oci_archive(&self, file: &Path, name: Option<&str>) -> io::Result<()> {
        archive::write_oci(self, file, name)
    }

    /// Writes what `docker save NAME` writes.
    ///
    /// # Errors
    /// The file cannot be written, a layer cannot be inflated, or this is an index.
    pub fn write_docker_archive(
        &self,
        file: &Path,
        name: &str,
        form: DockerForm,
    ) -> io::Result<()> {
        archive::write_docker(self, file, name, form)
    }
}
