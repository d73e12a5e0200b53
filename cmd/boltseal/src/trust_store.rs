//! Notation's trust policy and trust stores, as files.

use std::fs;
use std::path::Path;

use boltseal_core::{Exit, Reason};
use boltseal_crypto::notation::{Certificate, NoStatement, StoreName, TrustPolicy, TrustStores};

use crate::file;

const MAX_POLICY_BYTES: u64 = 1 << 20;
const MAX_CERTIFICATE_BYTES: u64 = 4 << 20;
/// More files than anybody's store has.
const MAX_FILES: usize = 1000;

/// Reads a trustpolicy.json.
pub(crate) fn policy(path: &Path) -> Result<TrustPolicy, Reason> {
    let bytes = file::read(path, MAX_POLICY_BYTES)
        .map_err(|error| invalid_policy(path, error.to_string()))?;
    TrustPolicy::parse(&bytes).map_err(|error| invalid_policy(path, error.to_string()))
}

fn invalid_policy(path: &Path, found: String) -> Reason {
    Reason::new(Exit::Invalid, "trust-policy-invalid")
        .expected("a trustpolicy.json of notation, version 1.0")
        .found(found)
        .place(path.display().to_string())
        .fix("correct the policy; notation policy show prints the one that notation uses")
}

/// A policy that says nothing about the repository.
pub(crate) fn silent(path: &Path, silent: &NoStatement) -> Reason {
    Reason::new(Exit::Invalid, "trust-policy-silent")
        .expected("a trust policy that says what counts here")
        .found(silent.to_string())
        .place(path.display().to_string())
        .fix("add the repository to the registryScopes of a statement")
}

/// A policy whose level is `skip`, which proves nothing.
pub(crate) fn skipped(path: &Path, repository: &str) -> Reason {
    Reason::new(Exit::Invalid, "trust-policy-skips")
        .expected(format!("a trust policy that has signatures of {repository} checked"))
        .found("the level skip, under which nothing is checked and nothing proven")
        .place(path.display().to_string())
        .fix("give it another level, or leave --trust-policy out")
}

/// Reads the stores that a statement names from notation's folder.
///
/// # Errors
/// As notation does it refuses a store that is not there or empty, links, folders in it, and
/// certificates that do not belong there.
pub(crate) fn read(folder: &Path, names: &[StoreName]) -> Result<TrustStores, Reason> {
    let mut stores = TrustStores::new();
    for name in names {
        let place = folder.join("x509").join(name.kind().name()).join(name.name());
        let certificates = certificates(&place)?;
        stores.add(name, certificates).map_err(|error| invalid_store(&place, error.to_string()))?;
    }
    Ok(stores)
}

fn certificates(place: &Path) -> Result<Vec<Certificate>, Reason> {
    let refuse = |found: String| invalid_store(place, found);
    let is_folder = place.symlink_metadata().map_err(|error| refuse(error.to_string()))?.is_dir();
    if !is_folder {
        return Err(refuse("no folder, or a link to one".to_owned()));
    }
    let entries = fs::read_dir(place).map_err(|error| refuse(error.to_string()))?;
    let mut certificates = Vec::new();
    for (at, entry) in entries.enumerate() {
        if at == MAX_FILES {
            return Err(refuse(format!("more than {MAX_FILES} files")));
        }
        let entry = entry.map_err(|error| refuse(error.to_string()))?;
        let named = |found: String| refuse(format!("{}: {found}", entry.path().display()));
        if !entry.file_type().is_ok_and(|it| it.is_file()) {
            return Err(named("no regular file".to_owned()));
        }
        let bytes = file::read(&entry.path(), MAX_CERTIFICATE_BYTES)
            .map_err(|error| named(error.to_string()))?;
        let read = Certificate::all_from(&bytes).map_err(|error| named(error.to_string()))?;
        certificates.extend(read);
    }
    Ok(certificates)
}

fn invalid_store(place: &Path, found: String) -> Reason {
    Reason::new(Exit::Invalid, "trust-store-invalid")
        .expected("a trust store of notation: a folder of certificates")
        .found(found)
        .place(place.display().to_string())
        .fix("name the folder that holds x509 with --trust-store, and put the certificates there")
}
