//! The image that time is measured on: eight layers of what real images hold.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use boltseal_testkit::image::LayerBuilder;
use serde_json::Value;

use crate::console;
use crate::debian;
use crate::demo;
use crate::failure::Failure;
use crate::step::Step;
use crate::wheel;

use super::budget::figure;
use super::tools::{needed, peer};
use super::{folder, scratch, table};

/// Raised when what is in the image changes, so that an older one is not used.
const NAME: &str = "image-1";

/// The layers from the lowest. Versions are pinned and nothing else is pulled in, so that every
/// machine measures nearly the same bytes.
const LAYERS: [(&str, Content); 8] = [
    ("Debian bookworm, minbase", Content::Debian),
    (
        "Python: numpy, pandas, cryptography, requests",
        Content::Python(&[
            "numpy==2.2.6",
            "pandas==2.2.3",
            "cryptography==44.0.0",
            "requests==2.32.3",
        ]),
    ),
    (
        "npm: typescript, three, core-js, date-fns, lodash",
        Content::Npm(&[
            "typescript@5.7.3",
            "three@0.172.0",
            "core-js@3.40.0",
            "date-fns@4.1.0",
            "lodash@4.17.21",
        ]),
    ),
    ("Go: crane, oras, regctl", Content::Go(&["crane", "oras", "regctl"])),
    ("Go: distribution", Content::Go(&["distribution"])),
    ("random bytes", Content::Random { bytes: 60_000_000 }),
    ("random bytes", Content::Random { bytes: 42_000_000 }),
    ("a script", Content::Script),
];

/// What a layer is made of.
enum Content {
    Debian,
    Go(&'static [&'static str]),
    Npm(&'static [&'static str]),
    Python(&'static [&'static str]),
    Random { bytes: u64 },
    Script,
}

/// An image in an OCI layout.
pub(super) struct Image {
    layout: PathBuf,
    /// Of its manifest.
    pub(super) digest: String,
    layers: Vec<Layer>,
}

struct Layer {
    blob: PathBuf,
    stored: u64,
    inflated: u64,
}

impl Image {
    /// Makes it, unless it is there from an earlier run.
    ///
    /// # Errors
    /// When a program or a peer that it is made with or of is missing, or a download fails.
    pub(super) fn ensure() -> Result<Self, Failure> {
        let layout = folder()?.join(NAME);
        if !layout.exists() {
            console::heading("make an image of 8 layers");
            let scratch = scratch()?;
            build(scratch.path())?;
            let half = scratch.path().join("half");
            fs::rename(&half, &layout).map_err(Failure::file("rename", half))?;
        }
        Self::read(layout)
    }

    fn read(layout: PathBuf) -> Result<Self, Failure> {
        let index = json(&layout.join("index.json"))?;
        let digest = text(&index["manifests"][0]["digest"]);
        let manifest = json(&blob(&layout, &digest))?;
        let layers = manifest["layers"].as_array().map_or(&[][..], Vec::as_slice);
        let layers = layers.iter().map(|layer| Layer::read(&layout, layer));
        let layers = layers.collect::<Result<Vec<_>, _>>()?;
        if layers.len() != LAYERS.len() {
            let why = format!("expected {} layers, found {}", LAYERS.len(), layers.len());
            return Err(Failure::Malformed { path: layout, why });
        }
        Ok(Self { layout, digest, layers })
    }

    /// `oci:DIR:TAG`, as boltseal and skopeo take it.
    pub(super) fn name(&self) -> String {
        format!("oci:{}:latest", self.layout.display())
    }

    /// The folder, as syft and trivy take it.
    pub(super) fn layout(&self) -> &Path {
        &self.layout
    }

    /// The layers' files, the largest first, as a reader with several threads wants them.
    pub(super) fn blobs(&self) -> Vec<PathBuf> {
        let mut layers: Vec<&Layer> = self.layers.iter().collect();
        layers.sort_by_key(|layer| std::cmp::Reverse(layer.inflated));
        layers.into_iter().map(|layer| layer.blob.clone()).collect()
    }

    /// Prints what it is made of.
    pub(super) fn describe(&self) {
        let megabytes = |bytes: u64| format!("{:.1} MB", figure(bytes) / 1e6);
        let row = |what: &str, stored, inflated| {
            vec![what.to_owned(), megabytes(stored), megabytes(inflated)]
        };
        let layers = LAYERS.iter().zip(&self.layers);
        let mut rows: Vec<_> =
            layers.map(|((what, _), layer)| row(what, layer.stored, layer.inflated)).collect();
        let sum = |size: fn(&Layer) -> u64| self.layers.iter().map(size).sum();
        rows.push(row("together", sum(|layer| layer.stored), sum(|layer| layer.inflated)));
        table::print(&["layer", "compressed", "inflated"], rows);
    }
}

