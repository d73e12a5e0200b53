//! Markdown: the summary of a job and the comment on a merge request.

mod page;
mod section;

use crate::dossier::Dossier;
use crate::escape::{markdown, markdown_code};
use crate::occasion::Occasion;

use page::Page;

/// The most bytes of a summary. GitHub takes 1 MiB from a step; other tools may add to it.
const SUMMARY_BYTES: usize = 1_000_000;
/// The most bytes of a comment: GitHub takes 65,536 characters, GitLab a million.
const COMMENT_BYTES: usize = 60_000;
/// Where less is left of a summary, it holds the verdict alone.
const LEAST_BYTES: usize = 4_000;
/// The longest name of a file that is told, in bytes.
const LONGEST_NAME: usize = 150;
/// The most findings of a comment, which people read between other comments.
const COMMENT_FINDINGS: usize = 20;

/// The summary of a job: the verdict first, then why, the checks, the findings, the evidence, and
/// what to run next. Below 1 MiB; what is cut is said.
pub(crate) fn summary(dossier: &Dossier<'_>, occasion: &Occasion) -> String {
    let Some(mut page) = page(SUMMARY_BYTES, occasion) else {
        return brief(dossier, occasion);
    };
    page.push(section::verdict(dossier));
    page.push(section::reasons(dossier));
    page.push(section::checks(dossier));
    page.push(section::difference(dossier));
    page.push(section::posture(dossier));
    page.push(section::tags(dossier));
    page.findings(section::findings(dossier.present()), usize::MAX);
    page.after(section::waived(dossier));
    page.after(section::evidence(dossier));
    page.after(section::next(dossier));
    page.after(section::steps(dossier));
    page.after(section::notes(dossier));
    page.finish()
}

/// The same, shorter, for a merge request. Its first line is a comment that names what it is
/// about, so that a bot finds the one that it wrote before.
pub(crate) fn comment(dossier: &Dossier<'_>, occasion: &Occasion) -> String {
    let Some(mut page) = page(COMMENT_BYTES, occasion) else {
        return brief(dossier, occasion);
    };
    let about = dossier.place().unwrap_or_else(|| dossier.command());
    // Two hyphens in a row would end the comment early.
    let about = markdown(about).replace("--", "-&#45;");
    page.push(format!("<!-- boltseal:{}:{about} -->\n", dossier.command()));
    page.push(section::verdict(dossier));
    page.push(section::reasons(dossier));
    page.push(section::checks(dossier));
    page.push(section::difference(dossier));
    page.findings(section::findings(dossier.findings().iter()), COMMENT_FINDINGS);
    page.after(section::notes(dossier));
    page.finish()
}

/// A page of at most `most` bytes, fewer where others have written to the same file; none where
/// hardly anything is left.
fn page(most: usize, occasion: &Occasion) -> Option<Page> {
    let limit = occasion.room.unwrap_or(most).min(most);
    (limit >= LEAST_BYTES).then(|| Page::new(limit, whole(occasion)))
}

/// The verdict as far as it fits. A summary that is too long is not shown at all, with what others
/// wrote to it.
fn brief(dossier: &Dossier<'_>, occasion: &Occasion) -> String {
    let rest = format!("> The summary of this job is full: {}.\n\n", whole(occasion));
    let room = occasion.room.unwrap_or(LEAST_BYTES);
    let texts = [format!("\n\n{}{rest}", section::verdict(dossier)), format!("\n\n{rest}")];
    texts.into_iter().find(|text| text.len() <= room).unwrap_or_default()
}

/// Where everything is that a page has no room for.
fn whole(occasion: &Occasion) -> String {
    match occasion.whole.as_deref().filter(|file| file.len() <= LONGEST_NAME) {
        Some(file) => format!("see {}", markdown_code(file)),
        None => "see a report of the kind `html` or `json`".to_owned(),
    }
}
