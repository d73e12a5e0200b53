//! One pass over a layer.

use std::collections::BTreeMap;
use std::io::BufRead;

use boltseal_core::{Descriptor, Digest};

use crate::cataloger::Catalog;
use crate::compression::Compression;
use crate::contents::{LayerContents, Name, Names};
use crate::record::Content;
use crate::stored::Stored;
use crate::tar::{Entry, Kind, Walker};
use crate::uncompressed::Uncompressed;
use crate::{LayerError, LayerFault, Limits, path};

/// Symbolic links in the root directory; an image has a handful.
const MAX_ROOT_LINKS: usize = 1024;

/// Reads a layer once, from the first byte to the last.
///
/// On the way it checks the stored bytes against the size and the digest of `layer` and the
/// uncompressed ones against `diff_id`, and has each entry looked at by the catalogers. `reader`
/// is best given a buffer of 64 KiB or more.
///
/// # Errors
/// [`LayerError`], which names the layer. Where the bytes are not those of the manifest, that is
/// the error, whatever else the damage has led to.
pub fn scan_layer(
    mut reader: impl BufRead,
    layer: &Descriptor,
    diff_id: &Digest,
    limits: &Limits,
) -> Result<LayerContents, LayerError> {
    let named = |fault| LayerError { layer: layer.digest.clone(), fault };
    let compression = Compression::of_media_type(&layer.media_type).map_err(named)?;
    let mut stored = Stored::new(&mut reader, layer);
    let scanned = scan(&mut stored, compression, layer, diff_id, limits);
    if scanned.as_ref().is_err_and(LayerFault::ends_the_pass) {
        return scanned.map_err(named);
    }
    check_digest(stored, layer).map_err(named)?;
    scanned.map_err(named)
}

fn check_digest<R: BufRead>(stored: Stored<R>, layer: &Descriptor) -> Result<(), LayerFault> {
    let found = stored.finish()?;
    if found == layer.digest {
        Ok(())
    } else {
        Err(LayerFault::WrongDigest { expected: layer.digest.clone(), found })
    }
}

fn scan<R: BufRead>(
    stored: &mut Stored<R>,
    compression: Compression,
    layer: &Descriptor,
    diff_id: &Digest,
    limits: &Limits,
) -> Result<LayerContents, LayerFault> {
    check_magic(stored, compression, layer)?;
    let decoder = compression.decoder(stored).map_err(LayerFault::from)?;
    let limit = limits.uncompressed_for(layer.size);
    let archive = Uncompressed::new(decoder, compression.name(), limit, diff_id.algorithm());
    let mut walker = Walker::new(archive, *limits);
    let mut pass = Pass::new(limits);
    while let Some(entry) = walker.next_entry()? {
        pass.see(entry, &mut walker)?;
    }
    let entries = walker.entries();
    let (found, uncompressed_bytes) = walker.into_reader().finish()?;
    if found != *diff_id {
        return Err(LayerFault::WrongDiffId { expected: diff_id.clone(), found });
    }
    pass.names.sort();
    Ok(LayerContents {
        layer: layer.digest.clone(),
        records: pass.records,
        root_links: pass.root_links,
        names: pass.names,
        entries,
        uncompressed_bytes,
    })
}

fn check_magic<R: BufRead>(
    stored: &mut Stored<R>,
    compression: Compression,
    layer: &Descriptor,
) -> Result<(), LayerFault> {
    let found = Compression::of_magic(stored.fill_buf()?);
    if found == compression {
        return Ok(());
    }
    Err(LayerFault::OtherCompression {
        media_type: layer.media_type.clone(),
        expected: compression.name(),
        found: found.name(),
    })
}

/// What has been seen of a layer.
struct Pass {
    catalog: Catalog,
    records: BTreeMap<Vec<u8>, Content>,
    root_links: Vec<(Vec<u8>, Vec<u8>)>,
    names: Names,
}

impl Pass {
    fn new(limits: &Limits) -> Self {
        Self {
            catalog: Catalog::new(limits),
            records: BTreeMap::new(),
            root_links: Vec::new(),
            names: Names::default(),
        }
    }

    fn see<R: BufRead>(&mut self, entry: Entry, walker: &mut Walker<R>) -> Result<(), LayerFault> {
        if let Some(removed) = path::name(&entry.path).strip_prefix(b".wh.") {
            return self.see_whiteout(&entry.path, removed);
        }
        let name = match entry.kind {
            Kind::Directory => Name::Directory,
            _ => Name::File,
        };
        self.names.add(name, &entry.path);
        // Of two entries with one name the later one counts.
        self.records.remove(&entry.path);
        match &entry.kind {
            Kind::File => {
                let found = self.catalog.read(&entry, walker)?;
                self.keep(entry.path, found.map(Content::Read))?;
            }
            Kind::Sparse => {
                let found = self.catalog.refuse_sparse(&entry, walker)?;
                self.keep(entry.path, found.map(Content::Read))?;
            }
            Kind::SymbolicLink(target) => {
                let target = path::of_link(&entry.path, target);
                self.see_link(entry.path, target)?;
            }
            Kind::HardLink(target) => self.see_hard_link(entry.path, target)?,
            Kind::Directory | Kind::Other => {}
        }
        Ok(())
    }

    /// `.wh.NAME` and `.wh..wh..opq` (OCI image-spec, `layer.md`, "Whiteouts").
    fn see_whiteout(&mut self, entry: &[u8], removed: &[u8]) -> Result<(), LayerFault> {
        let directory = path::parent(entry);
        match removed {
            b".wh..opq" => self.names.add(Name::Opaque, directory),
            // What aufs keeps for itself.
            _ if removed.starts_with(b".wh.") => {}
            b"" | b"." | b".." => {
                return Err(LayerFault::Whiteout { entry: path::text(entry) });
            }
            _ if directory.is_empty() => self.names.add(Name::Whiteout, removed),
            _ => {
                let path = [directory, removed].join(&b'/');
                self.names.add(Name::Whiteout, &path);
            }
        }
        Ok(())
    }

    fn see_link(&mut self, path: Vec<u8>, target: Vec<u8>) -> Result<(), LayerFault> {
        if path::parent(&path).is_empty() {
            if self.root_links.len() == MAX_ROOT_LINKS {
                return Err(LayerFault::TooMuch {
                    what: "symbolic links in the root directory",
                    limit: MAX_ROOT_LINKS as u64,
                    path: path::text(&path),
                });
            }
            self.root_links.push((path.clone(), target.clone()));
        }
        let found = if Catalog::names(&path) {
            Some(Content::Link(target))
        } else {
            Catalog::refuse_link(&path, &target).map(Content::Read)
        };
        self.keep(path, found)
    }

    /// A second name for a file of this layer, which stays when the first name goes.
    fn see_hard_link(&mut self, path: Vec<u8>, target: &[u8]) -> Result<(), LayerFault> {
        let first = path::within_root(target).and_then(|target| self.records.get(&target));
        let found = first.cloned().or_else(|| {
            let refused = Catalog::refuse_hard_link(&path);
            refused.map(Content::Read)
        });
        self.keep(path, found)
    }

    fn keep(&mut self, path: Vec<u8>, content: Option<Content>) -> Result<(), LayerFault> {
        if let Some(content) = content {
            self.catalog.charge(&path, &content)?;
            self.records.insert(path, content);
        }
        Ok(())
    }
}
