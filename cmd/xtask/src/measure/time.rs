//! Time: the floor, boltseal and the usual chain on the same image, in turn.

use std::fs;

use crate::console;
use crate::failure::Failure;
use crate::product::Product;
use crate::step::Step;

use super::budget::{Budget, Unit};
use super::chain::Chain;
use super::cost::{self, Measured};
use super::distribution::Distribution;
use super::floor;
use super::image::Image;
use super::ledger::{Ledger, ratio};
use super::spread::Spread;
use super::tools::Tools;
use super::{
    ALL_KINDS, PRIVATE_KEY, PUBLIC_KEY, at_top, in_memory, report, scratch, section, table,
};

const FLOOR: &str = "the floor";
const INVENTORY: &str = "boltseal sbom";
const RELEASE: &str = "boltseal release";
const VERIFY: &str = "boltseal verify";
const CHAIN: &str = "the whole chain";

struct Bench<'a> {
    product: &'a Product,
    tools: Tools,
    image: Image,
}

/// Measures everything once in each round, so that a machine that slows down slows all of it.
pub(super) fn run(product: &Product, rounds: u32) -> Result<Vec<Budget>, Failure> {
    let bench = Bench { product, tools: Tools::ensure()?, image: Image::ensure()? };
    section("time");
    bench.image.describe();
    let mut ledger = Ledger::default();
    let blobs = bench.image.blobs();
    // Not counted: it brings the layers into the kernel's cache.
    floor::run(&blobs)?;
    for round in 1..=rounds {
        console::say(&format!("round {round} of {rounds}, load {}", load()));
        ledger.add(FLOOR, cost::of_work(|| floor::run(&blobs))?, None);
        bench.ours(&mut ledger)?;
        bench.chain(&mut ledger)?;
    }
    let threads = floor::threads();
    console::result(&format!(
        "The floor: read, inflate (zlib-rs), sha256 twice; {threads} threads. Rounds: {rounds}."
    ));
    console::result(&format!("The registry: distribution 3, empty each time, in {}.", place()?));
    table::print(&Ledger::HEADINGS, ledger.rows());
    Ok(budgets(&ledger))
}

fn budgets(ledger: &Ledger) -> Vec<Budget> {
    let [floor, inventory, release, verify, chain] =
        [FLOOR, INVENTORY, RELEASE, VERIFY, CHAIN].map(|what| ledger.walls(what));
    let above_floor = ratio(&inventory, &floor);
    let below_chain = ratio(&chain, &release);
    let processor = ratio(&ledger.cpus(INVENTORY), &ledger.cpus(FLOOR));
    for (what, ratios) in [
        ("inventory / floor", above_floor),
        ("the same by processor time", processor),
        ("chain / release", below_chain),
    ] {
        console::result(&format!("{what}: {:.2} ({})", ratios.median, ratios.range()));
    }
    let verify = Spread::of(verify).median;
    vec![
        Budget::at_most("inventory, times the floor", 1.3, above_floor.median, Unit::Times),
        Budget::at_least("release, faster than the chain", 10.0, below_chain.median, Unit::Times),
        Budget::at_most("verify, in one process", 0.1, verify, Unit::Seconds),
    ]
}

impl Bench<'_> {
    fn ours(&self, ledger: &mut Ledger) -> Result<(), Failure> {
        let home = scratch()?;
        let registry = self.registry()?;
        let step = |words: &[&str]| {
            let program = self.product.program();
            let step = Step::new(program).alone(home.path()).env("COSIGN_PASSWORD", "");
            step.args(words).folder(home.path())
        };
        let image = self.image.name();
        let inventory = cost::of(step(&["sbom", &image]))?;
        ledger.add(INVENTORY, inventory.cost, None);
        report::clean(inventory.json()?, &home.path().join("report.json"))?;

        let (to, key) = (format!("{}:1.0", registry.repository()), at_top(PRIVATE_KEY));
        let words = ["release", &image, "--to", &to, "--key", &key, "--scan", "report.json"];
        let words = [&words[..], &["--format", "json"]].concat();
        let release = cost::of(step(&words))?;
        ledger.add(RELEASE, release.cost, Some(registry.requests()?));
        steps(&release, ledger)?;

        let (pinned, key) = (self.pinned(&registry), at_top(PUBLIC_KEY));
        let words = ["verify", &pinned, "--key", &key, "--require", ALL_KINDS];
        let before = registry.requests()?;
        let verify = cost::of(step(&words))?;
        ledger.add(VERIFY, verify.cost, Some(registry.requests()? - before));
        Ok(())
    }

    fn chain(&self, ledger: &mut Ledger) -> Result<(), Failure> {
        let home = scratch()?;
        let registry = self.registry()?;
        let chain = Chain::new(&self.tools, &self.image, &registry, home.path())?;
        let mut whole = cost::Cost { wall: 0.0, cpu: 0.0, peak: 0 };
        for (what, step) in chain.steps() {
            let before = registry.requests()?;
            let cost = cost::of(step)?.cost;
            ledger.add(&format!("  {what}"), cost, Some(registry.requests()? - before));
            whole.wall += cost.wall;
            whole.cpu += cost.cpu;
            whole.peak = whole.peak.max(cost.peak);
        }
        ledger.add(CHAIN, whole, Some(registry.requests()?));
        Ok(())
    }

    /// An empty one, so that neither side finds a layer that the other, or an earlier round, left.
    fn registry(&self) -> Result<Distribution, Failure> {
        Distribution::start(&self.tools.distribution, in_memory()?)
    }

    fn pinned(&self, registry: &Distribution) -> String {
        format!("{}@{}", registry.repository(), self.image.digest)
    }
}

/// The steps that the release itself names, with its own times.
fn steps(release: &Measured, ledger: &mut Ledger) -> Result<(), Failure> {
    let document = release.json()?;
    let steps = document["steps"].as_array().map_or(&[][..], Vec::as_slice);
    for step in steps {
        let [name, seconds] = [&step["name"], &step["seconds"]];
        let name = format!("  of it {}", name.as_str().unwrap_or_default());
        let requests = step["requests"].as_u64().and_then(|it| usize::try_from(it).ok());
        let wall = seconds.as_f64().unwrap_or(f64::NAN);
        ledger.add(&name, cost::Cost { wall, cpu: f64::NAN, peak: 0 }, requests);
    }
    Ok(())
}

/// Where the registry stores.
fn place() -> Result<String, Failure> {
    let folder = in_memory()?;
    Ok(folder.path().parent().unwrap_or(folder.path()).display().to_string())
}

/// The load average of the last minute, for the reader to judge the figures by.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
