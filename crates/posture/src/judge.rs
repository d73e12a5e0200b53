use boltseal_core::{Exit, Reason, Severity, sort_reasons};

use crate::case::Case;
use crate::checks;
use crate::documents::{Answer, Documents};
use crate::finding::Finding;
use crate::request::Request;
use crate::shown::shown;
use crate::site::Unclear;
use crate::trust;
use crate::verdict::{Outcome, Posture};

/// Judges a repository by what is known.
///
/// It passes where no finding refuses: every principal that is granted the right to push is on the
/// allow-list, nobody unknown may pull, and no finding is as bad as [`Request::refuse_at`]. Without
/// the repository's policy it is undetermined, for then nobody can say who may push.
///
/// # Errors
/// The reason why it cannot be said which repository is meant.
pub fn judge(documents: &Documents, request: &Request) -> Result<Posture, Reason> {
    let case = Case::new(documents, request).map_err(|unclear| unclear_reason(&unclear))?;
    let mut findings = checks::all(&case);
    for finding in &mut findings {
        finding.refuses |= is_as_bad(finding.severity, request.refuse_at);
    }
    findings.sort_by_key(|it| (it.severity, !it.refuses));
    let mut reasons: Vec<Reason> = unseen(&case).into_iter().collect();
    reasons.extend(findings.iter().filter(|it| it.refuses).map(refusal));
    let exit = if reasons.is_empty() { Exit::Proof } else { sort_reasons(&mut reasons) };
    Ok(Posture {
        subject: case.site.reference(),
        outcome: match exit {
            Exit::Proof => Outcome::Passed,
            Exit::Undetermined => Outcome::Undetermined,
            _ => Outcome::Refused,
        },
        findings,
        trust: trust::report(&case),
        lifecycle: checks::expiries(&case),
        documents: documents.read.clone(),
        not_looked_at: documents.not_looked_at(),
        reasons,
        rights: case.rights,
    })
}

fn is_as_bad(severity: Severity, limit: Severity) -> bool {
    severity != Severity::Unknown && severity <= limit
}

fn refusal(finding: &Finding) -> Reason {
    Reason::new(Exit::Gate, finding.id)
        .expected(expected(finding.id))
        .found(finding.what.clone())
        .place(finding.place.clone())
        .fix(finding.fix.cli.clone())
}

fn expected(id: &str) -> &'static str {
    match id {
        _ if id.starts_with("push-") => "nobody to push but those of --allow-push",
        "pull-public" => "a repository that only named principals pull from",
        "repository-missing" => "a repository to push to",
        _ if id.starts_with("trust-") => "a role that only the release's own jobs can take",
        _ => "no finding that refuses",
    }
}

/// Who may push hangs on the repository's policy.
fn unseen(case: &Case<'_>) -> Option<Reason> {
    let reason = Reason::new(Exit::Undetermined, "posture-unknown")
        .expected("the repository's policy, or the answer that there is none");
    let fix = case.site.ecr("get-repository-policy", "> get-repository-policy.json");
    match &case.documents.repository_policy {
        Answer::Said(_) | Answer::None(_) => None,
        Answer::NotAsked => {
            Some(reason.found("it was not looked at").place("get-repository-policy").fix(fix))
        }
        Answer::Denied(refusal) => Some(
            reason
                .found(refusal.to_string())
                .place("get-repository-policy")
                .fix("allow ecr:GetRepositoryPolicy to the role that judges posture"),
        ),
        Answer::Failed(refusal) => {
            Some(reason.found(refusal.to_string()).place("get-repository-policy").fix(fix))
        }
    }
}

fn unclear_reason(unclear: &Unclear) -> Reason {
    match unclear {
        Unclear::Several(names) => Reason::new(Exit::Usage, "repository-ambiguous")
            .expected("one repository")
            .found(shown(&names.join(", ")))
            .place("describe-repositories")
            .fix("name it with --repository"),
        Unclear::Other(name) => Reason::new(Exit::Invalid, "repository-other")
            .expected("documents about one and the same repository")
            .found(shown(name))
            .place("documents")
            .fix(
                "save the documents of the repository that is meant, or name it with --repository",
            ),
    }
}
