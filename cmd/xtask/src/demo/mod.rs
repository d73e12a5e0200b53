//! `cargo xtask demo`

mod image;

use std::fs;

use clap::ValueEnum;

use crate::console;
use crate::failure::Failure;
use crate::product::{Product, Profile};
use crate::workspace;

/// Everything the demo writes, relative to the project's top folder.
const FOLDER: &str = "target/demo";

/// No scanner runs in the demo, so a vulnerability statement is not among what is demanded.
const REQUIRED: &str = "signature,provenance,sbom,vsa";

const EXAMPLE_REPORT: &str = "cmd/xtask/src/demo/example-report.json";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to release; left out: debian where its tools are installed, else binary.
    #[arg(long)]
    image: Option<Source>,
}

/// What the demo releases.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// A minimal Debian, made here by mmdebstrap and umoci.
    Debian,
    /// A single-layer image of boltseal itself.
    Binary,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    console::heading("build boltseal");
    let product = Product::build(Profile::Release)?;
    let image = match arguments.image.unwrap_or_else(image::possible) {
        Source::Debian => vec![debian()?],
        Source::Binary => vec!["--binary".to_owned(), product.program().display().to_string()],
    };
    start_afresh()?;
    release(&product, &image)?;
    verify(&product)?;
    promote(&product)?;
    refuse(&product)?;
    console::say("\nThe demo is complete. No scanner judged the demo image: it was released with");
    console::say("`--scan none`, and its verification summary says so.");
    Ok(())
}

/// Makes the Debian image unless it is there; the tests against the peers take the same one.
///
/// # Errors
/// When a tool is missing or fails.
pub(crate) fn debian() -> Result<String, Failure> {
    image::debian(FOLDER)
}

/// The Debian image's tree as a tar file; the image is made unless it is there.
#[cfg(feature = "bench")]
pub(crate) fn debian_tree() -> Result<std::path::PathBuf, Failure> {
    debian()?;
    Ok(image::tree(FOLDER))
}

fn release(product: &Product, image: &[String]) -> Result<(), Failure> {
    console::heading("release: inspect, push by digest, seal, fetch back, verify, tag");
    let destination = format!("oci:{FOLDER}/staging:1.0.0");
    let evidence = format!("{FOLDER}/release.evidence.tar");
    let words = ["--to", &destination, "--key", "keys-example/release.key", "--scan", "none"];
    product
        .step(["release"])
        .args(image)
        .args(words)
        .args(["--evidence-file", &evidence])
        .env("COSIGN_PASSWORD", "")
        .run()
}

fn verify(product: &Product) -> Result<(), Failure> {
    console::heading("verify: from the evidence file alone, with no network");
    let evidence = format!("evidence:{FOLDER}/release.evidence.tar");
    product
        .step(["verify", &evidence, "--key", "keys-example/release.pub"])
        .args(["--require", REQUIRED, "--offline"])
        .run()
}

fn promote(product: &Product) -> Result<(), Failure> {
    console::heading("promote: the same digest, into another layout");
    let source = format!("oci:{FOLDER}/staging:1.0.0");
    let destination = format!("oci:{FOLDER}/production:1.0.0");
    product
        .step(["promote", &source, &destination])
        .args(["--key", "keys-example/release.pub"])
        .args(["--promotion-key", "keys-example/promotion.key", "--require", REQUIRED])
        .env("COSIGN_PASSWORD", "")
        .run()
}

/// The report is an example of its own, with one finding that is public knowledge: nothing is
/// said about the demo image that nobody found.
fn refuse(product: &Product) -> Result<(), Failure> {
    console::heading("gate: a report with a critical finding is refused");
    console::say("(the report is an example about log4j-core 2.14.1, not about the demo image)");
    let step = product.step(["gate", EXAMPLE_REPORT, "--max-scan-age", "unlimited"]);
    let status = step.status()?;
    match status.code() {
        Some(10) => {
            console::say("  exit 10: refused, as it must be");
            Ok(())
        }
        _ => Err(Failure::Refusal { expected: 10, status }),
    }
}

/// Removes what an earlier demo released; the Debian image it made is kept.
fn start_afresh() -> Result<(), Failure> {
    let folder = workspace::root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
    for layout in ["staging", "production"] {
        let layout = folder.join(layout);
        if layout.exists() {
            fs::remove_dir_all(&layout).map_err(Failure::file("remove", layout))?;
        }
    }
    Ok(())
}
