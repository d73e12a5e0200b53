use std::time::Duration;

use boltseal_core::{Digest, Platform, Tag, Target};
use boltseal_gate::{MaxAge, Report, Thresholds, Waivers};
use boltseal_image::cyclonedx::SpecVersion;
use boltseal_ports::{Clock, Meter, Registry, Reporter, Scanner, Signer, TagWriter};

use super::{NotationSigning, PostureCheck};
use crate::BuildFacts;

/// What to release, where to, and how it is judged.
pub struct ReleaseRequest {
    /// The image in the source, by digest.
    pub image: Digest,
    /// The image as its user named it, for messages.
    pub image_name: String,
    /// Tags that must not be held by another digest: the one in `--to` and each `--tag`.
    pub tags: Vec<Tag>,
    /// Tags that may move, after all others.
    pub moving_tags: Vec<Tag>,
    /// What was known to be wrong.
    pub scan: Scan,
    /// How long to wait for the scanning services together.
    pub scan_timeout: Duration,
    /// How many findings of each severity are allowed.
    pub thresholds: Thresholds,
    /// How old a scan may be.
    pub max_age: MaxAge,
    /// Findings that somebody answers for.
    pub waivers: Waivers,
    /// What findings are compared with; where it is set, only new ones count.
    pub baseline: BaselineChoice,
    /// Where the SBOM comes from.
    pub sbom: Sbom,
    /// Whether the result has the SBOMs.
    pub sboms: SbomsInResult,
    /// In which formats evidence is written.
    pub formats: EvidenceFormats,
    /// What is known about the run.
    pub facts: BuildFacts,
    /// Whether to write at all.
    pub intent: Intent,
}

/// The reports to judge.
pub enum Scan {
    /// `--scan none`: nothing is judged, and the verification summary says so.
    None,
    /// Report files. There may be none where a scanning service is asked.
    Reports(Vec<Report>),
}

/// What findings are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineChoice {
    /// Nothing: every finding counts.
    None,
    /// What the first moving tag holds when the run begins.
    PreviousRelease,
    /// A release that was named.
    Named(Target),
}

/// Where the SBOM comes from. Coverage is always judged against our own inventory.
pub enum Sbom {
    /// Given by the user, for this one platform (none: a single image): the file's JSON value.
    Given(Vec<(Option<Platform>, serde_json::Value)>),
    /// Made from our own inventory.
    Made(SpecVersion),
}

/// Whether a result has the SBOMs that it was made with, which may be large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SbomsInResult {
    /// No.
    #[default]
    Dropped,
    /// Yes, also where the gate refuses.
    Kept,
}

/// In which formats evidence is written. Statements are carried by bundles, by cosign's tags, or
/// by both, each a complete set, because readers look at one only. A Notation signature carries no
/// statement: it comes in addition, and there is no set of it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceFormats {
    statements: Carriers,
    notation: Notation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carriers {
    Both,
    Bundles,
    Legacy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Signed,
    Unsigned,
}

impl EvidenceFormats {
    /// Sigstore bundles as OCI referrers.
    pub const BUNDLE: Self = Self { statements: Carriers::Bundles, notation: Notation::Unsigned };
    /// cosign's `.sig` and `.att` tags.
    pub const LEGACY: Self = Self { statements: Carriers::Legacy, notation: Notation::Unsigned };
    /// A complete set of both.
    pub const BUNDLE_AND_LEGACY: Self =
        Self { statements: Carriers::Both, notation: Notation::Unsigned };

    /// These, and a Notation signature.
    #[must_use]
    pub const fn and_notation(self) -> Self {
        Self { notation: Notation::Signed, ..self }
    }

    /// These, and bundles.
    pub(crate) const fn and_bundles(self) -> Self {
        let statements = if self.legacy() { Carriers::Both } else { Carriers::Bundles };
        Self { statements, ..self }
    }

    /// Whether bundles are written.
    pub const fn bundles(self) -> bool {
        matches!(self.statements, Carriers::Bundles | Carriers::Both)
    }

    /// Whether legacy tags are written.
    pub const fn legacy(self) -> bool {
        matches!(self.statements, Carriers::Legacy | Carriers::Both)
    }

    /// Whether a Notation signature is written.
    pub const fn notation(self) -> bool {
        matches!(self.notation, Notation::Signed)
    }
}

/// Whether to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Inspect and judge, then stop.
    DryRun,
    /// The same without asking anybody: neither the destination, nor keys, nor services. What is
    /// not known by that is said, and there is no plan.
    Judge,
    /// Write.
    Write,
}

/// The world that a release needs.
pub struct ReleaseWorld<'a> {
    /// Where the image is.
    pub source: &'a dyn Registry,
    /// Where it goes.
    pub destination: &'a dyn Registry,
    /// The destination's tags.
    pub tags: &'a dyn TagWriter,
    /// Where the release is that was named as the baseline; none for the destination.
    pub baseline: Option<&'a dyn Registry>,
    /// Every key signs every statement; at least one.
    pub signers: &'a [Box<dyn Signer>],
    /// Who makes the Notation signature, where the formats want one.
    pub notation: Option<NotationSigning<'a>>,
    /// Scanning services that are asked.
    pub scanners: &'a [Box<dyn Scanner>],
    /// The posture of the destination, where it is looked at.
    pub posture: Option<PostureCheck<'a>>,
    /// What else sends and receives, to be counted.
    pub meters: &'a [&'a dyn Meter],
    /// The time.
    pub clock: &'a dyn Clock,
    /// Takes progress.
    pub reporter: &'a dyn Reporter,
}
