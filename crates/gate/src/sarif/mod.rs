//! SARIF 2.1.0: `runs[].results[]`, each one finding.

mod image;
mod level;
mod message;
mod rule;

use boltseal_core::Finding;
use jiff::Timestamp;

use crate::node::Node;
use crate::report::Imported;
use crate::rows::Rows;
use crate::{Format, ImageClaim, Listed, ReportProblem, ScannerFacts};
use message::Message;
use rule::Rules;

type Read<T> = Result<T, ReportProblem>;

/// Whether the document is SARIF.
pub(crate) fn is_one(document: &Node<'_>) -> bool {
    document.has("runs") && document.has("version")
}

pub(crate) fn import(document: &Node<'_>) -> Read<Imported> {
    let version = document.needed_text("version")?;
    if version != "2.1.0" {
        return Err(ReportProblem::UnsupportedVersion {
            format: Format::Sarif,
            expected: "2.1.0",
            found: version.to_owned(),
        });
    }
    let runs = document.rows("runs")?;
    let first = runs.first().ok_or(ReportProblem::Empty)?;
    let mut rows = Rows::default();
    let mut image = ImageClaim::default();
    for run in &runs {
        check_finished(run)?;
        read_results(run, &mut rows, &mut image)?;
        image::add_claim(run, &mut image)?;
    }
    Ok(Imported {
        scanner: scanner(first)?,
        scanned_at: oldest_scan(&runs)?,
        image,
        rows,
        packages: Listed::NotListed,
        ecr_shape: None,
        notes: Vec::new(),
    })
}

/// The tools whose own words are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Grype,
    Trivy,
    Other,
}

fn driver<'a>(run: &Node<'a>) -> Read<Node<'a>> {
    let tool = run.object("tool")?;
    let tool = tool.ok_or_else(|| run.wrong("tool", "the tool that ran"))?;
    tool.object("driver")?.ok_or_else(|| tool.wrong("driver", "the tool that ran"))
}

fn read_results(run: &Node<'_>, rows: &mut Rows, image: &mut ImageClaim) -> Read<()> {
    let driver = driver(run)?;
    let tool = match driver.needed_text("name")?.to_ascii_lowercase().as_str() {
        "grype" => Tool::Grype,
        "trivy" => Tool::Trivy,
        _ => Tool::Other,
    };
    let rules = Rules::of(&driver)?;
    let results = run.rows_if_any("results")?;
    // Absent results mean that the tool did not get that far (SARIF 2.1.0, 3.14.23).
    let results = results.ok_or_else(|| run.wrong("results", "a list of results"))?;
    for result in &results {
        if is_no_finding(result)? {
            continue;
        }
        if tool == Tool::Grype {
            image::add_grype_claim(result, image)?;
        }
        let finding = finding(tool, result, &rules)?;
        if is_suppressed(result)? {
            rows.suppressed(finding);
        } else {
            rows.open(finding);
        }
    }
    Ok(())
}

fn finding(tool: Tool, result: &Node<'_>, rules: &Rules<'_>) -> Read<Finding> {
    let rule = rules.of_result(result)?;
    let id = rule::id(result, rule)?;
    let message = Message::of(tool, result)?;
    let severity = level::severity(tool, result, rule, &message)?;
    // grype names its rules after the vulnerability and the package.
    let suffix = format!("-{}", message.package);
    let bare = id.strip_suffix(&suffix).filter(|_| tool == Tool::Grype);
    Ok(Finding {
        id: bare.unwrap_or(id).to_owned(),
        place: place(result)?,
        severity,
        package: message.package,
        version: message.version,
        fixed_in: message.fixed_in,
    })
}

/// Results that say that something was fine, or that it was there before and no longer is.
fn is_no_finding(result: &Node<'_>) -> Read<bool> {
    let kind = result.text("kind")?;
    let state = result.text("baselineState")?;
    Ok(matches!(kind, Some("pass" | "notApplicable")) || state == Some("absent"))
}

/// A result is suppressed when it has suppressions and every one says that it is accepted. The
/// standard reads an absent status as accepted; here it must be said, for there are scanners that
/// wrote a bare suppression to every result.
fn is_suppressed(result: &Node<'_>) -> Read<bool> {
    let suppressions = result.rows("suppressions")?;
    let mut accepted = !suppressions.is_empty();
    for suppression in &suppressions {
        accepted &= suppression.text("status")? == Some("accepted");
    }
    Ok(accepted)
}

/// The logical places if there are any, else files with their lines.
fn place(result: &Node<'_>) -> Read<String> {
    let mut logical = Vec::new();
    let mut physical = Vec::new();
    for location in result.rows("locations")? {
        for place in location.rows("logicalLocations")? {
            logical.extend(place.text("fullyQualifiedName")?.map(ToOwned::to_owned));
        }
        let Some(place) = location.object("physicalLocation")? else {
            continue;
        };
        let uri = match place.object("artifactLocation")? {
            Some(artifact) => artifact.text_or_empty("uri")?,
            None => String::new(),
        };
        let line = match place.object("region")? {
            Some(region) => region.count("startLine")?,
            None => None,
        };
        physical.push(line.map_or_else(|| uri.clone(), |line| format!("{uri}:{line}")));
    }
    let places = if logical.is_empty() { physical } else { logical };
    Ok(places.join(", "))
}

fn check_finished(run: &Node<'_>) -> Read<()> {
    for invocation in run.rows("invocations")? {
        if invocation.value()["executionSuccessful"] == false {
            return Err(ReportProblem::ScanUnfinished {
                status: "executionSuccessful: false".to_owned(),
                description: invocation.text_or_empty("exitCodeDescription")?,
            });
        }
    }
    Ok(())
}

fn scanner(run: &Node<'_>) -> Read<ScannerFacts> {
    let driver = driver(run)?;
    let version = match driver.text("version")? {
        Some(version) => Some(version),
        None => driver.text("semanticVersion")?,
    };
    Ok(ScannerFacts {
        name: driver.needed_text("name")?.to_owned(),
        version: version.map(ToOwned::to_owned),
        database: None,
    })
}

/// The time of the oldest run; unknown if one run does not say.
fn oldest_scan(runs: &[Node<'_>]) -> Read<Option<Timestamp>> {
    let mut oldest = None;
    for run in runs {
        let mut latest = None;
        for invocation in run.rows("invocations")? {
            let end = invocation.time("endTimeUtc")?;
            latest = latest.max(end.or(invocation.time("startTimeUtc")?));
        }
        let Some(latest) = latest else {
            return Ok(None);
        };
        oldest = Some(oldest.map_or(latest, |oldest: Timestamp| oldest.min(latest)));
    }
    Ok(oldest)
}
