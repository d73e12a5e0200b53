//! Peak memory, where an image is far larger than the memory that it may take.

use crate::console;
use crate::failure::Failure;
use crate::product::Product;
use crate::step::Step;

use super::big_image::BigImage;
use super::budget::{Budget, Unit, figure};
use super::cost::{self, Measured};
use super::distribution::Distribution;
use super::ledger::Ledger;
use super::tools::peer;
use super::{ALL_KINDS, PRIVATE_KEY, PUBLIC_KEY, at_top, report, scratch, section, table};

/// Of an image of 10 GB; what is measured is smaller, and memory must not follow size.
const LIMIT_MB: f64 = 150.0;

/// Measures each command once.
pub(super) fn run(product: &Product) -> Result<Vec<Budget>, Failure> {
    let distribution = peer("distribution")?;
    let image = BigImage::make()?;
    section("memory");
    console::result(&format!("The image: {} MB on disk.", image.megabytes()?));
    let home = scratch()?;
    let registry = Distribution::start(&distribution, scratch()?)?;
    let step = |words: &[&str]| {
        let step = Step::new(product.program()).alone(home.path()).env("COSIGN_PASSWORD", "");
        step.args(words).folder(home.path())
    };
    let inventory = cost::of(step(&["sbom", &image.name()]))?;
    report::clean(inventory.json()?, &home.path().join("report.json"))?;
    let (to, key) = (format!("{}:1.0", registry.repository()), at_top(PRIVATE_KEY));
    let words = ["release", &image.name(), "--to", &to, "--key", &key, "--scan", "report.json"];
    let release = cost::of(step(&words))?;
    let pinned = format!("{}@{}", registry.repository(), image.digest);
    let key = at_top(PUBLIC_KEY);
    let verify = cost::of(step(&["verify", &pinned, "--key", &key, "--require", ALL_KINDS]))?;
    Ok(print(&[("sbom", &inventory), ("release", &release), ("verify", &verify)]))
}

fn print(runs: &[(&str, &Measured)]) -> Vec<Budget> {
    let mut ledger = Ledger::default();
    let mut budgets = Vec::new();
    for (what, run) in runs {
        ledger.add(&format!("boltseal {what}"), run.cost, None);
        let what = format!("memory of {what}");
        let megabytes = figure(run.cost.peak) / 1e6;
        budgets.push(Budget::at_most(&what, LIMIT_MB, megabytes, Unit::Megabytes));
    }
    table::print(&Ledger::HEADINGS, ledger.rows());
    budgets
}
