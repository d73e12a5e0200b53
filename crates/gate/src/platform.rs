//! Reports held against the image: the right one, every platform, everything in it.

use boltseal_core::{Counts, Exit, Reason};

use crate::shown::{Counted, Shown};
use crate::subject::Bearing;
use crate::{
    GateRequest, GateSubject, ImageClaim, PlatformDecision, PlatformImage, Report, coverage,
};

/// How many packages a reason names.
const NAMED: usize = 3;

/// A report, and which platforms it is about.
pub(crate) struct Placed<'a> {
    pub(crate) report: &'a Report,
    pub(crate) counts: Counts,
    pub(crate) bearing: Bearing,
}

/// The numbers of each platform.
pub(crate) fn decisions(subject: &GateSubject<'_>, placed: &[Placed<'_>]) -> Vec<PlatformDecision> {
    let decision = |(index, image): (usize, &PlatformImage<'_>)| {
        let about = || placed.iter().filter(|it| it.bearing.covers(index));
        PlatformDecision {
            platform: image.platform.clone(),
            digest: image.digest.clone(),
            counts: about().fold(Counts::default(), |most, it| most.max(&it.counts)),
            reports: about().map(|it| it.report.file.clone()).collect(),
        }
    };
    let platforms = subject.platforms.iter().enumerate();
    platforms.map(decision).collect()
}

/// Every reason against that has to do with the image.
pub(crate) fn reasons(
    request: &GateRequest<'_>,
    subject: &GateSubject<'_>,
    placed: &[Placed<'_>],
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for it in placed {
        match it.bearing {
            Bearing::Other => reasons.push(other_image(subject, it.report)),
            Bearing::Unclear => reasons.push(unclear(subject, it.report)),
            Bearing::On(_) | Bearing::Unnamed => {}
        }
    }
    for (index, image) in subject.platforms.iter().enumerate() {
        let about: Vec<_> =
            placed.iter().filter(|it| it.bearing.covers(index)).map(|it| it.report).collect();
        reasons.extend(without_report(request, subject, (image, &about)));
        reasons.extend(uncovered(image, &about));
    }
    reasons
}

/// What the reports leave open.
pub(crate) fn notes(subject: &GateSubject<'_>, placed: &[Placed<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    for it in placed.iter().filter(|it| it.bearing == Bearing::Unnamed) {
        let name = it.report.image.name.as_deref();
        let name = name.map_or(String::new(), |name| format!(", only {}", Shown(name)));
        notes.push(format!(
            "{}: the report names no digest of the image{name}",
            Shown(&it.report.file)
        ));
    }
    notes.extend(subject.platforms.iter().filter_map(of_inventory));
    notes
}

/// What is not known of the image itself, so that reports were held against less than all of it.
fn of_inventory(image: &PlatformImage<'_>) -> Option<String> {
    let label = image.label();
    let Some(inventory) = image.inventory else {
        return Some(format!(
            "{label}: what is in the image was not looked at, so no report was held against it"
        ));
    };
    let first = inventory.problems.first()?;
    let count = Counted(inventory.problems.len() as u64, "problem");
    let first = Shown(first);
    Some(format!("{label}: {count} in listing the image's own packages, the first: {first}"))
}

fn other_image(subject: &GateSubject<'_>, report: &Report) -> Reason {
    let ours = subject.platforms.iter().map(|it| it.digest.to_string());
    let ours: Vec<_> = subject.index.iter().map(ToString::to_string).chain(ours).collect();
    let names = subject.names.join(", ");
    let names = if names.is_empty() { names } else { format!(" ({})", Shown(&names)) };
    Reason::new(Exit::Gate, "report-other-image")
        .expected(format!("a report about {}{names}", ours.join(", ")))
        .found(format!("one about {}", claimed(&report.image)))
        .place(Shown(&report.file).to_string())
        .fix("scan the very image that is released, and give that report")
}

fn claimed(claim: &ImageClaim) -> String {
    let name = claim.name.iter().map(|name| Shown(name).to_string());
    let digests = claim.digests().map(ToString::to_string);
    name.chain(digests).collect::<Vec<_>>().join(", ")
}

fn unclear(subject: &GateSubject<'_>, report: &Report) -> Reason {
    let labels: Vec<_> = subject.platforms.iter().map(PlatformImage::label).collect();
    let found = if report.image.is_unnamed() {
        "one that names no digest"
    } else {
        "one that names the index and no platform of it"
    };
    Reason::new(Exit::Gate, "report-platform-unknown")
        .expected(format!("a report that names one of {} by digest", labels.join(", ")))
        .found(found)
        .place(Shown(&report.file).to_string())
        .fix("scan each platform by its digest, and give a report in JSON for each")
}

/// The code of the reason that no report is about a platform. Whoever still waits for reports
/// may leave such reasons aside.
pub const NO_REPORT: &str = "platform-without-report";

/// The reason that nothing is known about a platform. For a plain image, and where a report could
/// not be read, the other reasons say it already.
fn without_report(
    request: &GateRequest<'_>,
    subject: &GateSubject<'_>,
    (image, about): (&PlatformImage<'_>, &[&Report]),
) -> Option<Reason> {
    let is_plain = subject.platforms.len() == 1 && !request.reports.is_empty();
    if !about.is_empty() || is_plain || !request.unreadable.is_empty() {
        return None;
    }
    let given = Counted(request.reports.len() as u64, "report");
    Some(
        Reason::new(Exit::Gate, NO_REPORT)
            .expected(format!("a report about {}", image.label()))
            .found(format!("none among {given}"))
            .place(image.digest.to_string())
            .fix(format!("scan {} by its digest and give the report with --scan", image.label())),
    )
}

/// The reasons that reports did not see what is in the image.
fn uncovered(image: &PlatformImage<'_>, about: &[&Report]) -> Vec<Reason> {
    let Some(inventory) = image.inventory.filter(|it| !it.packages.is_empty()) else {
        return Vec::new();
    };
    let reason = || Reason::new(Exit::Gate, "no-coverage");
    let mut reasons = Vec::new();
    for report in about.iter().filter(|it| coverage::is_blind(it)) {
        reasons.push(
            reason()
                .expected(format!(
                    "a report that lists packages of {} ({})",
                    image.label(),
                    coverage::by_kind(&inventory.packages)
                ))
                .found("one that lists none")
                .place(Shown(&report.file).to_string())
                .fix(
                    "find out why the scanner saw nothing: is its support for the image's \
                      operating system current, were packages excluded?",
                ),
        );
    }
    for (ecosystem, packages) in coverage::gaps(inventory, about) {
        let kind = ecosystem.purl_type();
        let named: Vec<_> = packages.iter().take(NAMED).map(|it| it.path.as_str()).collect();
        reasons.push(
            reason()
                .expected(format!(
                    "a report that lists {kind} packages of {}, of which there are {} (in {})",
                    image.label(),
                    packages.len(),
                    Shown(&named.join(", "))
                ))
                .found("none that does")
                .place(image.digest.to_string())
                .fix(format!(
                    "let the scanner look at {kind} packages too, or give a report of one that does"
                )),
        );
    }
    reasons
}
