//! Whether a report saw what is in the image. Zero findings of a scanner that saw nothing are not
//! a clean answer.
//!
//! A report that lists packages and lists none is blind. Beyond that every kind of package that
//! boltseal itself found must be listed by some report about the platform, unless one of its
//! reports lists no packages at all, so that nobody can tell. Packages of a language that the
//! operating system's own package manager installed do not count: scanners skip them, because
//! their versions are those of the distribution.

use std::collections::BTreeMap;

use boltseal_core::{Ecosystem, Inventory, Package};

use crate::{Listed, Report};

/// Where package managers of an operating system put files.
const SYSTEM: [&str; 6] = ["usr/", "bin/", "sbin/", "lib/", "lib64/", "var/lib/"];

/// Where they do not, although it is below.
const NOT_SYSTEM: [&str; 2] = ["usr/local/", "usr/src/"];

/// Whether `report` lists packages, and none.
pub(crate) fn is_blind(report: &Report) -> bool {
    matches!(&report.packages, Listed::Packages(packages) if packages.is_empty())
}

/// The packages of `inventory` by kind, for kinds that none of `reports` lists though all of them
/// list packages.
pub(crate) fn gaps<'a>(
    inventory: &'a Inventory,
    reports: &[&Report],
) -> BTreeMap<Ecosystem, Vec<&'a Package>> {
    let mut kinds = Vec::new();
    for report in reports {
        match &report.packages {
            Listed::NotListed => return BTreeMap::new(),
            Listed::Packages(packages) => kinds.extend(packages.iter().map(|it| it.kind.as_str())),
        }
    }
    // One package of a kind that is not told could be of any kind.
    if kinds.is_empty() || kinds.contains(&"") {
        return BTreeMap::new();
    }
    let has_system = inventory.packages.iter().any(|it| is_system(it.ecosystem));
    let mut gaps: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for package in &inventory.packages {
        let is_listed = kinds.contains(&package.ecosystem.purl_type());
        let is_skipped = has_system && is_in_system(package);
        if !is_listed && !is_skipped {
            gaps.entry(package.ecosystem).or_default().push(package);
        }
    }
    gaps
}

/// The packages by kind, as in `deb 88, npm 3`.
pub(crate) fn by_kind(packages: &[Package]) -> String {
    let mut kinds: BTreeMap<Ecosystem, u64> = BTreeMap::new();
    for package in packages {
        *kinds.entry(package.ecosystem).or_default() += 1;
    }
    let kind = |(kind, count): (&Ecosystem, &u64)| format!("{} {count}", kind.purl_type());
    kinds.iter().map(kind).collect::<Vec<_>>().join(", ")
}

const fn is_system(ecosystem: Ecosystem) -> bool {
    matches!(ecosystem, Ecosystem::Apk | Ecosystem::Deb)
}

fn is_in_system(package: &Package) -> bool {
    let starts = |places: &[&str]| places.iter().any(|it| package.path.starts_with(it));
    !is_system(package.ecosystem) && starts(&SYSTEM) && !starts(&NOT_SYSTEM)
}
