//! CycloneDX 1.4 to 1.7 in JSON: `vulnerabilities[]`, each entry one finding.

mod component;
mod image;
mod rating;
mod summary;
mod tool;

use boltseal_core::Finding;

use crate::node::Node;
use crate::report::Imported;
use crate::rows::Rows;
use crate::{Format, Listed, ReportProblem};
use component::Components;

type Read<T> = Result<T, ReportProblem>;

/// States of an analysis by which the document itself says that a vulnerability does not count
/// (CycloneDX 1.4, `vulnerabilities[].analysis.state`).
const SUPPRESSED: [&str; 4] =
    ["not_affected", "false_positive", "resolved", "resolved_with_pedigree"];

/// Whether the document is CycloneDX, bare or as Inspector's `ScanSbom` wraps it.
pub(crate) fn is_one(document: &Node<'_>) -> bool {
    let is_bom = |node: &Node<'_>| node.value()["bomFormat"] == "CycloneDX";
    is_bom(document) || document.member("sbom").is_some_and(|sbom| is_bom(&sbom))
}

pub(crate) fn import(document: &Node<'_>) -> Read<Imported> {
    let wrapped = document.object("sbom")?;
    let bom = wrapped.as_ref().unwrap_or(document);
    check_version(bom)?;
    let metadata = bom.object("metadata")?;
    let entries = entries(bom, metadata.as_ref())?;
    let components = Components::of(bom, metadata.as_ref())?;
    let mut rows = Rows::default();
    for entry in &entries {
        let finding = finding(entry, &components)?;
        if is_suppressed(entry)? {
            rows.suppressed(finding);
        } else {
            rows.open(finding);
        }
    }
    summary::check(metadata.as_ref(), &entries)?;
    let (scanner, scanned_at, image) = match &metadata {
        Some(metadata) => {
            (tool::scanner(metadata)?, metadata.time("timestamp")?, image::claim(metadata)?)
        }
        None => Default::default(),
    };
    Ok(Imported {
        notes: notes(&scanner.name, &entries),
        scanner,
        scanned_at,
        image,
        rows,
        packages: listed(bom, &entries, components),
        ecr_shape: None,
    })
}

fn check_version(bom: &Node<'_>) -> Read<()> {
    let found = bom.text("specVersion")?.unwrap_or("none");
    if matches!(found, "1.4" | "1.5" | "1.6" | "1.7") {
        return Ok(());
    }
    Err(ReportProblem::UnsupportedVersion {
        format: Format::CycloneDx,
        expected: "specVersion 1.4, 1.5, 1.6 or 1.7",
        found: found.to_owned(),
    })
}

/// The vulnerabilities. A document without such a list is a bill of materials that nobody
/// scanned, unless it carries the summary of Inspector, which leaves the list out when it is
/// empty.
fn entries<'a>(bom: &Node<'a>, metadata: Option<&Node<'_>>) -> Read<Vec<Node<'a>>> {
    match bom.rows_if_any("vulnerabilities")? {
        Some(entries) => Ok(entries),
        None if summary::is_there(metadata)? => Ok(Vec::new()),
        None => Err(ReportProblem::NoScan { format: Format::CycloneDx }),
    }
}

fn finding(entry: &Node<'_>, components: &Components) -> Read<Finding> {
    let id = entry.needed_text("id")?;
    let affected = components.affected_by(entry)?;
    Ok(Finding {
        id: id.to_owned(),
        package: affected.names(),
        version: affected.versions(),
        place: affected.refs(),
        severity: rating::severity(entry, id)?,
        fixed_in: component::fixed_in(entry)?,
    })
}

fn is_suppressed(entry: &Node<'_>) -> Read<bool> {
    let Some(analysis) = entry.object("analysis")? else {
        return Ok(false);
    };
    let state = analysis.text("state")?.unwrap_or_default();
    Ok(SUPPRESSED.contains(&state))
}

/// A document that has vulnerabilities but no components at all refers to another one; it does
/// not say that there are no packages.
fn listed(bom: &Node<'_>, entries: &[Node<'_>], components: Components) -> Listed {
    if bom.has("components") || entries.is_empty() {
        Listed::Packages(components.into_packages())
    } else {
        Listed::NotListed
    }
}

fn notes(scanner: &str, entries: &[Node<'_>]) -> Vec<String> {
    if scanner != "trivy" || !entries.is_empty() {
        return Vec::new();
    }
    let note = "trivy writes the same CycloneDX document when it was not asked for vulnerabilities: \
                its JSON report says more";
    vec![note.to_owned()]
}
