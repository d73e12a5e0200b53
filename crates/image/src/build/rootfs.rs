//! An image of a directory.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use boltseal_core::{Descriptor, Platform};

use super::build_error::{BuildError, BuildFault, io_at};
use super::config::{self, Made};
use super::elf;
use super::layer::LayerWriter;
use super::node::{Archive, mode, whole};
use super::options::BuildOptions;
use super::output::Output;

/// How much is read from a disk at once.
const READ_SIZE: usize = 256 * 1024;

/// Makes an image of one layer with everything in `root`: sorted by path, modes kept, owned by
/// root, without times. Files with several names are stored under each; symbolic links, devices
/// and pipes are stored as they are; sockets are left out, and so are extended attributes. The
/// image starts nothing by itself.
///
/// # Errors
/// [`BuildFault::NoPlatform`] where no platform is given and none stands out among the
/// executables, [`BuildFault::UnfitName`] for a name that layers reserve (`.wh.…`); those of files
/// and the output's directory, which must not lie in `root`.
pub fn rootfs(root: &Path, options: &BuildOptions) -> Result<Descriptor, BuildError> {
    if !fs::metadata(root).map_err(io_at(root))?.is_dir() {
        return Err(io_at(root)(io::ErrorKind::NotADirectory.into()));
    }
    refuse_inside(root, &options.dir)?;
    let output = Output::create(&options.dir)?;
    let mut walk = Walk {
        root: root.to_owned(),
        archive: Archive::new(LayerWriter::new(&output)?),
        platforms: BTreeMap::new(),
    };
    walk.all()?;
    let Walk { archive, platforms, .. } = walk;
    let layer = archive.finish().map_err(io_at(output.root()))?.finish(&output)?;
    let platform = match &options.platform {
        Some(given) => given.clone(),
        None => prevailing(platforms).map_err(|fault| fault.at(root))?,
    };
    let made = Made { platform: &platform, entrypoint: None, by: "boltseal --rootfs" };
    config::finish(&output, &layer, &made)
}

/// An image that held its own output would never end.
fn refuse_inside(root: &Path, output: &Path) -> Result<(), BuildError> {
    let here = Path::new(".");
    let there = output.ancestors().find(|it| it.exists()).unwrap_or(here);
    let whole = |path: &Path| fs::canonicalize(path).map_err(io_at(path));
    if whole(there)?.starts_with(whole(root)?) {
        return Err(BuildFault::NotEmpty("a directory in the input".to_owned()).at(output));
    }
    Ok(())
}

struct Walk {
    root: PathBuf,
    archive: Archive<LayerWriter>,
    platforms: BTreeMap<Platform, u64>,
}

impl Walk {
    /// Appends everything, each directory before what is in it.
    fn all(&mut self) -> Result<(), BuildError> {
        let mut waiting = self.names(Path::new(""))?;
        while let Some(path) = waiting.pop() {
            if self.node(&path)? {
                waiting.extend(self.names(&path)?);
            }
        }
        Ok(())
    }

    /// The paths in a directory, last name first: the order in which they are taken from the end.
    fn names(&self, directory: &Path) -> Result<Vec<PathBuf>, BuildError> {
        let place = self.root.join(directory);
        let entries = fs::read_dir(&place).map_err(io_at(&place))?;
        let names = entries.map(|it| it.map(|it| it.file_name()));
        let mut names = names.collect::<io::Result<Vec<_>>>().map_err(io_at(&place))?;
        names.sort_by(|one, other| other.cmp(one));
        Ok(names.into_iter().map(|it| directory.join(it)).collect())
    }

    /// Appends one entry, and answers whether it is a directory.
    fn node(&mut self, path: &Path) -> Result<bool, BuildError> {
        let place = self.root.join(path);
        let failed = io_at(&place);
        let reserved = |it: &std::ffi::OsStr| it.as_encoded_bytes().starts_with(b".wh.");
        if path.file_name().is_some_and(reserved) {
            let expected = "a name that does not begin with .wh., which means a removed file";
            return Err(BuildFault::UnfitName(expected).at(&place));
        }
        let metadata = fs::symlink_metadata(&place).map_err(&failed)?;
        if metadata.is_dir() {
            self.archive.append_directory(path, mode(&metadata)).map_err(failed)?;
        } else if metadata.is_symlink() {
            let target = fs::read_link(&place).map_err(&failed)?;
            self.archive.append_link(path, &target).map_err(failed)?;
        } else if metadata.is_file() {
            self.file(path, &metadata)?;
        } else {
            self.archive.append_device(path, &metadata).map_err(failed)?;
        }
        Ok(metadata.is_dir())
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) -> Result<(), BuildError> {
        let place = self.root.join(path);
        let (source, size) = whole(&place)?;
        let start = self.look_at(&place, &source)?;
        let source = start.chain(BufReader::with_capacity(READ_SIZE, &source));
        let appended = self.archive.append_file(path, mode(metadata), size, source);
        appended.map_err(|fault| fault.at(&place))
    }

    /// Reads a file's start and counts the platform it says.
    fn look_at(&mut self, place: &Path, source: &File) -> Result<io::Cursor<Vec<u8>>, BuildError> {
        let mut start = Vec::with_capacity(elf::HEADER_BYTES);
        let header = elf::HEADER_BYTES as u64;
        source.take(header).read_to_end(&mut start).map_err(io_at(place))?;
        if let Ok(platform) = elf::platform(&start) {
            *self.platforms.entry(platform).or_default() += 1;
        }
        Ok(io::Cursor::new(start))
    }
}

/// The platform of most executables, for some images carry a few for others.
fn prevailing(platforms: BTreeMap<Platform, u64>) -> Result<Platform, BuildFault> {
    let most = platforms.values().copied().max().unwrap_or_default();
    let mut first = platforms.into_iter().filter(|(_, count)| *count == most);
    match (first.next(), first.next()) {
        (Some((platform, _)), None) => Ok(platform),
        (None, _) => Err(BuildFault::NoPlatform("no executable".to_owned())),
        (Some((one, _)), Some((other, _))) => {
            Err(BuildFault::NoPlatform(format!("as many for {one} as for {other}")))
        }
    }
}
