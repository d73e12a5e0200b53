//! An image, its report and a key, ready to be released to a registry of this process.

use std::process::{Child, Command, Stdio};

use boltseal_core::Digest;
use boltseal_testkit::image::{BuiltImage, debian_like};
use boltseal_testkit::registry::{NotFoundBody, Options, Referrers, Server};
use boltseal_testkit::report;

use crate::harness::{KeyPair, Run, Sandbox};

/// The repository that is released to.
pub(crate) const NAME: &str = "team/app";
/// The kinds of evidence that a release leaves.
pub(crate) const ALL: &str = "signature,provenance,sbom,vuln,vsa";

/// Everything that a release needs but the registry.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) key: KeyPair,
    pub(crate) image: BuiltImage,
    /// How many seconds a registry may fail.
    pub(crate) patience: &'static str,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let key = sandbox.key_pair("k");
        let image = debian_like();
        let scene = Self { sandbox, key, image, patience: "10" };
        scene.add("image", &scene.image);
        scene
    }

    /// Adds an image, `NAME`, and its report, `NAME.json`.
    pub(crate) fn add(&self, name: &str, image: &BuiltImage) -> Digest {
        image.write_layout(&self.sandbox.path(name), None).expect("a layout in the sandbox");
        self.sandbox.write(&format!("{name}.json"), report::trivy(image, &[]));
        image.digest()
    }

    /// A release of the image `name` to the tag `1.0`, not started yet.
    pub(crate) fn release(&self, server: &Server, name: &str) -> Command {
        self.release_to(&format!("{}:1.0", server.repository(NAME)), name)
    }

    /// A release of the image `name` to this place, not started yet.
    pub(crate) fn release_to(&self, to: &str, name: &str) -> Command {
        let image = format!("oci:{name}");
        let report = format!("{name}.json");
        let key = &*self.key.private;
        self.sandbox.command(&[
            "release",
            &image,
            "--to",
            to,
            "--key",
            key,
            "--scan",
            &report,
            "--patience",
            self.patience,
            "--format",
            "json",
        ])
    }

    /// Verifies a digest with all that a release leaves.
    pub(crate) fn verify(&self, server: &Server, digest: &Digest) -> Run {
        self.verify_target(&format!("{}@{digest}", server.repository(NAME)))
    }

    /// Verifies what the tag `1.0` points at.
    pub(crate) fn verify_tag(&self, server: &Server) -> Run {
        self.verify_target(&format!("{}:1.0", server.repository(NAME)))
    }

    fn verify_target(&self, target: &str) -> Run {
        self.sandbox.boltseal(&[
            "verify",
            target,
            "--key",
            &self.key.public,
            "--require",
            ALL,
            "--patience",
            self.patience,
            "--format",
            "json",
        ])
    }
}

/// Starts a command whose output is caught.
pub(crate) fn start(mut command: Command) -> Child {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("boltseal can be started")
}

/// A registry without the Referrers API.
pub(crate) fn without_referrers() -> Options {
    Options { referrers: Referrers::None404 { body: NotFoundBody::Plain }, ..Options::default() }
}
