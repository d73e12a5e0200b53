//! What ECR's `DescribeImageScanFindings` answers: `findings[]` of basic scanning,
//! `enhancedFindings[]` of Inspector.

mod enhanced;
mod status;

pub use status::EcrScanState;

use boltseal_core::{Finding, Severity};
use serde_json::Value;

use crate::node::Node;
use crate::report::Imported;
use crate::rows::Rows;
use crate::{DatabaseFacts, EcrScan, ImageClaim, Listed, ReportProblem, ScannerFacts, label};

type Read<T> = Result<T, ReportProblem>;

/// Whether the document is one answer, or a list of pages.
pub(crate) fn is_one(document: &Node<'_>) -> bool {
    let is_page = |page: &Value| {
        page.get("imageScanStatus").is_some() || page.get("imageScanFindings").is_some()
    };
    match document.value() {
        Value::Array(pages) => !pages.is_empty() && pages.iter().all(is_page),
        page => is_page(page),
    }
}

pub(crate) fn import(document: &Node<'_>) -> Read<Imported> {
    let pages = document.items().unwrap_or_else(|| vec![Node::root(document.value())]);
    let first = &pages[0];
    let mut rows = Rows::default();
    let mut shape = Shape::default();
    for (index, page) in pages.iter().enumerate() {
        check_same_image(first, page)?;
        check_finished(page)?;
        check_next(page, index + 1 == pages.len())?;
        if let Some(findings) = page.object("imageScanFindings")? {
            read_rows(&findings, &mut rows, &mut shape)?;
        }
    }
    for page in &pages {
        check_summary(page, &rows)?;
    }
    let findings = first.object("imageScanFindings")?;
    let scanned_at = match &findings {
        Some(findings) => findings.time("imageScanCompletedAt")?,
        None => None,
    };
    if rows.raw().total() == 0 && scanned_at.is_none() {
        return Err(ReportProblem::NotSaidFinished);
    }
    Ok(Imported {
        scanner: scanner(shape.kind(), findings.as_ref())?,
        scanned_at,
        image: image(first)?,
        rows,
        packages: Listed::NotListed,
        ecr_shape: shape.kind(),
        notes: Vec::new(),
    })
}

/// Which of the two lists were there.
#[derive(Debug, Default)]
struct Shape {
    basic: bool,
    enhanced: bool,
}

impl Shape {
    const fn kind(&self) -> Option<EcrScan> {
        match (self.basic, self.enhanced) {
            (_, true) => Some(EcrScan::Enhanced),
            (true, false) => Some(EcrScan::Basic),
            (false, false) => None,
        }
    }
}

fn read_rows(findings: &Node<'_>, rows: &mut Rows, shape: &mut Shape) -> Read<()> {
    if let Some(basic) = findings.rows_if_any("findings")? {
        shape.basic = true;
        for row in &basic {
            rows.open(basic_finding(row)?);
        }
    }
    if let Some(enhanced) = findings.rows_if_any("enhancedFindings")? {
        shape.enhanced = true;
        for row in &enhanced {
            let finding = enhanced::finding(row)?;
            if enhanced::is_active(row)? {
                rows.open(finding);
            } else {
                rows.suppressed(finding);
            }
        }
    }
    Ok(())
}

fn basic_finding(row: &Node<'_>) -> Read<Finding> {
    let id = row.needed_text("name")?;
    let (mut package, mut version) = (String::new(), String::new());
    for attribute in row.rows("attributes")? {
        let value = attribute.text_or_empty("value")?;
        match attribute.text("key")? {
            Some("package_name") => package = value,
            Some("package_version") => version = value,
            _ => {}
        }
    }
    Ok(Finding {
        id: id.to_owned(),
        package,
        version,
        place: String::new(),
        severity: label::severity_at(row, "severity", id)?,
        fixed_in: None,
    })
}

fn check_same_image(first: &Node<'_>, page: &Node<'_>) -> Read<()> {
    if digest(first)? == digest(page)? {
        Ok(())
    } else {
        Err(page.wrong("imageId", "the image of the first page"))
    }
}

/// Only `COMPLETE` (basic) and `ACTIVE` (enhanced) are finished scans; every other status, known
/// or not, leaves it undetermined what the image holds.
fn check_finished(page: &Node<'_>) -> Read<()> {
    let status = page.object("imageScanStatus")?;
    let status = status.ok_or_else(|| page.wrong("imageScanStatus", "the status of the scan"))?;
    let word = status.needed_text("status")?;
    if matches!(word, "COMPLETE" | "ACTIVE") {
        return Ok(());
    }
    Err(ReportProblem::ScanUnfinished {
        status: word.to_owned(),
        description: status.text_or_empty("description")?,
    })
}

/// The last page must not name a further one. The AWS CLI spells its own token `NextToken`.
fn check_next(page: &Node<'_>, is_last: bool) -> Read<()> {
    for key in ["nextToken", "NextToken"] {
        if is_last && page.text(key)?.is_some() {
            return Err(ReportProblem::Incomplete { at: page.at_member(key) });
        }
    }
    Ok(())
}

/// Compares `findingSeverityCounts`, which is about the whole image, with the rows of all pages.
fn check_summary(page: &Node<'_>, rows: &Rows) -> Read<()> {
    let Some(findings) = page.object("imageScanFindings")? else {
        return Ok(());
    };
    let Some(counts) = findings.object("findingSeverityCounts")? else {
        return Ok(());
    };
    let mut unrated = 0;
    for key in counts.members().into_iter().flatten().map(|(key, _)| key) {
        let severity = label::severity(key);
        let unknown = || label::unknown(key, "findingSeverityCounts", counts.at_member(key));
        let severity = severity.ok_or_else(unknown)?;
        let mut summary = counts.count(key)?.unwrap_or_default();
        if severity == Severity::Unknown {
            // UNDEFINED and UNTRIAGED are one class here.
            unrated = summary.saturating_add(unrated);
            summary = unrated;
        }
        if summary > rows.raw().of(severity) {
            return Err(ReportProblem::SummaryContradicts {
                at: counts.at_member(key),
                severity,
                summary,
                rows: rows.raw().of(severity),
            });
        }
    }
    Ok(())
}

fn scanner(kind: Option<EcrScan>, findings: Option<&Node<'_>>) -> Read<ScannerFacts> {
    let name = match kind {
        Some(EcrScan::Enhanced) => "Amazon Inspector",
        Some(EcrScan::Basic) | None => "Amazon ECR basic scanning",
    };
    let updated = match findings {
        Some(findings) => findings.time("vulnerabilitySourceUpdatedAt")?,
        None => None,
    };
    let database = updated.map(|built| DatabaseFacts {
        name: "vulnerabilitySource".to_owned(),
        version: None,
        built: Some(built),
    });
    Ok(ScannerFacts { name: name.to_owned(), version: None, database })
}

fn image(page: &Node<'_>) -> Read<ImageClaim> {
    Ok(ImageClaim {
        manifests: digest(page)?.into_iter().collect(),
        name: page.text("repositoryName")?.map(ToOwned::to_owned),
        ..ImageClaim::default()
    })
}

fn digest(page: &Node<'_>) -> Read<Option<boltseal_core::Digest>> {
    match page.object("imageId")? {
        Some(image) => image.digest("imageDigest"),
        None => Ok(None),
    }
}
