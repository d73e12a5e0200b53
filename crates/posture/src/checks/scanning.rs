use crate::case::Case;
use crate::catalogue::{SCAN_BASIC, SCAN_OFF};
use crate::documents::{ScanRule, ScanningConfiguration};
use crate::finding::Finding;

/// Whether ECR scans what is pushed.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let Some(name) = case.site.name.as_deref() else { return Vec::new() };
    let on_push = case
        .site
        .repository
        .as_ref()
        .map(|it| it.image_scanning_configuration.as_ref().is_some_and(|it| it.scan_on_push));
    match (case.documents.scanning.said(), on_push) {
        (Some(registry), on_push) => by_registry(case, registry, name, on_push),
        (None, Some(false)) if !case.documents.scanning.is_asked() => vec![off(
            case,
            "scanOnPush is false, and whether a rule of the registry covers it was not looked at",
        )],
        (None, Some(false)) => vec![off(case, "scanOnPush is false")],
        _ => Vec::new(),
    }
}

fn by_registry(
    case: &Case<'_>,
    registry: &ScanningConfiguration,
    name: &str,
    on_push: Option<bool>,
) -> Vec<Finding> {
    let configuration = &registry.scanning_configuration;
    let covers = |rule: &ScanRule| {
        rule.scan_frequency != "MANUAL" && rule.repository_filters.iter().any(|it| it.takes(name))
    };
    let is_covered = configuration.rules.iter().any(covers);
    // Under enhanced scanning the repository's own setting has no say.
    let is_enhanced = configuration.scan_type == "ENHANCED";
    if is_covered || (!is_enhanced && on_push == Some(true)) {
        return if is_enhanced { Vec::new() } else { vec![basic(case)] };
    }
    let kind = if is_enhanced { "enhanced" } else { "basic" };
    let what = format!("no rule of the registry's {kind} scanning covers {name} on push");
    vec![off(case, &what)]
}

fn off(case: &Case<'_>, what: &str) -> Finding {
    Finding::new(&SCAN_OFF)
        .what(what)
        .place("repository and registry scanning configuration")
        .cli(case.site.registry(
            "put-registry-scanning-configuration",
            &format!(
                "--scan-type BASIC --rules '[{{\"scanFrequency\":\"SCAN_ON_PUSH\",\
                 \"repositoryFilters\":[{{\"filter\":\"{}\",\"filterType\":\"WILDCARD\"}}]}}]'",
                case.site.shown_name()
            ),
        ))
        .terraform("aws_ecr_repository { image_scanning_configuration { scan_on_push = true } }")
}

fn basic(case: &Case<'_>) -> Finding {
    Finding::new(&SCAN_BASIC)
        .what("scanning is basic")
        .place("registry scanning configuration")
        .cli(case.site.registry(
            "put-registry-scanning-configuration",
            "--scan-type ENHANCED --rules '[{\"scanFrequency\":\"CONTINUOUS_SCAN\",\
             \"repositoryFilters\":[{\"filter\":\"*\",\"filterType\":\"WILDCARD\"}]}]'",
        ))
        .terraform("aws_ecr_registry_scanning_configuration { scan_type = \"ENHANCED\" }")
}
