use std::fs;
use std::path::{Path, PathBuf};

use boltseal_core::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::Program;

const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";

/// An image in an OCI layout, made by umoci from trees with a package database.
pub(crate) struct Image {
    folder: TempDir,
    architectures: &'static [&'static str],
}

impl Image {
    /// Of one platform.
    pub(crate) fn small() -> Self {
        Self::packed(&["amd64"])
    }

    /// An index of two platforms.
    pub(crate) fn of_two_platforms() -> Self {
        let image = Self::packed(&["amd64", "arm64"]);
        image.join();
        image
    }

    fn packed(architectures: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let image = Self { folder, architectures };
        umoci(&["init", "--layout", &image.layout()]);
        for architecture in architectures {
            image.pack(architecture);
        }
        image
    }

    /// Adds an image of one platform, tagged 1, or with the platform if there are more.
    fn pack(&self, architecture: &str) {
        let tree = self.path(architecture);
        write(&tree.join("var/lib/dpkg/status"), &status(architecture));
        write(&tree.join("etc/os-release"), OS_RELEASE);
        let tar = self.path("layer.tar").display().to_string();
        let tree = tree.display().to_string();
        Program::debian("tar").run(&["-C", &tree, "-cf", &tar, "."]).passes();
        let tag = if self.architectures.len() == 1 { "1" } else { architecture };
        let image = format!("{}:{tag}", self.layout());
        umoci(&["new", "--image", &image]);
        umoci(&["raw", "add-layer", "--image", &image, &tar]);
        umoci(&["config", "--image", &image, "--os", "linux", "--architecture", architecture]);
    }

    /// Puts an index over the platforms in their place, tagged 1. umoci cannot make one.
    fn join(&self) {
        let path = self.path("layout/index.json");
        let listed = fs::read(&path).expect("umoci wrote it");
        let mut layout: Value = serde_json::from_slice(&listed).expect("an index is JSON");
        let manifests = layout["manifests"].as_array_mut().expect("a list of manifests");
        assert_eq!(manifests.len(), self.architectures.len());
        for (manifest, architecture) in manifests.iter_mut().zip(self.architectures) {
            manifest["platform"] = json!({"os": "linux", "architecture": architecture});
            manifest.as_object_mut().expect("a descriptor").remove("annotations");
        }
        let media_type = "application/vnd.oci.image.index.v1+json";
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests})
            .to_string();
        let digest = Digest::sha256_of(index.as_bytes());
        write(&self.path("layout/blobs/sha256").join(digest.hex()), &index);
        layout["manifests"] = json!([{
            "mediaType": media_type,
            "digest": digest.to_string(),
            "size": index.len(),
            "annotations": {"org.opencontainers.image.ref.name": "1"},
        }]);
        write(&path, &layout.to_string());
    }

    fn layout(&self) -> String {
        self.path("layout").display().to_string()
    }

    /// `oci:DIR:TAG`, as skopeo and boltseal take it.
    pub(crate) fn name(&self) -> String {
        format!("oci:{}:1", self.layout())
    }

    /// Copies it into a repository with skopeo and returns its name by digest there.
    pub(crate) fn push(&self, repository: &str) -> String {
        let remote = format!("docker://{repository}:1");
        let skopeo = Program::debian("skopeo");
        skopeo.run(&["copy", "--dest-tls-verify=false", &self.name(), &remote]).passes();
        format!("{repository}@{}", digest(&remote))
    }

    /// The digest of its manifest.
    pub(crate) fn digest(&self) -> String {
        digest(&self.name())
    }

    /// For each platform a report of today that lists every package and no vulnerability.
    pub(crate) fn clean_reports(&self) -> Vec<String> {
        let report = |architecture: &&str| {
            let mut report = self.sbom(architecture);
            report["metadata"]["timestamp"] = json!(jiff::Timestamp::now().to_string());
            report["vulnerabilities"] = json!([]);
            let path = self.path(&format!("report-{architecture}.json"));
            write(&path, &report.to_string());
            path.display().to_string()
        };
        self.architectures.iter().map(report).collect()
    }

    /// What `boltseal sbom` says of one platform.
    pub(crate) fn sbom(&self, architecture: &str) -> Value {
        let (name, platform) = (self.name(), format!("linux/{architecture}"));
        let sbom = Program::boltseal().run(&["sbom", &name, "--platform", &platform]).passes();
        serde_json::from_str(&sbom.stdout).expect("CycloneDX is JSON")
    }

    /// A place in the image's own temporary folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What dpkg's database says in a small image: two packages.
fn status(architecture: &str) -> String {
    let package = |name: &str, architecture: &str, version: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\n\
             Version: {version}\nMaintainer: Example <example@example.test>\n\
             Description: {name}\n\n"
        )
    };
    let base = package("base-files", architecture, "12.4+deb12u11");
    base + &package("tzdata", "all", "2025b-0+deb12u1")
}

fn umoci(words: &[&str]) {
    Program::debian("umoci").run(words).passes();
}

/// The digest of an image's manifest, by skopeo.
fn digest(image: &str) -> String {
    let words = ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", image];
    Program::debian("skopeo").run(&words).passes().stdout.trim().to_owned()
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("the file lies in a folder");
    fs::create_dir_all(folder).expect("a writable folder");
    fs::write(path, text).expect("a writable folder");
}
