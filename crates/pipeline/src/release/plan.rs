//! Plan: every call that a release would make from its begin to its end, as a dry run tells it.

use std::fmt::Display;

use boltseal_core::{Descriptor, Kind, Tag};
use boltseal_ports::{ScanInputKind, Scanner};

use super::identify::Identified;
use super::inspect::Inspected;
use super::reports::Reports;
use super::{BaselineChoice, ReleaseRequest, ReleaseWorld};

/// One call that a release would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The step that makes it.
    pub step: &'static str,
    /// What it does.
    pub action: PlannedAction,
    /// What it is about: a digest, a tag, a statement.
    pub about: String,
    /// The key or the scanner that is asked, as its user named it; [`None`] for the destination.
    pub by: Option<String>,
    /// Whether it depends on what is found.
    pub when: When,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlannedAction {
    /// Reads a manifest by its tag.
    ReadTag,
    /// Reads a manifest by its digest.
    ReadManifest,
    /// Lists what refers to an image.
    ListReferrers,
    /// Reads a blob.
    ReadBlob,
    /// Asks which blobs are there.
    LookForBlobs,
    /// Sends a blob.
    WriteBlob,
    /// Writes a manifest under its digest.
    WriteManifest,
    /// Points a tag at a manifest.
    WriteTag,
    /// Reads a public key, and whether the key can sign.
    ReadKey,
    /// Signs a statement.
    Sign,
    /// Signs an image as the Notary Project does.
    SignNotation,
    /// Has an image or its SBOM scanned, and waits for the findings.
    Scan,
}

impl PlannedAction {
    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadTag => "read-tag",
            Self::ReadManifest => "read-manifest",
            Self::ListReferrers => "list-referrers",
            Self::ReadBlob => "read-blob",
            Self::LookForBlobs => "look-for-blobs",
            Self::WriteBlob => "write-blob",
            Self::WriteManifest => "write-manifest",
            Self::WriteTag => "write-tag",
            Self::ReadKey => "read-key",
            Self::Sign => "sign",
            Self::SignNotation => "sign-notation",
            Self::Scan => "scan",
        }
    }

    /// Whether the destination changes by it.
    pub const fn writes(self) -> bool {
        matches!(self, Self::WriteBlob | Self::WriteManifest | Self::WriteTag)
    }
}

/// When a planned call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// In any case.
    Always,
    /// Where it is not there already, or what is there says something else.
    Missing,
}

pub(crate) fn plan(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    inspected: &Inspected<'_>,
    reports: &Reports,
) -> Vec<PlannedCall> {
    let scans = scans_of_each(world, inspected, reports);
    let (step, calls) = ("identify", Vec::new());
    let identified = &inspected.identified;
    let mut planner = Planner { request, world, identified, scans, step, calls };
    planner.identify();
    planner.scan(ScanInputKind::Sbom);
    planner.push();
    planner.scan(ScanInputKind::Pushed);
    planner.seal();
    planner.attach();
    planner.confirm();
    planner.tag();
    planner.calls
}

/// What nobody was asked, where nobody may be.
pub(crate) fn unasked(request: &ReleaseRequest, world: &ReleaseWorld<'_>) -> Vec<String> {
    let destination = world.destination.location();
    let mut notes = vec![format!(
        "nobody was asked: whether {destination} takes the image and its tags are free, and whether \
         the keys sign, is not known"
    )];
    let scanner = |it: &dyn Scanner| {
        format!("{} was not asked: what it finds may refuse the release", it.name())
    };
    notes.extend(world.scanners.iter().map(|it| scanner(it.as_ref())));
    if request.baseline != BaselineChoice::None {
        notes.push("the baseline was not looked at: every finding counts as new".to_owned());
    }
    notes
}

struct Planner<'p> {
    request: &'p ReleaseRequest,
    world: &'p ReleaseWorld<'p>,
    identified: &'p Identified<'p>,
    /// How many scans of each image are attested.
    scans: usize,
    step: &'static str,
    calls: Vec<PlannedCall>,
}

