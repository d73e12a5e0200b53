//! Documents that posture is judged by, on this machine: a folder of what the AWS CLI printed, or
//! a plan of Terraform.

use std::fs;
use std::path::Path;

use boltseal_core::{Exit, Reason};
use boltseal_pipeline::Failure;
use boltseal_posture::{Call, Documents, MAX_DOCUMENT_BYTES, MAX_PLAN_BYTES, Plan, Saved};

use crate::file;

/// How many files a folder of documents may have.
const MOST_FILES: usize = 1_000;

/// The documents of a folder.
pub(crate) fn saved(folder: &Path) -> Result<Documents, Failure> {
    let names = names(folder).map_err(|found| Failure::from(unreadable(folder, found)))?;
    let mut contents = Vec::new();
    for name in names {
        // What is no answer is listed, and not read.
        let known = Call::of_file(&name).is_some();
        let path = folder.join(&name);
        let bytes = if known {
            file::read(&path, MAX_DOCUMENT_BYTES as u64)
                .map_err(|error| Failure::from(unreadable(&path, error.to_string())))?
                .to_vec()
        } else {
            Vec::new()
        };
        contents.push((name, bytes));
    }
    let saved = contents.iter().map(|(name, bytes)| Saved::file(name, bytes));
    let documents = Documents::read(saved).map_err(|errors| {
        let of = |error: boltseal_posture::DocumentError| {
            let path = folder.join(&error.file).display().to_string();
            Reason::from(error).place(path)
        };
        Failure::of(errors.into_iter().map(of).collect())
    })?;
    if documents.is_empty() {
        return Err(empty(folder).into());
    }
    Ok(documents)
}

/// The names of the files in a folder, in their order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || entry.path().is_dir() {
            continue;
        }
        // A name that is no UTF-8 is of no call.
        names.push(entry.file_name().to_string_lossy().into_owned());
        if names.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        }
    }
    names.sort();
    Ok(names)
}

/// The documents that a plan amounts to.
pub(crate) fn planned(path: &Path, repository: Option<&str>) -> Result<Documents, Failure> {
    let bytes = file::read(path, MAX_PLAN_BYTES as u64)
        .map_err(|error| Failure::from(unreadable(path, error.to_string())))?;
    let plan = Plan::parse(&path.display().to_string(), &bytes).map_err(Reason::from)?;
    plan.documents(repository).map_err(|errors| {
        let reasons = errors.into_iter().map(Reason::from);
        let of = |reason: Reason| {
            let place = format!("{}: {}", path.display(), reason.place);
            reason.place(place)
        };
        Failure::of(reasons.map(of).collect())
    })
}

fn unreadable(path: &Path, found: String) -> Reason {
    Reason::new(Exit::Invalid, "documents-unreadable")
        .expected("documents that can be read")
        .found(found)
        .place(path.display().to_string())
        .fix("name the folder or the plan, and look at its permissions")
}

fn empty(folder: &Path) -> Reason {
    Reason::new(Exit::Invalid, "documents-empty")
        .expected("at least one file named after a subcommand of the AWS CLI")
        .found("none")
        .place(folder.display().to_string())
        .fix("aws ecr get-repository-policy --repository-name NAME > get-repository-policy.json 2>&1")
}
