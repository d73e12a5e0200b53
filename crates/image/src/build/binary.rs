//! An image of one executable.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use boltseal_core::{Descriptor, Platform};

use super::build_error::{BuildError, BuildFault, io_at};
use super::config::{self, Made};
use super::elf;
use super::layer::LayerWriter;
use super::node::{Archive, whole};
use super::options::BuildOptions;
use super::output::Output;

/// Makes an image of one layer with `file` in it, as `/NAME` and executable by everybody, which
/// the image starts. NAME is the file's own name; nothing else is in the image, so the file
/// should be linked statically (see [`interpreter`](super::interpreter)).
///
/// # Errors
/// [`BuildFault::NoPlatform`] where the file is no ELF executable and no platform is given,
/// [`BuildFault::WrongPlatform`] where it is one for another architecture than the one given;
/// those of names, files and the output's directory.
pub fn binary(file: &Path, options: &BuildOptions) -> Result<Descriptor, BuildError> {
    let name = name_of(file)?;
    let platform = platform_of(file, options.platform.as_ref())?;
    let output = Output::create(&options.dir)?;
    let mut archive = Archive::new(LayerWriter::new(&output)?);
    let (source, size) = whole(file)?;
    archive.append_file(Path::new(name), 0o755, size, source).map_err(|error| error.at(file))?;
    let layer = archive.finish().map_err(io_at(output.root()))?.finish(&output)?;
    let made = Made {
        platform: &platform,
        entrypoint: Some(&format!("/{name}")),
        by: &format!("boltseal --binary {name}"),
    };
    config::finish(&output, &layer, &made)
}

fn name_of(file: &Path) -> Result<&str, BuildError> {
    let name = file.file_name().and_then(|it| it.to_str());
    let fit = name.filter(|it| !it.contains(|c: char| c.is_control()) && !it.starts_with(".wh."));
    let expected = "a file name of printable UTF-8 that does not begin with .wh.";
    fit.ok_or_else(|| BuildFault::UnfitName(expected).at(file))
}

/// The platform given, which the file must not contradict, or the file's own.
fn platform_of(file: &Path, given: Option<&Platform>) -> Result<Platform, BuildError> {
    let mut start = Vec::new();
    let opened = File::open(file).map_err(io_at(file))?;
    let header = elf::HEADER_BYTES as u64;
    opened.take(header).read_to_end(&mut start).map_err(io_at(file))?;
    match (given, elf::platform(&start)) {
        (None, own) => own.map_err(|found| BuildFault::NoPlatform(found).at(file)),
        (Some(given), Ok(own)) if own.architecture != given.architecture => {
            let (expected, found) = (Box::new(given.clone()), Box::new(own));
            Err(BuildFault::WrongPlatform { expected, found }.at(file))
        }
        (Some(given), _) => Ok(given.clone()),
    }
}