impl Layer {
    fn read(layout: &Path, descriptor: &Value) -> Result<Self, Failure> {
        let blob = blob(layout, &text(&descriptor["digest"]));
        let stored = descriptor["size"].as_u64().unwrap_or_default();
        let inflated = inflated_size(&blob).map_err(Failure::file("read", &blob))?;
        Ok(Self { blob, stored, inflated })
    }
}

/// The last four bytes of a gzip: the size below 4 GiB (RFC 1952, `ISIZE`).
fn inflated_size(blob: &Path) -> std::io::Result<u64> {
    let mut file = File::open(blob)?;
    file.seek(SeekFrom::End(-4))?;
    let mut size = [0; 4];
    file.read_exact(&mut size)?;
    Ok(u32::from_le_bytes(size).into())
}

/// Makes each layer as a tar file, and has umoci pack them into the layout `half`.
fn build(scratch: &Path) -> Result<(), Failure> {
    debian::ensure(&["umoci"])?;
    let umoci = |words: &[&str]| Step::new("umoci").args(words).folder(scratch).run();
    umoci(&["init", "--layout", "half"])?;
    umoci(&["new", "--image", "half:latest"])?;
    for (_, content) in &LAYERS {
        let tar = content.tar(scratch)?;
        umoci(&["raw", "add-layer", "--image", "half:latest", &tar.display().to_string()])?;
    }
    umoci(&["config", "--image", "half:latest", "--os", "linux", "--architecture", "amd64"])?;
    umoci(&["gc", "--layout", "half"])
}

impl Content {
    fn tar(&self, scratch: &Path) -> Result<PathBuf, Failure> {
        let layer = LayerBuilder::new().plain();
        match self {
            Self::Debian => demo::debian_tree(),
            Self::Go(peers) => pack(scratch, |tree| go(peers, &tree.join("usr/local/bin"))),
            Self::Npm(packages) => pack(scratch, |tree| npm(packages, &tree.join("opt/app"))),
            Self::Python(packages) => {
                pack(scratch, |tree| pip(packages, &tree.join("usr/lib/python3/dist-packages")))
            }
            Self::Random { bytes } => write(scratch, &layer.noise("data", *bytes, *bytes)),
            Self::Script => {
                write(scratch, &layer.file_mode("app/run", 0o755, "#!/bin/sh\necho hello\n"))
            }
        }
    }
}

fn write(scratch: &Path, layer: &LayerBuilder) -> Result<PathBuf, Failure> {
    let tar = scratch.join("layer.tar");
    let sink = File::create(&tar).map_err(Failure::file("create", &tar))?;
    layer.write_to(BufWriter::new(sink)).map_err(Failure::file("write", &tar))?;
    Ok(tar)
}

/// Packs a tree that somebody fills, in a fixed order and without times and owners.
fn pack(
    scratch: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let (tree, tar) = (scratch.join("tree"), scratch.join("layer.tar"));
    fs::create_dir_all(&tree).map_err(Failure::file("create", &tree))?;
    fill(&tree)?;
    Step::new("tar")
        .args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"])
        .args([OsStr::new("-C"), tree.as_os_str(), OsStr::new("-cf"), tar.as_os_str()])
        .args(["."])
        .run()?;
    fs::remove_dir_all(&tree).map_err(Failure::file("remove", tree))?;
    Ok(tar)
}

fn go(peers: &[&str], folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
    for name in peers {
        let program = peer(name)?;
        fs::copy(&program, folder.join(name)).map_err(Failure::file("copy", program))?;
    }
    Ok(())
}

fn npm(packages: &[&str], folder: &Path) -> Result<(), Failure> {
    Step::new(needed("npm", "its packages are a layer of the image")?)
        .args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--no-package-lock", "--prefix"])
        .args([folder])
        .args(packages)
        .run()
}

/// Wheels for one Python on one platform, whatever runs here.
fn pip(packages: &[&str], folder: &Path) -> Result<(), Failure> {
    Step::new(wheel::python("wheels are a layer of the image")?)
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"])
        .args(["--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp"])
        .args(["--platform", "manylinux2014_x86_64", "--target"])
        .args([folder])
        .args(packages)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .run()
}

fn blob(layout: &Path, digest: &str) -> PathBuf {
    layout.join("blobs").join(digest.replace(':', "/"))
}

fn json(file: &Path) -> Result<Value, Failure> {
    let content = fs::read(file).map_err(Failure::file("read", file))?;
    serde_json::from_slice(&content)
        .map_err(|error| Failure::Malformed { path: file.to_owned(), why: error.to_string() })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
