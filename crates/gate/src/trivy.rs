//! trivy's JSON, schema version 2: the rows of `Results[]`.

use boltseal_core::{Finding, Platform};

use crate::node::Node;
use crate::report::Imported;
use crate::rows::Rows;
use crate::{Format, ImageClaim, Listed, ListedPackage, ReportProblem, ScannerFacts, label};

type Read<T> = Result<T, ReportProblem>;

/// Whether the document is trivy's.
pub(crate) fn is_one(document: &Node<'_>) -> bool {
    document.has("SchemaVersion")
}

/// Reads vulnerabilities, secrets and failed checks, each a row with trivy's own severity.
/// Licences are not judged, and a note says so.
pub(crate) fn import(document: &Node<'_>) -> Read<Imported> {
    check_version(document)?;
    let results = document.rows("Results")?;
    let mut rows = Rows::default();
    let mut licences = 0;
    for result in &results {
        let target = result.text_or_empty("Target")?;
        for row in result.rows("Vulnerabilities")? {
            rows.open(vulnerability(&row, &target)?);
        }
        for row in result.rows("Secrets")? {
            rows.open(row_in_file(&row, "RuleID", &target)?);
        }
        for row in result.rows("Misconfigurations")? {
            if !matches!(row.text("Status")?, Some("PASS" | "EXCEPTION")) {
                rows.open(row_in_file(&row, "ID", &target)?);
            }
        }
        licences += result.rows("Licenses")?.len();
    }
    Ok(Imported {
        scanner: scanner(document)?,
        scanned_at: document.time("CreatedAt")?,
        image: image(document)?,
        rows,
        packages: packages(&results, document.has("Trivy"))?,
        ecr_shape: None,
        notes: notes(licences),
    })
}

fn check_version(document: &Node<'_>) -> Read<()> {
    let version = document.count("SchemaVersion")?.unwrap_or_default();
    if version != 2 {
        return Err(ReportProblem::UnsupportedVersion {
            format: Format::Trivy,
            expected: "schema version 2",
            found: version.to_string(),
        });
    }
    if document.has("Results") || document.has("ArtifactName") {
        Ok(())
    } else {
        Err(document.wrong("ArtifactName", "the name of what was scanned"))
    }
}

fn vulnerability(row: &Node<'_>, target: &str) -> Read<Finding> {
    let id = row.needed_text("VulnerabilityID")?;
    Ok(Finding {
        id: id.to_owned(),
        package: row.text_or_empty("PkgName")?,
        version: row.text_or_empty("InstalledVersion")?,
        place: row.text("PkgPath")?.unwrap_or(target).to_owned(),
        severity: label::severity_at(row, "Severity", id)?,
        fixed_in: row.text("FixedVersion")?.map(ToOwned::to_owned),
    })
}

/// A secret or a failed check: it is in a file, not in a package.
fn row_in_file(row: &Node<'_>, id: &'static str, target: &str) -> Read<Finding> {
    let id = row.needed_text(id)?;
    let line = match row.count("StartLine")? {
        Some(line) => Some(line),
        None => match row.object("CauseMetadata")? {
            Some(cause) => cause.count("StartLine")?,
            None => None,
        },
    };
    Ok(Finding {
        id: id.to_owned(),
        package: String::new(),
        version: String::new(),
        place: line.map_or_else(|| target.to_owned(), |line| format!("{target}:{line}")),
        severity: label::severity_at(row, "Severity", id)?,
        fixed_in: None,
    })
}

fn scanner(document: &Node<'_>) -> Read<ScannerFacts> {
    let version = match document.object("Trivy")? {
        Some(trivy) => trivy.text("Version")?,
        None => None,
    };
    Ok(ScannerFacts {
        name: "trivy".to_owned(),
        version: version.map(ToOwned::to_owned),
        database: None,
    })
}

fn image(document: &Node<'_>) -> Read<ImageClaim> {
    let mut claim = ImageClaim {
        name: document.text("ArtifactName")?.map(ToOwned::to_owned),
        ..ImageClaim::default()
    };
    let Some(metadata) = document.object("Metadata")? else {
        return Ok(claim);
    };
    claim.image_ids.extend(metadata.digest("ImageID")?);
    claim.repo_digests = metadata.repo_digests("RepoDigests")?;
    let Some(config) = metadata.object("ImageConfig")? else {
        return Ok(claim);
    };
    if let (Some(os), Some(architecture)) = (config.text("os")?, config.text("architecture")?) {
        claim.platform = Some(Platform {
            architecture: architecture.to_owned(),
            os: os.to_owned(),
            variant: config.text("variant")?.map(ToOwned::to_owned),
        });
    }
    Ok(claim)
}

/// What trivy saw. A report without any result about packages says that it saw none, which it
/// does for an operating system that it does not know. Such results without packages are silent:
/// made without `--list-all-pkgs`, which is the default since before trivy wrote its own version
/// into the report (`lists_by_default`).
fn packages(results: &[Node<'_>], lists_by_default: bool) -> Read<Listed> {
    let mut listed = Vec::new();
    let mut is_silent = false;
    for result in results {
        let class = result.text("Class")?;
        let about_packages = matches!(class, Some("os-pkgs" | "lang-pkgs") | None);
        match result.rows_if_any("Packages")? {
            Some(packages) => {
                for package in packages {
                    listed.push(listed_package(&package, result.text("Type")?)?);
                }
            }
            None => is_silent |= about_packages,
        }
    }
    if listed.is_empty() && is_silent && !lists_by_default {
        return Ok(Listed::NotListed);
    }
    Ok(Listed::Packages(listed))
}

fn listed_package(package: &Node<'_>, result_type: Option<&str>) -> Read<ListedPackage> {
    let name = package.text_or_empty("Name")?;
    let version = package.text_or_empty("Version")?;
    let purl = match package.object("Identifier")? {
        Some(identifier) => identifier.text("PURL")?,
        None => None,
    };
    let by_purl = purl.and_then(|purl| ListedPackage::of_purl(purl, &name, &version));
    Ok(by_purl.unwrap_or(ListedPackage {
        kind: purl_type(result_type.unwrap_or_default()).to_owned(),
        name,
        version,
    }))
}

/// The purl type of trivy's own name for a kind of packages.
fn purl_type(result_type: &str) -> &str {
    match result_type {
        "debian" | "ubuntu" => "deb",
        "alpine" | "wolfi" | "chainguard" => "apk",
        "gobinary" | "gomod" => "golang",
        "node-pkg" | "npm" | "yarn" | "pnpm" | "bun" => "npm",
        "python-pkg" | "pip" | "pipenv" | "poetry" | "uv" => "pypi",
        "rustbinary" => "cargo",
        other => other,
    }
}

fn notes(licences: usize) -> Vec<String> {
    let note = format!("rows about licences, which are not judged: {licences}");
    if licences == 0 { Vec::new() } else { vec![note] }
}
