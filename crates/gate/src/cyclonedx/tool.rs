use crate::node::Node;
use crate::{ReportProblem, ScannerFacts};

type Read<T> = Result<T, ReportProblem>;

/// Words in the names of tools that scan, as opposed to those that only made the list.
const SCANNERS: [&str; 5] = ["inspector scan", "grype", "trivy", "scout", "dependency-track"];

/// The scanner in `metadata.tools`: a list until CycloneDX 1.4, an object of components and
/// services since 1.5. Of several tools it is the one known to scan, else the first.
pub(super) fn scanner(metadata: &Node<'_>) -> Read<ScannerFacts> {
    let Some(tools) = metadata.member("tools") else {
        return Ok(ScannerFacts::default());
    };
    let tools = if tools.items().is_some() {
        metadata.rows("tools")?
    } else {
        let mut tools_found = tools.rows("services")?;
        tools_found.extend(tools.rows("components")?);
        tools_found
    };
    let mut facts = Vec::new();
    for tool in &tools {
        facts.push(ScannerFacts {
            name: tool.text_or_empty("name")?,
            version: tool.text("version")?.map(ToOwned::to_owned),
            database: None,
        });
    }
    let scans = |facts: &ScannerFacts| {
        let name = facts.name.to_ascii_lowercase();
        SCANNERS.iter().any(|word| name.contains(word))
    };
    let chosen = facts.iter().position(scans).unwrap_or(0);
    Ok(facts.into_iter().nth(chosen).unwrap_or_default())
}
