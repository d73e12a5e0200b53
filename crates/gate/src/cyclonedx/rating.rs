use boltseal_core::Severity;

use crate::ReportProblem;
use crate::label::{self, CvssVersion};
use crate::node::Node;

type Read<T> = Result<T, ReportProblem>;

/// The severity of an entry of `vulnerabilities[]`: that of the rating whose source is the
/// vulnerability's own `source`, else the highest rating that is a severity. Of several ratings
/// by the own source the highest counts. Without any it is unknown.
pub(super) fn severity(entry: &Node<'_>, id: &str) -> Read<Severity> {
    let own_source = source(entry)?;
    let (mut own, mut any) = (None, None);
    for rating in entry.rows("ratings")? {
        let Some(severity) = of_rating(&rating, id)? else {
            continue;
        };
        if own_source.is_some() && source(&rating)? == own_source {
            own = Some(worse(own, severity));
        }
        any = Some(worse(any, severity));
    }
    Ok(own.or(any).unwrap_or(Severity::Unknown))
}

/// The severity that a rating gives, if it gives one. EPSS and the like are scores of something
/// else; Inspector writes them with the severity `none`, grype without any.
pub(super) fn of_rating(rating: &Node<'_>, id: &str) -> Read<Option<Severity>> {
    let method = rating.text("method")?;
    let version = method.and_then(cvss_version);
    let Some(text) = rating.text("severity")? else {
        return of_score(rating, version);
    };
    if text == "none" {
        // A CVSS score of 0, or grype's negligible, which is the whole rating.
        let is_bare = method.is_none() && !rating.has("score");
        let is_severity = version.is_some() || is_bare;
        return Ok(is_severity.then_some(Severity::Informational));
    }
    let known = label::severity(text);
    let unknown = || label::unknown(text, id, rating.at_member("severity"));
    known.map(Some).ok_or_else(unknown)
}

/// The severity of a CVSS score that comes without a label.
fn of_score(rating: &Node<'_>, version: Option<CvssVersion>) -> Read<Option<Severity>> {
    let (Some(version), Some(score)) = (version, rating.number("score")?) else {
        return Ok(None);
    };
    let severity = label::of_score(score, version);
    severity.map(Some).ok_or_else(|| rating.wrong("score", "a CVSS score from 0 to 10"))
}

fn cvss_version(method: &str) -> Option<CvssVersion> {
    match method {
        "CVSSv2" => Some(CvssVersion::Two),
        _ if method.starts_with("CVSSv") => Some(CvssVersion::Later),
        _ => None,
    }
}

/// Who rated, or who published: the name of `source`, else its URL.
pub(super) fn source<'a>(node: &Node<'a>) -> Read<Option<&'a str>> {
    let Some(source) = node.object("source")? else {
        return Ok(None);
    };
    Ok(match source.text("name")? {
        Some(name) => Some(name),
        None => source.text("url")?,
    })
}

/// The higher of two; what is unknown is below everything that is rated.
pub(super) fn worse(known: Option<Severity>, found: Severity) -> Severity {
    known.map_or(found, |known| known.min(found))
}
