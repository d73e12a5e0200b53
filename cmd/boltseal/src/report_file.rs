use std::path::{Path, PathBuf};

use boltseal_core::{Exit, Reason};
use boltseal_gate::{MAX_REPORT_BYTES, Report};

use crate::file;

/// Reads scanner reports: those that can be judged, and why the others cannot.
pub(crate) fn read(paths: &[PathBuf]) -> (Vec<Report>, Vec<Reason>) {
    let (mut reports, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        match read_one(path) {
            Ok(report) => reports.push(report),
            Err(reason) => unreadable.push(reason),
        }
    }
    (reports, unreadable)
}

fn read_one(path: &Path) -> Result<Report, Reason> {
    let name = path.display().to_string();
    let bytes = file::read(path, MAX_REPORT_BYTES as u64).map_err(|error| {
        Reason::new(Exit::Invalid, "report-unreadable")
            .expected("a scanner's report that can be read")
            .found(error.to_string())
            .place(name.clone())
            .fix("name the report's file; look at whether the scanner wrote it")
    })?;
    Ok(Report::parse(&name, &bytes)?)
}
