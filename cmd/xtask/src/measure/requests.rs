//! Requests: what each journey costs a registry.

use std::path::Path;

use boltseal_testkit::image::{BuiltImage, ImageBuilder, LayerBuilder};
use boltseal_testkit::registry::{Options, Server};
use boltseal_testkit::report;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::product::Product;
use crate::step::Step;

use super::budget::{Budget, Unit, figure};
use super::{ALL_KINDS, PRIVATE_KEY, PUBLIC_KEY, at_top, cost, scratch, section, table, write};

const LAYERS: u64 = 8;
const LAYER_BYTES: u64 = 200_000;

/// What one run did to the registry.
struct Traffic {
    what: &'static str,
    budget: u32,
    /// Requests, as boltseal's result says.
    said: u64,
    /// Requests, as the registry counts.
    counted: u64,
    /// Those that could change something.
    writes: u64,
    /// Bytes of layers, both ways.
    layer_bytes: u64,
}

/// An image in two versions, its reports, and a registry of this process with the Referrers API.
struct Scene<'a> {
    product: &'a Product,
    server: Server,
    images: [BuiltImage; 2],
    folder: TempDir,
}

/// Measures each journey once: requests do not depend on the machine.
pub(super) fn run(product: &Product) -> Result<Vec<Budget>, Failure> {
    section("requests, on a registry of this process with the Referrers API");
    let scene = Scene::new(product)?;
    let traffic = scene.journeys()?;
    let headings = ["", "budget", "boltseal says", "registry counts", "writes", "layer bytes"];
    table::print(&headings, traffic.iter().map(Traffic::row));
    Ok(budgets(&traffic))
}

/// Beside the requests: boltseal counts as the registry does, a finished release writes nothing, and
/// a promotion moves no layer.
fn budgets(traffic: &[Traffic]) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = traffic.iter().map(Traffic::budget).collect();
    let off = traffic.iter().map(|run| run.said.abs_diff(run.counted)).max();
    budgets.push(count("boltseal's own count, off by", 0, off.unwrap_or(u64::MAX)));
    for run in traffic {
        if run.what == AGAIN {
            budgets.push(count("writes of a finished release again", 0, run.writes));
        }
        if run.what == PROMOTE {
            budgets.push(count("layer bytes of a promotion", 0, run.layer_bytes));
        }
    }
    budgets
}

const AGAIN: &str = "a finished release again";
const PROMOTE: &str = "promote inside one registry";

impl<'a> Scene<'a> {
    fn new(product: &'a Product) -> Result<Self, Failure> {
        let layer = |seed| LayerBuilder::new().noise(&format!("data/{seed}"), LAYER_BYTES, seed);
        let image = |seeds: &[u64]| {
            let layers = seeds.iter().map(|seed| layer(*seed));
            layers.fold(ImageBuilder::new(), ImageBuilder::layer).build()
        };
        let first: Vec<u64> = (0..LAYERS).collect();
        let next: Vec<u64> = (0..LAYERS - 1).chain([LAYERS]).collect();
        let scene = Self {
            product,
            server: Server::start_blocking(Options::default()),
            images: [image(&first), image(&next)],
            folder: scratch()?,
        };
        for (name, image) in ["first", "next"].into_iter().zip(&scene.images) {
            let layout = scene.path(name);
            image.write_layout(&layout, None).map_err(Failure::file("write", layout))?;
            write(&scene.path(&format!("{name}.json")), report::trivy(image, &[]))?;
        }
        Ok(scene)
    }

    fn journeys(&self) -> Result<Vec<Traffic>, Failure> {
        let pinned = format!("{}@{}", self.repository(), self.images[0].digest());
        let verify = ["--key", &at_top(PUBLIC_KEY), "--require", ALL_KINDS];
        let promoted = format!("{}:1.0", self.server.repository("production/app"));
        let tagged = format!("{}:1.0", self.repository());
        let promote = ["--key", &at_top(PUBLIC_KEY), "--promotion-key", &at_top(PRIVATE_KEY)];
        let first = self.run("release, 8 new layers", 62, self.release("first", "1.0"))?;
        let next = self.run("the next, 2 changed blobs", 48, self.release("next", "1.1"))?;
        let again = self.run(AGAIN, 13, self.release("first", "1.0"))?;
        let checked = self.run("verify by digest", 12, self.step(["verify", &pinned], &verify))?;
        let offline = self.offline()?;
        let step = self.step(["promote", &tagged, &promoted], &promote);
        let promoted = self.run(PROMOTE, 58, step)?;
        Ok(vec![first, next, again, checked, offline, promoted])
    }

    /// Writes the evidence file, uncounted, and verifies it.
    fn offline(&self) -> Result<Traffic, Failure> {
        let release = self.release("first", "1.0").args(["--evidence-file", "evidence.tar"]);
        self.run("", 0, release)?;
        let key = at_top(PUBLIC_KEY);
        let words = ["--offline", "--key", &key, "--require", ALL_KINDS];
        self.run("verify offline", 0, self.step(["verify", "evidence:evidence.tar"], &words))
    }

    fn release(&self, image: &str, tag: &str) -> Step {
        let (image, report) = (format!("oci:{image}"), format!("{image}.json"));
        let to = format!("{}:{tag}", self.repository());
        let key = at_top(PRIVATE_KEY);
        self.step(["release", &image, "--to", &to], &["--key", &key, "--scan", &report])
    }

    fn step<const N: usize>(&self, words: [&str; N], more: &[&str]) -> Step {
        Step::new(self.product.program())
            .alone(self.folder.path())
            .args(words)
            .args(more)
            .args(["--format", "json"])
            .env("COSIGN_PASSWORD", "")
            .folder(self.folder.path())
    }

    fn run(&self, what: &'static str, budget: u32, step: Step) -> Result<Traffic, Failure> {
        self.server.reset_recording();
        let said = cost::of(step)?.requests()?;
        let counts = self.server.counts();
        let layer_bytes = self.layer_bytes();
        let (counted, writes) = (counts.requests(), counts.writes);
        Ok(Traffic { what, budget, said, counted, writes, layer_bytes })
    }

    /// Body bytes of the requests that name a layer.
    fn layer_bytes(&self) -> u64 {
        let layers: Vec<&str> = self
            .images
            .iter()
            .flat_map(|image| &image.layers)
            .map(|layer| layer.descriptor.digest.hex())
            .collect();
        let requests = self.server.requests();
        let about = requests.iter().filter(|request| {
            layers.iter().any(|hex| request.path.contains(hex) || request.query.contains(hex))
        });
        about.map(|request| request.bytes_in + request.bytes_out).sum()
    }

    fn repository(&self) -> String {
        self.server.repository("team/app")
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

impl Traffic {
    fn row(&self) -> Vec<String> {
        let figures = [self.said, self.counted, self.writes, self.layer_bytes];
        let figures = figures.map(|figure| figure.to_string());
        [self.what.to_owned(), self.budget.to_string()].into_iter().chain(figures).collect()
    }

    fn budget(&self) -> Budget {
        count(&format!("requests: {}", self.what), self.budget, self.counted)
    }
}

fn count(what: &str, limit: u32, measured: u64) -> Budget {
    Budget::at_most(what, f64::from(limit), figure(measured), Unit::Count)
}
