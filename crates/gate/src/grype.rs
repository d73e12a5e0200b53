//! grype's JSON: `matches[]`, each one finding.

use boltseal_core::{Finding, Platform};

use crate::node::Node;
use crate::report::Imported;
use crate::rows::Rows;
use crate::{DatabaseFacts, ImageClaim, Listed, ReportProblem, ScannerFacts, label};

type Read<T> = Result<T, ReportProblem>;

/// Whether the document is grype's: `matches` alone would be too little to trust when empty.
pub(crate) fn is_one(document: &Node<'_>) -> bool {
    let signed = document.has("descriptor") || document.has("source");
    document.value().get("matches").is_some() && signed
}

pub(crate) fn import(document: &Node<'_>) -> Read<Imported> {
    let mut rows = Rows::default();
    let matches = document.rows_if_any("matches")?;
    for row in matches.ok_or_else(|| document.wrong("matches", "a list of matches"))? {
        rows.open(finding(&row)?);
    }
    let descriptor = document.object("descriptor")?;
    let scanned_at = match &descriptor {
        Some(descriptor) => descriptor.time("timestamp")?,
        None => None,
    };
    Ok(Imported {
        scanner: scanner(descriptor.as_ref())?,
        scanned_at,
        image: image(document)?,
        rows,
        packages: Listed::NotListed,
        ecr_shape: None,
        notes: ignored(document)?,
    })
}

fn finding(row: &Node<'_>) -> Read<Finding> {
    let expect = |key: &'static str| row.object(key)?.ok_or_else(|| row.wrong(key, "an object"));
    let (vulnerability, artifact) = (expect("vulnerability")?, expect("artifact")?);
    let id = vulnerability.needed_text("id")?;
    Ok(Finding {
        id: id.to_owned(),
        package: artifact.text_or_empty("name")?,
        version: artifact.text_or_empty("version")?,
        place: place(&artifact)?,
        severity: label::severity_at(&vulnerability, "severity", id)?,
        fixed_in: fixed_in(&vulnerability)?,
    })
}

/// The paths of a package's records, else its purl.
fn place(artifact: &Node<'_>) -> Read<String> {
    let mut paths = Vec::new();
    for location in artifact.rows("locations")? {
        paths.extend(location.text("path")?);
    }
    if paths.is_empty() { artifact.text_or_empty("purl") } else { Ok(paths.join(", ")) }
}

fn fixed_in(vulnerability: &Node<'_>) -> Read<Option<String>> {
    let Some(fix) = vulnerability.object("fix")? else {
        return Ok(None);
    };
    let versions = fix.texts("versions")?;
    Ok(Some(versions.join(", ")).filter(|versions| !versions.is_empty()))
}

fn scanner(descriptor: Option<&Node<'_>>) -> Read<ScannerFacts> {
    let Some(descriptor) = descriptor else {
        return Ok(ScannerFacts { name: "grype".to_owned(), ..ScannerFacts::default() });
    };
    let database = match descriptor.object("db")? {
        Some(db) => database(&db)?,
        None => None,
    };
    Ok(ScannerFacts {
        name: descriptor.text("name")?.unwrap_or("grype").to_owned(),
        version: descriptor.text("version")?.map(ToOwned::to_owned),
        database,
    })
}

/// The database: since grype 0.88 under `status`, with the URI it came from; before that flat,
/// with a checksum.
fn database(db: &Node<'_>) -> Read<Option<DatabaseFacts>> {
    let status = db.object("status")?;
    let db = status.as_ref().unwrap_or(db);
    let schema = db.member("schemaVersion").map(|it| it.value().to_string());
    let schema = schema.map(|it| it.trim_matches('"').to_owned());
    let facts = DatabaseFacts {
        name: db.text("from")?.unwrap_or("grype-db").to_owned(),
        version: db.text("checksum")?.map(ToOwned::to_owned).or(schema),
        built: db.time("built")?,
    };
    let says_something = facts.built.is_some() || facts.version.is_some();
    Ok(says_something.then_some(facts))
}

fn image(document: &Node<'_>) -> Read<ImageClaim> {
    let mut claim = ImageClaim::default();
    let Some(source) = document.object("source")? else {
        return Ok(claim);
    };
    let Some(target) = source.member("target").filter(|it| it.members().is_some()) else {
        claim.name = source.text("target")?.map(ToOwned::to_owned);
        return Ok(claim);
    };
    claim.name = target.text("userInput")?.map(ToOwned::to_owned);
    claim.image_ids.extend(target.digest("imageID")?);
    claim.manifests.extend(target.digest("manifestDigest")?);
    claim.repo_digests = target.repo_digests("repoDigests")?;
    if let (Some(os), Some(architecture)) = (target.text("os")?, target.text("architecture")?) {
        claim.platform = Some(Platform {
            architecture: architecture.to_owned(),
            os: os.to_owned(),
            variant: None,
        });
    }
    Ok(claim)
}

fn ignored(document: &Node<'_>) -> Read<Vec<String>> {
    let ignored = document.rows("ignoredMatches")?.len();
    let note = format!("matches that grype was told to ignore, not counted: {ignored}");
    Ok(if ignored == 0 { Vec::new() } else { vec![note] })
}
