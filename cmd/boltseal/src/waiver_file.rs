use std::path::Path;

use boltseal_core::{Exit, Reason};
use boltseal_gate::{MAX_WAIVER_BYTES, Waivers};

use crate::file;

/// Reads the waivers, where a file is named.
pub(crate) fn read(path: Option<&Path>) -> Result<Waivers, Reason> {
    path.map_or_else(|| Ok(Waivers::none()), read_file)
}

fn read_file(path: &Path) -> Result<Waivers, Reason> {
    let name = path.display().to_string();
    let unreadable = |found: String| {
        Reason::new(Exit::Invalid, "waivers-unreadable")
            .expected("a TOML file of waivers")
            .found(found)
            .place(name.clone())
            .fix("name the file of waivers, or leave --waivers out")
    };
    let bytes =
        file::read(path, MAX_WAIVER_BYTES as u64).map_err(|error| unreadable(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(error.to_string()))?;
    Ok(Waivers::parse(&name, text)?)
}
