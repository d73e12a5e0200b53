//! Layers laid on one another: what is left to see at the top, and which layer brought it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use boltseal_core::{Digest, Inventory, OsRelease, Package};

use crate::cataloger::os_release;
use crate::contents::LayerContents;
use crate::path;
use crate::purl::Purl;
use crate::record::{Content, Findings, Installed};

/// Lays `layers` on one another, lowest first, and lists what the image has installed.
///
/// Whiteouts, opaque directories and replaced files are honoured, also through symbolic links in
/// the root directory (`lib` to `usr/lib`). Each package is attributed to the lowest layer since
/// which the record at its path has named it without a gap, so that a database that is written
/// again as a whole leaves the packages it already named where they came from.
pub fn assemble(layers: Vec<LayerContents>) -> Inventory {
    let mut tree = Tree::default();
    for layer in layers {
        tree.lay(layer);
    }
    tree.inventory()
}

/// The records that are seen from the top of the layers laid so far.
#[derive(Default)]
struct Tree {
    records: BTreeMap<Vec<u8>, Seen>,
    root_links: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// A record, and the layers that its packages came with.
struct Seen {
    layer: Digest,
    os: Option<OsRelease>,
    packages: Vec<(Installed, Digest)>,
    problems: Vec<String>,
    link: Option<Vec<u8>>,
}

impl Tree {
    fn lay(&mut self, mut layer: LayerContents) {
        self.root_links.retain(|name, _| !layer.removes_link(name));
        self.root_links.extend(layer.root_links.iter().cloned());
        let names = self.root_links.clone();
        self.records.retain(|path, _| !hidden(path, &names, &layer));
        let mut kept = std::mem::take(&mut self.records);
        for (path, content) in std::mem::take(&mut layer.records) {
            let path = self.resolve(&path);
            let before = kept.remove(&path);
            let seen = Seen::new(content, before.as_ref(), &layer.layer);
            self.records.insert(path, seen);
        }
        kept.retain(|path, _| !replaced(path, &names, &layer));
        self.records.append(&mut kept);
    }

    /// The path that `path` means, its first component followed where it is a symbolic link.
    fn resolve(&self, path: &[u8]) -> Vec<u8> {
        let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
        match self.root_links.get(first) {
            Some(target) if first.len() < path.len() => {
                [target.as_slice(), &path[first.len() + 1..]].join(&b'/')
            }
            _ => path.to_vec(),
        }
    }

    fn inventory(self) -> Inventory {
        let os = self.os().cloned();
        let mut packages = BTreeSet::new();
        let mut problems = BTreeSet::new();
        for (path, seen) in &self.records {
            let path = path::text(path);
            let short = seen.layer.short();
            let told = seen.problems.iter().cloned().chain(self.dangling(seen));
            problems.extend(told.map(|problem| format!("{path} (layer {short}): {problem}")));
            let found = seen.packages.iter();
            packages.extend(found.map(|it| package(it, &path, os.as_ref())));
        }
        Inventory {
            os,
            packages: packages.into_iter().collect(),
            problems: problems.into_iter().collect(),
        }
    }

    /// The first `os-release` there is; a link counts as what it leads to.
    fn os(&self) -> Option<&OsRelease> {
        os_release::PATHS.iter().find_map(|path| {
            let seen = self.records.get(&self.resolve(path))?;
            let seen = seen.link.as_ref().map_or(Some(seen), |to| self.target(to));
            seen?.os.as_ref()
        })
    }

    fn target(&self, link: &[u8]) -> Option<&Seen> {
        self.records.get(&self.resolve(link))
    }

    /// The problem of a link to something that no cataloger read.
    fn dangling(&self, seen: &Seen) -> Option<String> {
        let to = seen.link.as_ref()?;
        let is_read = self.target(to).is_some_and(|target| target.link.is_none());
        let text = || format!("not read: a symbolic link to {}", path::text(to));
        (!is_read).then(text)
    }
}

impl Seen {
    /// `content` at the top, where `before` was seen until now.
    fn new(content: Content, before: Option<&Self>, layer: &Digest) -> Self {
        let (findings, link) = match content {
            Content::Link(target) => (Findings::within(0), Some(target)),
            Content::Read(findings) => (findings, None),
        };
        let before: HashMap<_, _> = before.map_or_else(HashMap::new, |seen| {
            let owners = seen.packages.iter();
            owners.map(|(it, owner)| (identity(it), owner)).collect()
        });
        let owned = |package: Installed| {
            let owner = before.get(&identity(&package)).copied().unwrap_or(layer);
            (package, owner.clone())
        };
        let packages = findings.packages.into_iter().map(owned).collect();
        Self { layer: layer.clone(), os: findings.os, packages, problems: findings.problems, link }
    }
}

/// What makes a package the same one in two versions of a record.
fn identity(package: &Installed) -> (&str, &str, Option<&str>) {
    let architecture = package.architecture.as_deref();
    (&package.name, &package.version, architecture)
}

fn hidden(path: &[u8], links: &BTreeMap<Vec<u8>, Vec<u8>>, layer: &LayerContents) -> bool {
    spellings(path, links).any(|(path, below)| layer.hides(&path, below))
}

fn replaced(path: &[u8], links: &BTreeMap<Vec<u8>, Vec<u8>>, layer: &LayerContents) -> bool {
    spellings(path, links).any(|(path, _)| layer.replaces(&path))
}

/// The path itself, and as it is spelt through each link that leads above it, with the length of
/// the link's name.
fn spellings<'a>(
    path: &'a [u8],
    links: &'a BTreeMap<Vec<u8>, Vec<u8>>,
) -> impl Iterator<Item = (Vec<u8>, usize)> + 'a {
    let through = links.iter().filter_map(|(name, target)| {
        let rest = path.strip_prefix(target.as_slice())?.strip_prefix(b"/")?;
        Some(([name.as_slice(), rest].join(&b'/'), name.len()))
    });
    std::iter::once((path.to_vec(), 0)).chain(through)
}

fn package(
    (installed, layer): &(Installed, Digest),
    path: &str,
    os: Option<&OsRelease>,
) -> Package {
    let purl = Purl::of(installed, os).to_string();
    let it = installed.clone();
    Package {
        ecosystem: it.ecosystem,
        name: it.name,
        version: it.version,
        architecture: it.architecture,
        source: it.source,
        licence: it.licence,
        purl,
        path: path.to_owned(),
        layer: layer.clone(),
    }
}
