//! Markdown: the summary of a job and the comment on a merge request.

mod page;
mod section;

use crate::dossier::Dossier;
use crate::escape::markdown;

use page::Page;

/// The most bytes of a summary. GitHub takes 1 MiB from a step; other tools may add to it.
const SUMMARY_BYTES: usize = 1_000_000;
/// The most bytes of a comment: GitHub takes 65,536 characters, GitLab a million.
const COMMENT_BYTES: usize = 60_000;
/// The most findings of a comment, which people read between other comments.
const COMMENT_FINDINGS: usize = 20;

/// The summary of a job: the verdict first, then why, the checks, the findings, the evidence, and
/// what to run next. Below 1 MiB; what is cut is said.
pub(crate) fn summary(dossier: &Dossier<'_>) -> String {
    let mut page = Page::new(SUMMARY_BYTES);
    page.push(section::verdict(dossier));
    page.push(section::reasons(dossier));
    page.push(section::checks(dossier));
    page.push(section::posture(dossier));
    page.push(section::tags(dossier));
    page.findings(section::findings(dossier), usize::MAX);
    page.after(section::waived(dossier));
    page.after(section::evidence(dossier));
    page.after(section::next(dossier));
    page.after(section::steps(dossier));
    page.after(section::notes(dossier));
    page.finish()
}

/// The same, shorter, for a merge request. Its first line is a comment that names what it is
/// about, so that a bot finds the one that it wrote before.
pub(crate) fn comment(dossier: &Dossier<'_>) -> String {
    let mut page = Page::new(COMMENT_BYTES);
    let about = dossier.place().unwrap_or_else(|| dossier.command());
    // Two hyphens in a row would end the comment early.
    let about = markdown(about).replace("--", "-&#45;");
    page.push(format!("<!-- boltseal:{}:{about} -->\n", dossier.command()));
    page.push(section::verdict(dossier));
    page.push(section::reasons(dossier));
    page.push(section::checks(dossier));
    page.findings(section::findings(dossier), COMMENT_FINDINGS);
    page.after(section::notes(dossier));
    page.finish()
}
