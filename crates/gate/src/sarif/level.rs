use boltseal_core::Severity;

use super::Tool;
use super::message::Message;
use crate::ReportProblem;
use crate::label::{self, CvssVersion};
use crate::node::Node;

type Read<T> = Result<T, ReportProblem>;

const SCORE: &str = "security-severity";

/// The severity of a result. SARIF has only levels; the scanner's own severity is, in this order,
/// its label in the message (grype and trivy, where the level agrees), `properties.severity`, a
/// label among the tags of the rule, `security-severity` and the level.
pub(super) fn severity(
    tool: Tool,
    result: &Node<'_>,
    rule: Option<&Node<'_>>,
    message: &Message,
) -> Read<Severity> {
    let level = Level::of(result, rule)?;
    let in_message = message.label.as_deref().and_then(label::severity);
    if let Some(severity) = in_message.filter(|it| level.agrees_with(*it)) {
        return Ok(severity);
    }
    let mut properties = Vec::new();
    for node in [Some(result), rule].into_iter().flatten() {
        properties.extend(node.object("properties")?);
    }
    for properties in &properties {
        if let Some(severity) = labelled(properties)? {
            return Ok(severity);
        }
    }
    let tagged = properties.iter().find_map(tag);
    if let Some(severity) = tagged.filter(|it| tool != Tool::Trivy || level.agrees_with(*it)) {
        return Ok(severity);
    }
    // In grype's and trivy's SARIF the score is NVD's or the vendor's, not their own severity.
    if tool == Tool::Other {
        for properties in &properties {
            if let Some(severity) = scored(properties)? {
                return Ok(severity);
            }
        }
    }
    Ok(level.severity())
}

/// `properties.severity`: a label, a level or a score.
fn labelled(properties: &Node<'_>) -> Read<Option<Severity>> {
    let Some(value) = properties.member("severity") else {
        return Ok(None);
    };
    let Some(text) = value.value().as_str() else {
        return Ok(None);
    };
    let known = label::severity(text).or_else(|| Level::parse(text).map(Level::severity));
    let known = known.or_else(|| label::of_score(text.parse().ok()?, CvssVersion::Later));
    let unknown = || label::unknown(text, "a result", value.at().to_owned());
    known.map(Some).ok_or_else(unknown)
}

/// The first tag that is a severity in capitals, as trivy and others write it.
fn tag(properties: &Node<'_>) -> Option<Severity> {
    let tags = properties.texts("tags").ok()?;
    let is_label = |tag: &&str| !tag.is_empty() && !tag.contains(char::is_lowercase);
    tags.into_iter().filter(is_label).find_map(label::severity)
}

/// `security-severity`: a CVSS score in a text. Scanners write 0 for what they do not know.
fn scored(properties: &Node<'_>) -> Read<Option<Severity>> {
    let Some(score) = properties.number(SCORE)? else {
        return Ok(None);
    };
    if score == 0.0 {
        return Ok(Some(Severity::Unknown));
    }
    let severity = label::of_score(score, CvssVersion::Later);
    let wrong = || properties.wrong(SCORE, "a score from 0 to 10");
    severity.map(Some).ok_or_else(wrong)
}

/// The level of a result (SARIF 2.1.0, 3.27.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Note,
    None,
}

impl Level {
    fn of(result: &Node<'_>, rule: Option<&Node<'_>>) -> Read<Self> {
        let mut place = Some((result.text("level")?, result.at_member("level")));
        if let (Some((None, _)), Some(rule)) = (&place, rule) {
            let default = rule.object("defaultConfiguration")?;
            place = default
                .map(|it| Ok::<_, ReportProblem>((it.text("level")?, it.at_member("level"))))
                .transpose()?;
        }
        match place {
            Some((Some(word), at)) => {
                Self::parse(word).ok_or_else(|| label::unknown(word, "a result", at))
            }
            // Other kinds than `fail` have no level.
            _ if !matches!(result.text("kind")?, None | Some("fail")) => Ok(Self::None),
            _ => Ok(Self::Warning),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "error" => Self::Error,
            "warning" => Self::Warning,
            "note" => Self::Note,
            "none" => Self::None,
            _ => return None,
        })
    }

    /// Whether grype and trivy write this level for `severity`.
    const fn agrees_with(self, severity: Severity) -> bool {
        matches!(
            (self, severity),
            (Self::Error, Severity::Critical | Severity::High)
                | (Self::Warning, Severity::Medium)
                | (Self::Note, Severity::Low | Severity::Unknown | Severity::Informational)
        )
    }

    const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::High,
            Self::Warning => Severity::Medium,
            Self::Note => Severity::Low,
            Self::None => Severity::Informational,
        }
    }
}
