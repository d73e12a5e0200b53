//! Subjects to try on a trust policy: the one that is meant, and its neighbours.

use super::Issuer;
use super::github::Subject;
use super::statement::TrustStatement;

/// A subject, and what it is.
pub(super) type Made = (&'static str, String);

/// Subjects that differ from what the statement means in one thing each.
pub(super) fn made(statement: &TrustStatement<'_>) -> Vec<Made> {
    let values = statement.on("sub").into_iter().flat_map(|it| it.test.values.iter());
    let values: Vec<&str> = values.map(String::as_str).collect();
    match &statement.issuer {
        Issuer::GitHub(_) => github(&values),
        Issuer::GitLab(_) => gitlab(&values),
        _ => Vec::new(),
    }
}

fn plain(text: &str) -> String {
    text.split('@').next().unwrap_or_default().replace(['*', '?'], "")
}

fn or(text: String, other: &str) -> String {
    if text.is_empty() { other.to_owned() } else { text }
}

fn github(values: &[&str]) -> Vec<Made> {
    let subject = values.iter().find_map(|it| Subject::parse(it));
    let owner = or(subject.map(|it| plain(it.owner)).unwrap_or_default(), "owner");
    let repository = or(subject.and_then(|it| it.repository).map(plain).unwrap_or_default(), "app");
    let main = "ref:refs/heads/main";
    let mut all = Vec::new();
    let path = format!("repo:{owner}/{repository}");
    for (kind, context) in [
        ("the main branch", main),
        ("another branch", "ref:refs/heads/feature"),
        ("a tag", "ref:refs/tags/v1.0.0"),
        ("a pull request", "pull_request"),
        ("an environment", "environment:release"),
    ] {
        all.push((kind, format!("{path}:{context}")));
    }
    for (kind, owner, repository) in [
        ("another repository of the owner", owner.clone(), "boltseal-other".to_owned()),
        ("a repository with the same beginning", owner.clone(), format!("{repository}-evil")),
        ("an owner with the same beginning", format!("{owner}-evil"), repository.clone()),
        ("another owner", "boltseal-stranger".to_owned(), repository.clone()),
        ("the same names with ids", format!("{owner}@1"), format!("{repository}@2")),
    ] {
        all.push((kind, format!("repo:{owner}/{repository}:{main}")));
    }
    all.extend(
        values
            .iter()
            .filter(|it| !it.contains(['*', '?']))
            .map(|it| ("as it is written", (*it).to_owned())),
    );
    all
}

fn gitlab(values: &[&str]) -> Vec<Made> {
    let project = values.iter().find_map(|it| {
        let (_, rest) = it.split_once("project_path:")?;
        Some(rest.split(':').next().unwrap_or_default().replace(['*', '?'], ""))
    });
    let project = or(project.unwrap_or_default(), "group/app");
    let (group, name) = project.split_once('/').unwrap_or((&project, "app"));
    let name = or(name.to_owned(), "app");
    let subject = |path: String, kind: &str, reference: &str| {
        format!("project_path:{path}:ref_type:{kind}:ref:{reference}")
    };
    let own = || format!("{group}/{name}");
    vec![
        ("the main branch", subject(own(), "branch", "main")),
        ("another branch", subject(own(), "branch", "feature")),
        ("a tag", subject(own(), "tag", "v1.0.0")),
        ("another project of the group", subject(format!("{group}/other"), "branch", "main")),
        (
            "a group with the same beginning",
            subject(format!("{group}-evil/{name}"), "branch", "main"),
        ),
        ("another group", subject(format!("boltseal-stranger/{name}"), "branch", "main")),
    ]
}
