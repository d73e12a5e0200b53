//! Whether every blob of an archive is what its name says.

use std::io::{self, Read as _};

use boltseal_core::{Digest, Hasher};
use boltseal_ports::RegistryError;

use super::tar_file::TarFile;
use crate::layout::files::Files as _;
use crate::layout::trouble;

const PIECE: usize = 256 * 1024;
const BLOBS: &str = "blobs/";

/// Hashes every member under `blobs/`, whether or not anything names it; answers what is wrong.
pub(super) fn check(file: &TarFile) -> Vec<RegistryError> {
    let mut names: Vec<&str> = file.names().filter(|name| name.starts_with(BLOBS)).collect();
    names.sort_unstable();
    names.into_iter().filter_map(|name| check_blob(file, name).err()).collect()
}

fn check_blob(file: &TarFile, name: &str) -> Result<(), RegistryError> {
    let place = file.place(name);
    let digest = named_digest(name).ok_or_else(|| {
        trouble::contradiction(&place, "a blob that is named blobs/ALGORITHM/HEX", name)
    })?;
    let Some(opened) = file.open(name)? else { return Ok(()) };
    let mut hasher = Hasher::new(digest.algorithm());
    let mut reader = opened.reader;
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(trouble::unreachable(&place, &error)),
        }
    }
    trouble::check_digest(&place, &digest, &hasher.finish())
}

fn named_digest(name: &str) -> Option<Digest> {
    let (algorithm, hex) = name.strip_prefix(BLOBS)?.split_once('/')?;
    format!("{algorithm}:{hex}").parse().ok()
}
