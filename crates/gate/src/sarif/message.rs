use super::Tool;
use crate::ReportProblem;
use crate::node::Node;

type Read<T> = Result<T, ReportProblem>;

/// What the message of a result says in the fixed words of grype and trivy, which have no other
/// place for it. All empty for other tools.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) fixed_in: Option<String>,
    /// The severity label.
    pub(super) label: Option<String>,
}

impl Message {
    pub(super) fn of(tool: Tool, result: &Node<'_>) -> Read<Self> {
        let text = match result.object("message")? {
            Some(message) => message.text("text")?.unwrap_or_default(),
            None => "",
        };
        Ok(match tool {
            Tool::Grype => grype(text).unwrap_or_default(),
            Tool::Trivy => trivy(text),
            Tool::Other => Self::default(),
        })
    }
}

/// `A high vulnerability in deb package: openssl, version 3.0.1 was found in image ...`
fn grype(text: &str) -> Option<Message> {
    let (label, rest) = text.strip_prefix("A ")?.split_once(" vulnerability in ")?;
    let (_, rest) = rest.split_once(" package: ")?;
    let (package, rest) = rest.split_once(", version ")?;
    let (version, _) = rest.split_once(" was found ")?;
    Some(Message {
        package: package.to_owned(),
        version: version.to_owned(),
        fixed_in: None,
        label: Some(label.to_owned()),
    })
}

/// Lines of `Key: value`.
fn trivy(text: &str) -> Message {
    let line = |key: &str| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(key));
        values.next().filter(|value| !value.is_empty())
    };
    let owned = |value: Option<&str>| value.map(ToOwned::to_owned);
    Message {
        package: line("Package: ").unwrap_or_default().to_owned(),
        version: line("Installed Version: ").unwrap_or_default().to_owned(),
        fixed_in: owned(line("Fixed Version: ")),
        label: owned(line("Severity: ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_words_of_grype_and_trivy() {
        let found = grype(
            "A high vulnerability in deb package: libssl3, version 3.0.1-1 was found in image x",
        );
        let found = found.unwrap();
        assert_eq!((found.package.as_str(), found.version.as_str()), ("libssl3", "3.0.1-1"));
        assert_eq!(found.label.as_deref(), Some("high"));
        assert_eq!(grype("something else"), None);

        let found =
            trivy("Package: musl\nInstalled Version: 1.1\nSeverity: CRITICAL\nFixed Version: ");
        assert_eq!((found.package.as_str(), found.version.as_str()), ("musl", "1.1"));
        assert_eq!((found.label.as_deref(), found.fixed_in), (Some("CRITICAL"), None));
    }
}
