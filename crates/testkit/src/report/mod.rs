//! Scanner reports about an image, in the shapes that scanners write.
//!
//! ```
//! use boltseal_core::Severity;
//! use boltseal_testkit::{image::debian_like, report::Scan};
//! let scan = Scan::of(&debian_like()).vulnerability("CVE-2026-0001", "libssl3", Severity::High);
//! let report: serde_json::Value = serde_json::from_slice(&scan.trivy()).unwrap();
//! assert_eq!(report["Results"][0]["Vulnerabilities"][0]["Severity"], "HIGH");
//! ```

mod cyclonedx;
mod grype;
mod purl;
mod scan;
mod trivy;

use boltseal_core::Finding;

use crate::image::BuiltImage;

pub use scan::{PackageList, Scan};

/// trivy's JSON report about an image, made now.
pub fn trivy(image: &BuiltImage, findings: &[Finding]) -> Vec<u8> {
    Scan::of(image).findings(findings).trivy()
}

/// grype's JSON report about an image, made now.
pub fn grype(image: &BuiltImage, findings: &[Finding]) -> Vec<u8> {
    Scan::of(image).findings(findings).grype()
}

/// A CycloneDX document with vulnerabilities about an image, as grype makes it, made now.
pub fn cyclonedx(image: &BuiltImage, findings: &[Finding]) -> Vec<u8> {
    Scan::of(image).findings(findings).cyclonedx()
}