impl Planner<'_> {
    fn identify(&mut self) {
        for signer in self.world.signers {
            self.call(PlannedAction::ReadKey, &"", Some(signer.name()));
        }
        let identified = self.identified;
        for tag in &self.request.tags {
            self.call(PlannedAction::ReadTag, tag, None);
        }
        if identified.held.is_empty() {
            self.call(PlannedAction::ReadManifest, &self.request.image, None);
        }
        for subject in identified.subjects().iter().filter(|_| identified.present) {
            self.call(PlannedAction::ListReferrers, &subject.digest, None);
        }
    }

    fn push(&mut self) {
        self.step = "push";
        let identified = self.identified;
        if identified.present {
            return;
        }
        let blobs = identified.image.blobs();
        self.call(PlannedAction::LookForBlobs, &format!("all of its blobs: {}", blobs.len()), None);
        for blob in &blobs {
            self.missing(PlannedAction::WriteBlob, described(blob));
        }
        let image = &identified.image;
        let children = image.images.iter().map(|it| &it.manifest);
        let children = children.chain(image.attestations.iter().map(|(manifest, _)| manifest));
        for child in children.filter(|_| image.is_index()).chain([&image.root]) {
            self.call(PlannedAction::WriteManifest, child.digest(), None);
        }
    }

    fn scan(&mut self, kind: ScanInputKind) {
        self.step = "scan";
        for scanner in self.world.scanners.iter().filter(|it| it.wants() == kind) {
            for image in &self.identified.image.images {
                self.call(PlannedAction::Scan, image.manifest.digest(), Some(scanner.name()));
            }
        }
    }

    fn seal(&mut self) {
        self.step = "seal";
        for statement in self.statements() {
            for signer in self.world.signers {
                let call = self.planned(PlannedAction::Sign, statement.clone());
                let by = Some(signer.name().to_owned());
                self.calls.push(PlannedCall { by, when: When::Missing, ..call });
            }
        }
    }

    /// Each subject is signed once more, where `--evidence` has notation.
    fn notation(&mut self) {
        for subject in self.identified.subjects() {
            let about = format!("signature of {}", subject.digest);
            self.missing(PlannedAction::SignNotation, about.clone());
            self.missing(PlannedAction::WriteBlob, format!("envelope: {about}"));
            self.missing(PlannedAction::WriteManifest, format!("referrer: {about}"));
        }
    }

    fn attach(&mut self) {
        self.step = "attach";
        if self.world.notation.is_some() {
            self.notation();
        }
        let (statements, subjects) = (self.statements(), self.identified.subjects());
        if self.request.formats.bundles() {
            self.missing(PlannedAction::WriteBlob, "the empty config".to_owned());
            for statement in
                statements.iter().flat_map(|it| self.world.signers.iter().map(move |_| it))
            {
                self.missing(PlannedAction::WriteBlob, format!("bundle: {statement}"));
                self.missing(PlannedAction::WriteManifest, format!("referrer: {statement}"));
            }
        }
        for subject in subjects.iter().filter(|_| self.request.formats.legacy()) {
            for end in ["att", "sig"] {
                let name = subject.digest.to_string().replace(':', "-");
                self.missing(PlannedAction::WriteBlob, format!("layers of {name}.{end}"));
                self.missing(PlannedAction::WriteTag, format!("{name}.{end}"));
            }
        }
    }

    fn confirm(&mut self) {
        self.step = "confirm";
        for subject in self.identified.subjects() {
            self.call(PlannedAction::ListReferrers, &subject.digest, None);
        }
        for statement in self.statements() {
            for _ in self.world.signers {
                self.call(PlannedAction::ReadManifest, &format!("referrer: {statement}"), None);
                self.call(PlannedAction::ReadBlob, &format!("bundle: {statement}"), None);
            }
        }
    }

    fn tag(&mut self) {
        self.step = "tag";
        let held = &self.identified.held;
        let fixed = self.request.tags.iter().filter(|tag| !held.contains(tag));
        let tags: Vec<&Tag> = fixed.chain(&self.request.moving_tags).collect();
        for tag in tags {
            self.call(PlannedAction::ReadTag, tag, None);
            self.missing(PlannedAction::WriteTag, tag.to_string());
            self.call(PlannedAction::ReadTag, tag, None);
        }
    }

    /// What is signed: `KIND of DIGEST`, in the order in which it is.
    fn statements(&self) -> Vec<String> {
        let identified = self.identified;
        let root = identified.image.root.digest();
        let whole = |kind: &Kind| !matches!(kind, Kind::Sbom | Kind::Vuln);
        let mut all = Vec::new();
        for subject in identified.subjects() {
            let is_index = identified.image.is_index() && subject.digest == *root;
            let kinds = Kind::RELEASE.iter().filter(|kind| !is_index || whole(kind));
            let times = |kind: &Kind| if *kind == Kind::Vuln { self.scans } else { 1 };
            let each = kinds.flat_map(|kind| std::iter::repeat_n(kind, times(kind)));
            all.extend(each.map(|kind| format!("{kind} of {}", subject.digest)));
        }
        all
    }

    fn call(&mut self, action: PlannedAction, about: &dyn Display, by: Option<&str>) {
        let call = self.planned(action, about.to_string());
        self.calls.push(PlannedCall { by: by.map(str::to_owned), ..call });
    }

    fn missing(&mut self, action: PlannedAction, about: String) {
        let call = self.planned(action, about);
        self.calls.push(PlannedCall { when: When::Missing, ..call });
    }

    const fn planned(&self, action: PlannedAction, about: String) -> PlannedCall {
        PlannedCall { step: self.step, action, about, by: None, when: When::Always }
    }
}

/// A report is about one image; of an index's each has its own.
fn scans_of_each(world: &ReleaseWorld<'_>, inspected: &Inspected<'_>, reports: &Reports) -> usize {
    if !reports.judged {
        return 0;
    }
    let scanners = world.scanners.iter();
    let later = scanners.filter(|it| it.wants() == ScanInputKind::Pushed).count();
    reports.all.len() / inspected.identified.image.images.len().max(1) + later
}

fn described(blob: &Descriptor) -> String {
    format!("{}, {} bytes", blob.digest, blob.size)
}
