use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use boltseal_core::{Exit, Reason};
use boltseal_ports::Clock as _;
use boltseal_report::{Document, Occasion, ReportKind};
use jiff::Timestamp;

use crate::argument::ReportTarget;
use crate::system_clock::SystemClock;

/// The most bytes of the summary of a GitHub step: a longer one is not shown at all.
const SUMMARY_BYTES: u64 = 1 << 20;

/// The files of `--report`, opened before any work is done, so that a path that cannot be written
/// is found out first. They are written at every exit but 2 and 130, at which they are removed.
pub(crate) struct ReportOutputs {
    started: Timestamp,
    files: Vec<Opened>,
}

struct Opened {
    kind: ReportKind,
    path: PathBuf,
    file: File,
    content: Content,
}

/// What becomes of what is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// It is ours alone: emptied at the start.
    Ours,
    /// A device, or a file that a CI runner gave to the whole step: written at its end.
    Shared,
}

impl ReportOutputs {
    /// Opens every file of `targets` for `command`, and says why others cannot be: usage where the
    /// request is wrong in itself, otherwise an invalid path.
    pub(crate) fn open(targets: &[ReportTarget], command: &str) -> (Self, Vec<Reason>) {
        let mut outputs = Self { started: SystemClock.now(), files: Vec::new() };
        let mut reasons = wrong(targets, command);
        if reasons.is_empty() {
            for ReportTarget { kind, path } in targets {
                match open(path) {
                    Ok((file, content)) => {
                        let path = path.clone();
                        outputs.files.push(Opened { kind: *kind, path, file, content });
                    }
                    Err(error) => reasons.push(unwritable(*kind, path, &error)),
                }
            }
        }
        (outputs, reasons)
    }

    /// Writes all reports of `document`, and says which could not be.
    pub(crate) fn write(&self, document: &dyn Document) -> Vec<Reason> {
        let occasion = self.occasion();
        let mut reasons = Vec::new();
        for opened in &self.files {
            let occasion = Occasion { room: opened.room(), ..occasion.clone() };
            let text = opened.kind.render(document, &occasion);
            let mut file = &opened.file;
            if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.flush()) {
                reasons.push(unwritten(opened.kind, &opened.path, &error));
            }
        }
        reasons
    }

    /// Removes the files: there is no result that they could be about.
    pub(crate) fn abandon(&self) {
        for opened in self.files.iter().filter(|it| it.content == Content::Ours) {
            // What cannot be removed is empty, and says nothing wrong.
            let _ = fs::remove_file(&opened.path);
        }
    }

    fn occasion(&self) -> Occasion {
        let html = self.files.iter().find(|it| it.kind == ReportKind::Html);
        let html = html.and_then(|it| in_project(&it.path));
        let whole = self.whole().map(|it| it.path.display().to_string());
        let at = Occasion::at(self.started, SystemClock.now());
        Occasion { job_url: job_url(), html, whole, ..at }
    }

    /// The report that people look at for what others have no room for.
    fn whole(&self) -> Option<&Opened> {
        let of = |kind| self.files.iter().find(|it| it.kind == kind);
        of(ReportKind::Html).or_else(|| of(ReportKind::Json))
    }
}

impl Opened {
    /// How many bytes the summary of a GitHub step still takes, for the whole of which there is one
    /// limit, whoever writes to it.
    fn room(&self) -> Option<usize> {
        let is_summary = matches!(self.kind, ReportKind::Comment | ReportKind::Markdown);
        let known = self.file.metadata().ok().filter(|it| is_summary && it.is_file())?;
        let left = SUMMARY_BYTES.saturating_sub(known.len().saturating_add(1));
        (self.content == Content::Shared).then(|| usize::try_from(left).unwrap_or(usize::MAX))
    }
}

