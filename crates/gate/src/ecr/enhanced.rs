use boltseal_core::Finding;

use crate::node::Node;
use crate::{ReportProblem, label};

type Read<T> = Result<T, ReportProblem>;

/// Whether a finding of Inspector counts: `SUPPRESSED` and `CLOSED` ones do not, and a status
/// that nobody knows does.
pub(super) fn is_active(row: &Node<'_>) -> Read<bool> {
    let status = row.text("status")?;
    Ok(!matches!(status, Some("SUPPRESSED" | "CLOSED")))
}

/// One finding, which may be about several packages.
pub(super) fn finding(row: &Node<'_>) -> Read<Finding> {
    let details = row.object("packageVulnerabilityDetails")?;
    let mut packages = Vec::new();
    let mut id = None;
    if let Some(details) = &details {
        id = details.text("vulnerabilityId")?;
        for package in details.rows("vulnerablePackages")? {
            packages.push(Vulnerable::read(&package)?);
        }
    }
    let id = match id {
        Some(id) => id,
        None => row.needed_text("title")?,
    };
    packages.sort();
    packages.dedup();
    let join = |part: fn(&Vulnerable) -> &String| distinct(packages.iter().map(part));
    let names = packages.iter().map(|it| it.name.as_str());
    Ok(Finding {
        id: id.to_owned(),
        package: names.collect::<Vec<_>>().join(", "),
        version: versions(&packages),
        place: join(|it| &it.place),
        severity: label::severity_at(row, "severity", id)?,
        fixed_in: Some(join(|it| &it.fixed_in)).filter(|it| !it.is_empty()),
    })
}

/// A package that a finding is about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Vulnerable {
    name: String,
    version: String,
    place: String,
    fixed_in: String,
}

impl Vulnerable {
    fn read(package: &Node<'_>) -> Read<Self> {
        let mut version = package.text_or_empty("version")?;
        if let Some(release) = package.text("release")? {
            version = format!("{version}-{release}");
        }
        match package.count("epoch")? {
            Some(epoch) if epoch > 0 => version = format!("{epoch}:{version}"),
            _ => {}
        }
        let place = match package.text("filePath")? {
            Some(path) => path,
            None => package.text("sourceLayerHash")?.unwrap_or_default(),
        };
        // What Inspector writes where there is no fix.
        let fixed_in = package.text("fixedInVersion")?;
        let fixed_in = fixed_in.filter(|it| *it != "NotAvailable").unwrap_or_default();
        Ok(Self {
            name: package.text_or_empty("name")?,
            version,
            place: place.to_owned(),
            fixed_in: fixed_in.to_owned(),
        })
    }
}

/// The versions in the order of the packages; one where all are the same.
fn versions(packages: &[Vulnerable]) -> String {
    let mut versions: Vec<_> = packages.iter().map(|it| it.version.as_str()).collect();
    if versions.windows(2).all(|pair| pair[0] == pair[1]) {
        versions.truncate(1);
    }
    versions.join(", ")
}

fn distinct<'a>(parts: impl Iterator<Item = &'a String>) -> String {
    let mut parts: Vec<_> = parts.filter(|it| !it.is_empty()).map(String::as_str).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join(", ")
}
