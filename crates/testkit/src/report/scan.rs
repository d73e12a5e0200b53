//! What a scanner saw, before it is written down in somebody's format.

use boltseal_core::{Digest, Finding, Platform, Severity};
use jiff::Timestamp;

use super::{cyclonedx, grype, trivy};
use crate::image::{BuiltImage, Deb};

/// A scan of one image.
#[derive(Clone, Debug)]
pub struct Scan {
    pub(super) digest: Digest,
    pub(super) image_id: Digest,
    pub(super) repository: String,
    pub(super) platform: Platform,
    pub(super) packages: Vec<Deb>,
    pub(super) package_list: PackageList,
    pub(super) findings: Vec<Seen>,
    pub(super) at: Timestamp,
}

/// Whether a report lists the packages that were looked at, where its format can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageList {
    /// It says nothing of packages.
    Absent,
    /// It lists none.
    Empty,
    /// It lists all.
    Full,
}

/// A finding, and its severity in words that are not the scanner's own, where they are not.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) finding: Finding,
    pub(super) label: Option<String>,
}

impl Seen {
    /// The severity in the scanner's words.
    pub(super) fn label(&self, own: impl Fn(Severity) -> &'static str) -> String {
        let given = self.label.clone();
        given.unwrap_or_else(|| own(self.finding.severity).to_owned())
    }
}

impl Scan {
    /// A scan of an image, made now, that found nothing.
    ///
    /// # Panics
    /// This is an index: scanners scan one platform at a time.
    pub fn of(image: &BuiltImage) -> Self {
        let platform = image.platform.clone();
        Self {
            digest: image.digest(),
            image_id: image.config_digest(),
            repository: "registry.example.com/app".to_owned(),
            platform: platform.expect("an image, for an index has no platform"),
            packages: image.packages().to_vec(),
            package_list: PackageList::Full,
            findings: Vec::new(),
            at: Timestamp::now(),
        }
    }

    /// These findings too.
    #[must_use]
    pub fn findings(mut self, findings: &[Finding]) -> Self {
        let seen = findings.iter().map(|finding| Seen { finding: finding.clone(), label: None });
        self.findings.extend(seen);
        self
    }

    /// A vulnerability of one of the image's packages too.
    ///
    /// # Panics
    /// The image has no such package.
    #[must_use]
    pub fn vulnerability(self, id: &str, package: &str, severity: Severity) -> Self {
        let found = self.packages.iter().find(|it| it.name == package);
        let found = found.expect("a package of the image");
        let finding = Finding {
            id: id.to_owned(),
            package: package.to_owned(),
            version: found.version.to_owned(),
            place: "/var/lib/dpkg/status".to_owned(),
            severity,
            fixed_in: None,
        };
        self.findings(&[finding])
    }

    /// The last finding's severity in these words, known or not.
    ///
    /// # Panics
    /// There is no finding yet.
    #[must_use]
    pub fn labelled(mut self, label: &str) -> Self {
        let last = self.findings.last_mut();
        last.expect("a finding to label").label = Some(label.to_owned());
        self
    }

    /// Made at this time.
    #[must_use]
    pub const fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// Of this repository (`HOST/PATH`).
    #[must_use]
    pub fn repository(mut self, repository: &str) -> Self {
        repository.clone_into(&mut self.repository);
        self
    }

    /// With, or without, a list of packages.
    #[must_use]
    pub const fn package_list(mut self, list: PackageList) -> Self {
        self.package_list = list;
        self
    }

    /// As trivy's JSON.
    ///
    /// # Panics
    /// A finding is informational, which trivy has no word for.
    pub fn trivy(&self) -> Vec<u8> {
        trivy::write(self).to_string().into_bytes()
    }

    /// As grype's JSON, which never lists packages.
    pub fn grype(&self) -> Vec<u8> {
        grype::write(self).to_string().into_bytes()
    }

    /// As `CycloneDX` 1.6 with vulnerabilities, as grype makes it.
    pub fn cyclonedx(&self) -> Vec<u8> {
        cyclonedx::write(self).to_string().into_bytes()
    }

    /// The package that a finding is about, where it is one of the image's.
    pub(super) fn package_of(&self, seen: &Seen) -> Option<&Deb> {
        let name = &seen.finding.package;
        self.packages.iter().find(|it| it.name == name)
    }
}
