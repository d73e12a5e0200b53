use boltseal_core::Severity;

use crate::case::Case;
use crate::catalogue::{
    ENCRYPTION_AES, ENCRYPTION_MANAGED, EVIDENCE_FIXED, REPOSITORY_MISSING, TAG_EXCLUDED,
    TAG_FIXED, TAG_MUTABLE,
};
use crate::documents::{Answer, Repository};
use crate::finding::Finding;
use crate::mutability::TagFate;
use crate::request::EvidenceTags;
use crate::shown::listed;

/// The tag of a piece of evidence in cosign's older formats.
const EVIDENCE_TAG: &str =
    "sha256-0000000000000000000000000000000000000000000000000000000000000000.sig";

/// Tags and encryption.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = missing(case).into_iter().collect();
    if let Some(repository) = &case.site.repository {
        findings.extend(fixed_tags(case, repository));
        findings.extend(moving_tags(case, repository));
        findings.extend(evidence(case, repository));
        findings.extend(encryption(repository));
    }
    findings
}

fn missing(case: &Case<'_>) -> Option<Finding> {
    let documents = case.documents;
    let of = |refusal: &crate::Refusal| refusal.is_no_repository().then(|| refusal.to_string());
    let said = match (&documents.repositories, &documents.repository_policy) {
        (Answer::None(refusal), _) | (_, Answer::None(refusal)) => of(refusal),
        (Answer::Said(said), _) if said.repositories.is_empty() => {
            Some("describe-repositories lists none".to_owned())
        }
        _ => None,
    }?;
    let name = case.site.shown_name();
    Some(
        Finding::new(&REPOSITORY_MISSING)
            .what(format!("there is no such repository: {said}"))
            .place("registry")
            .cli(case.site.ecr(
                "create-repository",
                "--image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true",
            ))
            .terraform(format!(
                "aws_ecr_repository {{ name = \"{name}\" image_tag_mutability = \"IMMUTABLE\" }}"
            ))
            .refusing(),
    )
}

fn fixed_tags(case: &Case<'_>, repository: &Repository) -> Vec<Finding> {
    let tags = &case.request.tags;
    let fated = |fate: TagFate| -> Vec<&str> {
        let tags = tags.iter().filter(|tag| repository.tag_fate(tag) == Some(fate));
        tags.map(String::as_str).collect()
    };
    let mut findings = Vec::new();
    let mutable = fated(TagFate::Mutable);
    let setting = repository.image_tag_mutability.as_deref().unwrap_or("not said");
    if !mutable.is_empty() {
        let what = format!("tags can be moved ({setting}), {} among them", listed(&mutable));
        findings.push(made_immutable(case, Finding::new(&TAG_MUTABLE).what(what)));
    } else if tags.is_empty() && setting.starts_with("MUTABLE") {
        let what = format!("tags can be moved ({setting})");
        findings.push(made_immutable(case, Finding::new(&TAG_MUTABLE).what(what)));
    }
    let excluded = fated(TagFate::MutableByExclusion);
    let filters = repository.exclusions();
    if !excluded.is_empty() {
        let what = format!(
            "the exclusion filters {} let {} be moved",
            listed(&filters),
            listed(&excluded)
        );
        findings.push(made_immutable(case, Finding::new(&TAG_EXCLUDED).what(what)));
    } else if tags.is_empty() && setting == "IMMUTABLE_WITH_EXCLUSION" {
        let what = format!("the exclusion filters {} let tags be moved", listed(&filters));
        let finding = Finding::new(&TAG_EXCLUDED).what(what).at_severity(Severity::Low);
        findings.push(made_immutable(case, finding));
    }
    findings
}

fn made_immutable(case: &Case<'_>, finding: Finding) -> Finding {
    finding
        .place("repository")
        .cli(case.site.ecr("put-image-tag-mutability", "--image-tag-mutability IMMUTABLE"))
        .terraform("aws_ecr_repository { image_tag_mutability = \"IMMUTABLE\" }")
}

fn moving_tags(case: &Case<'_>, repository: &Repository) -> Option<Finding> {
    let is_fixed = |tag: &&String| repository.tag_fate(tag) == Some(TagFate::Immutable);
    let fixed: Vec<&String> = case.request.moving_tags.iter().filter(is_fixed).collect();
    let first = fixed.first()?;
    Some(
        Finding::new(&TAG_FIXED)
            .what(format!("{} cannot be moved once it is there", listed(&fixed)))
            .place("repository")
            .cli(case.site.ecr(
                "put-image-tag-mutability",
                &format!(
                    "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION \
                     --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter={first}"
                ),
            ))
            .terraform(exclusion(first)),
    )
}

fn exclusion(filter: &str) -> String {
    format!(
        "aws_ecr_repository {{ image_tag_mutability = \"IMMUTABLE_WITH_EXCLUSION\" \
         image_tag_mutability_exclusion_filter {{ filter = \"{filter}\" filter_type = \
         \"WILDCARD\" }} }}"
    )
}

fn evidence(case: &Case<'_>, repository: &Repository) -> Option<Finding> {
    if repository.tag_fate(EVIDENCE_TAG) != Some(TagFate::Immutable) {
        return None;
    }
    let severity = match case.request.evidence {
        EvidenceTags::Written => Severity::High,
        EvidenceTags::Unused => Severity::Informational,
    };
    Some(
        Finding::new(&EVIDENCE_FIXED)
            .at_severity(severity)
            .what("tags such as sha256-DIGEST.sig cannot be written a second time")
            .place("repository")
            .cli(case.site.ecr(
                "put-image-tag-mutability",
                "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION \
                 --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter='sha256-*'",
            ))
            .terraform(exclusion("sha256-*")),
    )
}

fn encryption(repository: &Repository) -> Option<Finding> {
    let configuration = repository.encryption_configuration.as_ref()?;
    let is_own = configuration.kms_key.as_deref().is_some_and(|it| !it.ends_with("alias/aws/ecr"));
    let rule = match configuration.encryption_type.as_str() {
        "AES256" => &ENCRYPTION_AES,
        _ if is_own => return None,
        _ => &ENCRYPTION_MANAGED,
    };
    Some(
        Finding::new(rule)
            .what(format!("encryption is {}", configuration.encryption_type))
            .place("repository")
            .cli(
                "encryption is fixed at creation: aws ecr create-repository --repository-name NEW \
                 --encryption-configuration encryptionType=KMS,kmsKey=KEY_ARN",
            )
            .terraform(
                "aws_ecr_repository { encryption_configuration { encryption_type = \"KMS\" \
                 kms_key = aws_kms_key.images.arn } } (makes a new repository)",
            ),
    )
}
