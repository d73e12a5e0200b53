//! Seal: the statements of every subject, signed by every key, or adopted.

use boltseal_core::{Descriptor, Digest, Inventory, Kind, Location, Platform, Statement};
use boltseal_gate::Report;
use boltseal_posture::Posture;

use super::gate::Admitted;
use super::identify::{Identified, complete};
use super::inspect::Inspected;
use super::notation::{NotationSealer, OwnSignatures};
use super::posture;
use super::push::PushedImage;
use super::{PlatformSbom, ReleaseRequest, ReleaseWorld, Sbom, SbomsInResult};
use crate::evidence::sealed::{Sealed, Sealer};
use crate::evidence::statement_maker::{NO_SCAN_NOTE, StatementMaker, seconds};
use crate::image::bom::bom;
use crate::image::source::PlatformImage;
use crate::{Failure, WrittenEvidence};

/// Every statement of the release, for every subject.
pub(crate) struct SealedRelease<'a> {
    pub(crate) identified: Identified<'a>,
    /// For an index every child, then the index; otherwise the image.
    pub(crate) subjects: Vec<SealedSubject>,
    /// The kinds that a complete set has.
    pub(crate) kinds: Vec<Kind>,
    /// The Notation signatures, where there are any.
    pub(crate) notation: Option<OwnSignatures>,
}

/// One subject with its statements: provenance, SBOM and reports, then summary and signature.
pub(crate) struct SealedSubject {
    pub(crate) subject: Descriptor,
    pub(crate) statements: Vec<Sealed>,
}

impl SealedRelease<'_> {
    /// For the result.
    pub(crate) fn written(&self) -> Vec<WrittenEvidence> {
        let statements = self.subjects.iter().flat_map(|subject| &subject.statements);
        statements.flat_map(Sealed::written).collect()
    }

    /// What the provenance of `image` says.
    pub(crate) fn provenance(&self, image: &Digest) -> Option<serde_json::Value> {
        let subject = self.subjects.iter().find(|it| it.subject.digest == *image)?;
        subject.statements.iter().find_map(|it| it.provenance.clone())
    }
}

pub(crate) async fn seal<'a>(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'a>,
    pushed: PushedImage<'a>,
    verdict: Verdict<'_>,
) -> Result<SealedRelease<'a>, Failure> {
    let now = world.clock.now();
    let PushedImage { identified, inventories, .. } = pushed;
    let maker = StatementMaker {
        destination: world.destination.location(),
        source: world.source.location(),
        tags: &request.tags,
        facts: &request.facts,
        started: identified.started,
        now,
    };
    let posture = verdict.posture.map(|it| posture::predicate(world, it, now));
    let work = Work { request, verdict, posture, maker, identified: &identified, inventories };
    let mut notation = NotationSealer::open(request, world, &identified).await?;
    let mut subjects: Vec<SealedSubject> = Vec::new();
    for subject in identified.subjects() {
        let mut sealed = work.subject(&subject, &subjects).await?;
        if let Some(notation) = &mut notation
            && let Some(signature) = sealed.pop()
        {
            let claim = work.maker.signature(&subject.digest);
            sealed.push(notation.seal(&subject, &claim, signature).await?);
        }
        subjects.push(SealedSubject { subject, statements: sealed });
    }
    let attested = verdict.posture.map(|_| posture::kind());
    let kinds = complete(verdict.admitted.decision.is_some()).into_iter().chain(attested).collect();
    let notation = notation.map(NotationSealer::into_own);
    Ok(SealedRelease { identified, subjects, kinds, notation })
}

/// What the gate said, and about which reports.
#[derive(Clone, Copy)]
pub(crate) struct Verdict<'v> {
    pub(crate) admitted: &'v Admitted,
    pub(crate) reports: &'v [Report],
    /// The posture, where it becomes evidence.
    pub(crate) posture: Option<&'v Posture>,
}

struct Work<'w, 'a> {
    request: &'w ReleaseRequest,
    verdict: Verdict<'w>,
    /// What is attested about the posture.
    posture: Option<serde_json::Value>,
    maker: StatementMaker<'w>,
    identified: &'w Identified<'a>,
    inventories: Vec<Inventory>,
}

