//! Packages: what is installed in an image.

use serde::Serialize;

use crate::Digest;

/// The kind of package, named by its purl type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ecosystem {
    /// Alpine's apk.
    Apk,
    /// A Rust crate, recorded by cargo-auditable.
    Cargo,
    /// Debian's dpkg.
    Deb,
    /// A Go module, recorded by the Go linker.
    Golang,
    /// A Node.js package.
    Npm,
    /// A Python distribution.
    Pypi,
}

impl Ecosystem {
    /// The purl type.
    pub const fn purl_type(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Cargo => "cargo",
            Self::Deb => "deb",
            Self::Golang => "golang",
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }
}

/// One installed package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Package {
    /// The kind of package.
    pub ecosystem: Ecosystem,
    /// The name, as the ecosystem spells it.
    pub name: String,
    /// The version, as the ecosystem spells it.
    pub version: String,
    /// The architecture, where the ecosystem records one.
    pub architecture: Option<String>,
    /// The source package and its version, where they are recorded (dpkg, apk).
    pub source: Option<(String, String)>,
    /// The licence, as the package states it.
    pub licence: Option<String>,
    /// The package URL.
    pub purl: String,
    /// The path of the record in the image, without a leading `/`.
    pub path: String,
    /// The digest, as stored, of the layer that brought the package in: the lowest layer since
    /// which the record at `path` has named this package without a gap. A package database that
    /// a later layer writes again as a whole moves none of the packages it already named.
    pub layer: Digest,
}

/// What the image says of its operating system (`etc/os-release`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OsRelease {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`; empty on a rolling release.
    pub version_id: String,
    /// `PRETTY_NAME`, or empty.
    pub pretty_name: String,
}

/// Everything found in one image, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// The operating system, where the image has an `os-release`.
    pub os: Option<OsRelease>,
    /// The packages, sorted and without duplicates.
    pub packages: Vec<Package>,
    /// What could not be read, one sentence each, sorted: a broken record, a file too large to
    /// look into. What such a file installs is missing from `packages`.
    pub problems: Vec<String>,
}
