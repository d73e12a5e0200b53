use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::Program;

/// What dpkg's database says in a small image: two packages.
const STATUS: &str = "Package: base-files\nStatus: install ok installed\nArchitecture: amd64\n\
    Version: 12.4+deb12u11\nMaintainer: Example <example@example.test>\nDescription: base\n\n\
    Package: tzdata\nStatus: install ok installed\nArchitecture: all\n\
    Version: 2025b-0+deb12u1\nMaintainer: Example <example@example.test>\nDescription: zones\n\n";

const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";

/// An image in an OCI layout, made by umoci from a tree with a package database.
pub(crate) struct Image {
    folder: TempDir,
}

impl Image {
    pub(crate) fn small() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let image = Self { folder };
        let tree = image.path("tree");
        write(&tree.join("var/lib/dpkg/status"), STATUS);
        write(&tree.join("etc/os-release"), OS_RELEASE);
        image.pack(&tree);
        image
    }

    fn pack(&self, tree: &Path) {
        let tar = self.path("layer.tar").display().to_string();
        let tree = tree.display().to_string();
        Program::debian("tar").run(&["-C", &tree, "-cf", &tar, "."]).passes();
        let layout = self.path("layout").display().to_string();
        let image = format!("{layout}:1");
        let umoci = |words: &[&str]| {
            Program::debian("umoci").run(words).passes();
        };
        umoci(&["init", "--layout", &layout]);
        umoci(&["new", "--image", &image]);
        umoci(&["raw", "add-layer", "--image", &image, &tar]);
        umoci(&["config", "--image", &image, "--os", "linux", "--architecture", "amd64"]);
    }

    /// `oci:DIR:TAG`, as skopeo and boltseal take it.
    pub(crate) fn name(&self) -> String {
        format!("oci:{}:1", self.path("layout").display())
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

    /// A report of today that lists every package of the image and no vulnerability.
    pub(crate) fn clean_report(&self) -> String {
        let sbom = Program::boltseal().run(&["sbom", &self.name()]).passes();
        let mut report: Value = serde_json::from_str(&sbom.stdout).expect("CycloneDX is JSON");
        report["metadata"]["timestamp"] = json!(jiff::Timestamp::now().to_string());
        report["vulnerabilities"] = json!([]);
        let path = self.path("report.json");
        write(&path, &report.to_string());
        path.display().to_string()
    }

    /// A place in the image's own temporary folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
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