impl Work<'_, '_> {
    /// Provenance, SBOM and reports first: the summary lists them. The signature comes last.
    async fn subject(
        &self,
        subject: &Descriptor,
        children: &[SealedSubject],
    ) -> Result<Vec<Sealed>, Failure> {
        let signing = Sealer {
            subject,
            destination: self.maker.destination,
            existing: &self.identified.existing(&subject.digest, self.maker.now),
            keys: &self.identified.keys,
            formats: self.request.formats,
            created: &seconds(self.identified.started),
        };
        let mut sealed = Vec::new();
        for statement in self.judged(subject)? {
            sealed.push(signing.seal(&statement).await?);
        }
        let vsa = {
            let of_child = |child: &'_ SealedSubject| -> Option<usize> {
                child.statements.iter().position(|it| it.kind == Kind::Vsa)
            };
            let below = children.iter().filter_map(|it| Some(&it.statements[of_child(it)?]));
            let is_index = sealed.len() == 1 && self.identified.image.is_index();
            let below: Vec<&Sealed> = if is_index { below.collect() } else { Vec::new() };
            let inputs: Vec<&Sealed> = sealed.iter().chain(below).collect();
            self.maker.vsa(
                &subject.digest,
                &inputs,
                &self.verdict.admitted.policy_digest(),
                self.notes(),
            )
        };
        sealed.push(signing.seal(&vsa).await?);
        if let Some(predicate) = &self.posture {
            let statement = self.maker.about(&subject.digest, &posture::kind(), predicate);
            sealed.push(signing.seal(&statement).await?);
        }
        let signature = self.maker.signature(&subject.digest);
        sealed.push(signing.seal(&signature).await?);
        Ok(sealed)
    }

    /// What the summary judges: provenance; for an image also its SBOM and its reports.
    fn judged(&self, subject: &Descriptor) -> Result<Vec<Statement>, Failure> {
        let digest = &subject.digest;
        let mut statements = vec![self.maker.provenance(digest)];
        let images = &self.identified.image.images;
        if let Some(at) = images.iter().position(|image| image.manifest.digest() == digest) {
            statements.push(self.maker.sbom(digest, self.sbom(at)?));
            let reports = self.reports(digest);
            statements.extend(
                reports
                    .into_iter()
                    .map(|report| self.maker.vuln(digest, report, self.counts(report))),
            );
        }
        Ok(statements)
    }

    fn sbom(&self, at: usize) -> Result<serde_json::Value, Failure> {
        let image = &self.identified.image.images[at];
        sbom(&self.request.sbom, self.maker.destination, image, &self.inventories[at])
    }

    /// The reports about one image: of one image all of them, of an index those that name it.
    fn reports(&self, digest: &Digest) -> Vec<&Report> {
        let single = self.identified.image.images.len() == 1;
        let image = self.identified.image.images.iter().find(|it| it.manifest.digest() == digest);
        let config = image.map(|it| &it.parsed.config.digest);
        let names = |report: &&Report| {
            single || report.image.names(digest) || config.is_some_and(|it| report.image.names(it))
        };
        self.verdict.reports.iter().filter(names).collect()
    }

    fn counts(&self, report: &Report) -> boltseal_core::Counts {
        let judged = self.verdict.admitted.decision.iter().flat_map(|it| &it.reports);
        let mut of_file = judged.filter(|it| it.digest == report.digest);
        of_file.next().map(|it| it.counts.plus(&it.carried)).unwrap_or_default()
    }

    fn notes(&self) -> Vec<String> {
        let silent = self.verdict.admitted.decision.is_none();
        let silent = silent.then(|| NO_SCAN_NOTE.to_owned());
        let diff = self.verdict.admitted.decision.as_ref().and_then(|it| it.diff.as_ref());
        let release = diff.and_then(|it| it.baseline.as_ref());
        let since = release.map(|it| format!("only findings that are new since {it} were judged"));
        silent.into_iter().chain(since).collect()
    }
}

/// The SBOM of one image: given, or made of its inventory.
fn sbom(
    from: &Sbom,
    destination: &Location,
    image: &PlatformImage,
    inventory: &Inventory,
) -> Result<serde_json::Value, Failure> {
    let version = match from {
        Sbom::Made(version) => *version,
        Sbom::Given(documents) => return given(documents, &image.platform),
    };
    let bytes = bom(destination, image, inventory, version);
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The SBOMs for the result, before anything is judged: a refused image has them too.
pub(crate) fn kept_sboms(
    request: &ReleaseRequest,
    world: &ReleaseWorld<'_>,
    inspected: &Inspected<'_>,
) -> Result<Vec<PlatformSbom>, Failure> {
    if request.sboms == SbomsInResult::Dropped {
        return Ok(Vec::new());
    }
    let images = inspected.identified.image.images.iter().zip(&inspected.inventories);
    let kept = images.map(|(image, inventory)| {
        Ok(PlatformSbom {
            platform: image.platform.clone(),
            digest: image.manifest.digest().clone(),
            document: sbom(&request.sbom, world.destination.location(), image, inventory)?,
        })
    });
    kept.collect()
}

fn given(
    documents: &[(Option<Platform>, serde_json::Value)],
    platform: &Platform,
) -> Result<serde_json::Value, Failure> {
    let fits = |of: &Option<Platform>| of.as_ref().is_none_or(|it| it == platform);
    let found = documents.iter().find(|(of, _)| fits(of)).map(|(_, document)| document.clone());
    Ok(found.ok_or_else(|| {
        boltseal_core::Reason::new(boltseal_core::Exit::Usage, "sbom-missing")
            .expected(format!("an SBOM for {platform}"))
            .found("none was given")
            .fix("give one for every platform, or leave --sbom out")
    })?)
}