/// What is wrong with a request, whatever the files are.
fn wrong(targets: &[ReportTarget], command: &str) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut paths = BTreeSet::new();
    for ReportTarget { kind, path } in targets {
        if !kind.is_for(command) {
            let fits = ReportKind::ALL.into_iter().filter(|it| it.is_for(command));
            let fits = fits.map(ReportKind::name).collect::<Vec<_>>().join(", ");
            reasons.push(
                Reason::new(Exit::Usage, "report-kind-unsuitable")
                    .expected(format!("a report that {command} knows enough for: {fits}"))
                    .found(format!("{kind}, which would read as if nothing had been found"))
                    .place("--report")
                    .fix("name another kind, or take it from the command that looks at it"),
            );
        }
        if !paths.insert(path) {
            reasons.push(
                Reason::new(Exit::Usage, "report-path-taken")
                    .expected("a file for each report")
                    .found(format!("{} for two", path.display()))
                    .place("--report")
                    .fix("name another file for one of them"),
            );
        }
    }
    reasons
}

fn open(path: &Path) -> io::Result<(File, Content)> {
    let content = if is_shared(path) { Content::Shared } else { Content::Ours };
    let mut options = OpenOptions::new();
    let options = match content {
        Content::Ours => options.write(true).create(true).truncate(true),
        Content::Shared => options.append(true).create(true),
    };
    Ok((options.open(path)?, content))
}

/// Whether others write to the file as well.
fn is_shared(path: &Path) -> bool {
    let given = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];
    let is_given =
        given.iter().any(|name| env::var_os(name).is_some_and(|it| path == Path::new(&it)));
    let is_device = fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir());
    // Standard error may be a file that holds the whole log.
    is_given || is_device || path.starts_with("/dev") || path.starts_with("/proc")
}

fn unwritable(kind: ReportKind, path: &Path, error: &io::Error) -> Reason {
    Reason::new(Exit::Invalid, "report-unwritable")
        .expected(format!("a file for the {kind} report that can be written"))
        .found(error.to_string())
        .place(path.display().to_string())
        .fix("make its folder, or name another file with --report")
}

fn unwritten(kind: ReportKind, path: &Path, error: &io::Error) -> Reason {
    Reason::new(Exit::Undetermined, "report-unwritten")
        .expected(format!("the {kind} report to be written"))
        .found(error.to_string())
        .place(path.display().to_string())
        .fix("make room and run it again; what was done is found done")
}

/// The page of a GitLab job.
fn job_url() -> Option<String> {
    let url = env::var("CI_JOB_URL").ok()?;
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = url.chars().all(|c| c.is_ascii_graphic());
    (is_url && is_plain && url.len() <= 2_000).then_some(url)
}

/// The path of a file as artifacts name it: relative to the job's folder.
fn in_project(path: &Path) -> Option<String> {
    let path = if path.is_absolute() {
        path.strip_prefix(env::var_os("CI_PROJECT_DIR")?).ok()?
    } else {
        path
    };
    path.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> ReportTarget {
        text.parse().unwrap()
    }

    #[test]
    fn devices_and_files_of_others_are_not_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report");
        fs::write(&file, "old").unwrap();
        assert!(is_shared(Path::new("/dev/stderr")) && !is_shared(&file));
        assert_eq!(open(&file).unwrap().1, Content::Ours);
        assert_eq!(fs::read(&file).unwrap(), b"");
        assert!(open(folder.path()).is_err());
    }

    #[test]
    fn what_would_read_as_clean_is_refused() {
        let codes = |targets: &[&str], command: &str| {
            let targets: Vec<ReportTarget> = targets.iter().map(|it| target(it)).collect();
            let (_, reasons) = ReportOutputs::open(&targets, command);
            reasons.into_iter().map(|reason| (reason.exit, reason.code)).collect::<Vec<_>>()
        };
        let unsuitable = [(Exit::Usage, "report-kind-unsuitable")];
        assert_eq!(codes(&["gitlab-cyclonedx=x"], "gate"), unsuitable);
        assert_eq!(codes(&["gitlab-container-scanning=x"], "verify"), unsuitable);
        assert_eq!(codes(&["html=x", "text=x"], "gate"), [(Exit::Usage, "report-path-taken")]);
        assert_eq!(codes(&["html=/absent/x"], "gate"), [(Exit::Invalid, "report-unwritable")]);
    }
}
