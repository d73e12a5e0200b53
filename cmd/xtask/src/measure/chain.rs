//! The usual chain: the tools that a pipeline without boltseal runs one after another.

use std::path::Path;

use serde_json::json;

use crate::failure::Failure;
use crate::step::Step;

use super::distribution::Distribution;
use super::image::Image;
use super::tools::Tools;
use super::{PRIVATE_KEY, PUBLIC_KEY, at_top, write};

/// Documents that the chain attests besides its inventory: cosign type, file.
const PROVENANCE: (&str, &str) = ("slsaprovenance1", "provenance.json");
const INVENTORY: (&str, &str) = ("cyclonedx", "inventory.json");
const SCAN: (&str, &str) = ("vuln", "vuln.json");

/// One run of it.
pub(super) struct Chain<'a> {
    tools: &'a Tools,
    image: &'a Image,
    registry: &'a Distribution,
    /// The home of each program, so that none finds what it kept from an earlier run.
    home: &'a Path,
}

impl<'a> Chain<'a> {
    /// Writes what is attested into the home.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn new(
        tools: &'a Tools,
        image: &'a Image,
        registry: &'a Distribution,
        home: &'a Path,
    ) -> Result<Self, Failure> {
        write(&home.join(PROVENANCE.1), provenance())?;
        write(&home.join(SCAN.1), scan())?;
        Ok(Self { tools, image, registry, home })
    }

    /// What is typed, in order.
    pub(super) fn steps(&self) -> Vec<(&'static str, Step)> {
        let mut steps = vec![("skopeo copy", self.push()), ("syft, CycloneDX", self.inventory())];
        steps.extend(self.tools.trivy.iter().map(|it| ("trivy, secrets", self.secrets(it))));
        steps.extend(self.evidence());
        steps.push(("crane tag", self.tag()));
        steps
    }

    fn evidence(&self) -> [(&'static str, Step); 8] {
        [
            ("cosign attest, provenance", self.attest(PROVENANCE)),
            ("cosign attest, SBOM", self.attest(INVENTORY)),
            ("cosign attest, scan", self.attest(SCAN)),
            ("cosign sign", self.sign()),
            ("cosign verify", self.verify(&["verify"])),
            ("cosign verify-attestation, provenance", self.verify_attestation(PROVENANCE)),
            ("cosign verify-attestation, SBOM", self.verify_attestation(INVENTORY)),
            ("cosign verify-attestation, scan", self.verify_attestation(SCAN)),
        ]
    }

    fn push(&self) -> Step {
        let to = format!("docker://{}:candidate", self.registry.repository());
        self.step(&self.tools.skopeo).args([
            "copy",
            "--quiet",
            "--dest-tls-verify=false",
            &self.image.name(),
            &to,
        ])
    }

    fn inventory(&self) -> Step {
        let image = format!("oci-dir:{}", self.image.layout().display());
        let output = format!("cyclonedx-json={}", INVENTORY.1);
        self.step(&self.tools.syft)
            .args(["scan", "--quiet", "--output", &output, &image])
            .env("SYFT_CHECK_FOR_APP_UPDATE", "false")
    }

    fn secrets(&self, trivy: &Path) -> Step {
        self.step(trivy)
            .args(["image", "--quiet", "--offline-scan", "--skip-version-check"])
            .args(["--scanners", "secret", "--format", "json", "--output", "secrets.json"])
            .args([Path::new("--input"), self.image.layout()])
    }

    fn attest(&self, (kind, file): (&str, &str)) -> Step {
        self.write(&["attest", "--type", kind, "--predicate", file])
    }

    fn sign(&self) -> Step {
        self.write(&["sign"])
    }

    /// Bundles as referrers, by key, with no log to ask.
    fn write(&self, words: &[&str]) -> Step {
        self.step(&self.tools.cosign)
            .args(words)
            .args(["--yes", "--key", &at_top(PRIVATE_KEY), "--allow-insecure-registry"])
            .args(["--use-signing-config=false", "--tlog-upload=false"])
            .args(["--new-bundle-format=true", &self.pinned()])
    }

    fn verify_attestation(&self, (kind, _): (&str, &str)) -> Step {
        self.verify(&["verify-attestation", "--type", kind])
    }

    fn verify(&self, words: &[&str]) -> Step {
        self.step(&self.tools.cosign)
            .args(words)
            .args(["--key", &at_top(PUBLIC_KEY), "--allow-insecure-registry"])
            .args(["--private-infrastructure", &self.pinned()])
    }

    fn tag(&self) -> Step {
        self.step(&self.tools.crane).args(["tag", "--insecure", &self.pinned(), "1.0"])
    }

    fn pinned(&self) -> String {
        format!("{}@{}", self.registry.repository(), self.image.digest)
    }

    fn step(&self, program: &Path) -> Step {
        Step::new(program).alone(self.home).env("COSIGN_PASSWORD", "").folder(self.home)
    }
}

fn provenance() -> String {
    json!({
        "buildDefinition": {
            "buildType": "https://example.test/build/v1",
            "externalParameters": {},
            "resolvedDependencies": [],
        },
        "runDetails": {"builder": {"id": "https://example.test/builder"}},
    })
    .to_string()
}

fn scan() -> String {
    json!({
        "invocation": {"parameters": [], "uri": "", "event_id": "", "builder.id": ""},
        "scanner": {"uri": "", "version": "", "db": {"uri": "", "version": ""}, "result": {}},
        "metadata": {
            "scanStartedOn": "2026-01-01T00:00:00Z",
            "scanFinishedOn": "2026-01-01T00:00:01Z",
        },
    })
    .to_string()
}
