//! What an evidence file holds beside its evidence.

use boltseal_core::{Exit, Reason};
use boltseal_oci::archive::Archive;
use boltseal_pipeline::{Failure, KEYS_MEMBER, POLICY_MEMBER, VSA_MEMBER};
use boltseal_ports::Registry as _;
use boltseal_verify::{Companion, Companions};

const MAX_POLICY_BYTES: u64 = 4 << 20;
const MAX_KEY_BYTES: u64 = 64 << 10;
const MAX_KEYS: usize = 1000;

/// Reads it, once every blob of the file is what its name says.
pub(super) fn read(archive: &Archive) -> Result<Companions, Failure> {
    let wrong: Vec<Reason> = archive.check_blobs().into_iter().map(Reason::from).collect();
    if !wrong.is_empty() {
        return Err(Failure::of(wrong));
    }
    let mut names: Vec<&str> = archive.names().filter(|it| it.starts_with(KEYS_MEMBER)).collect();
    names.sort_unstable();
    if names.len() > MAX_KEYS {
        return Err(too_many_keys(archive, names.len()).into());
    }
    let keys = names.into_iter().map(|name| member(archive, name, MAX_KEY_BYTES));
    Ok(Companions {
        policy: member(archive, POLICY_MEMBER, MAX_POLICY_BYTES)?,
        summary: member(archive, VSA_MEMBER, boltseal_crypto::MAX_BUNDLE_BYTES as u64)?,
        keys: keys.filter_map(Result::transpose).collect::<Result<_, _>>()?,
    })
}

fn member(archive: &Archive, name: &str, limit: u64) -> Result<Option<Companion>, Failure> {
    let place = format!("{}:{name}", archive.location());
    let bytes = archive.member(name, limit)?;
    Ok(bytes.map(|bytes| Companion { place, bytes: bytes.to_vec() }))
}

fn too_many_keys(archive: &Archive, found: usize) -> Reason {
    Reason::new(Exit::Contradiction, "content-malformed")
        .expected(format!("at most {MAX_KEYS} keys in an evidence file"))
        .found(found.to_string())
        .place(archive.location().to_string())
        .fix("get the evidence file again from an intact place")
}
