//! What one layer holds, in the little that the layers above and below it need.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, RandomState};

use boltseal_core::Digest;

use crate::path;
use crate::record::Content;

/// What one pass over a layer has found. It holds the packages that the layer's records name,
/// and eight bytes for each entry, however long the names are.
#[derive(Clone, Debug)]
pub struct LayerContents {
    pub(crate) layer: Digest,
    /// What the records say, by their path.
    pub(crate) records: BTreeMap<Vec<u8>, Content>,
    /// Symbolic links in the root directory, such as `lib` to `usr/lib`, each with its target.
    pub(crate) root_links: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) names: Names,
    pub(crate) entries: u64,
    pub(crate) uncompressed_bytes: u64,
}

impl LayerContents {
    /// The layer's digest, as stored.
    pub const fn layer(&self) -> &Digest {
        &self.layer
    }

    /// How many entries its archive has.
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// How many bytes it inflates to.
    pub const fn uncompressed_bytes(&self) -> u64 {
        self.uncompressed_bytes
    }

    /// Whether this layer hides the file at `path` in a lower layer: removes it or a directory
    /// above it, puts something that is no directory in that directory's place, or a directory in
    /// the file's.
    ///
    /// `below` is how many leading bytes of `path` are a link's name, which is not judged.
    pub(crate) fn hides(&self, path: &[u8], below: usize) -> bool {
        let is_judged = |above: &&[u8]| above.len() > below;
        self.names.has(Name::Whiteout, path)
            || self.names.has(Name::Directory, path)
            || path::ancestors(path).filter(is_judged).any(|above| {
                self.names.has(Name::Whiteout, above)
                    || self.names.has(Name::File, above)
                    || self.names.has(Name::Opaque, above)
            })
            || (below == 0 && self.names.has(Name::Opaque, b""))
    }

    /// Whether this layer has something at `path` that is no directory.
    pub(crate) fn replaces(&self, path: &[u8]) -> bool {
        self.names.has(Name::File, path)
    }

    /// Whether this layer takes a symbolic link at `path` away.
    pub(crate) fn removes_link(&self, path: &[u8]) -> bool {
        [Name::Whiteout, Name::Directory, Name::File].iter().any(|kind| self.names.has(*kind, path))
            || self.names.has(Name::Opaque, b"")
    }
}

/// What a layer says of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Directory,
    /// Anything that is no directory.
    File,
    /// A directory of which nothing in lower layers is seen.
    Opaque,
    /// A path whose lower layers are not seen.
    Whiteout,
}

/// The names in a layer, to be asked for only: hashed under a random key, so that nobody can
/// build two that collide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    key: RandomState,
    sorted: Vec<u64>,
}

impl Names {
    pub(crate) fn add(&mut self, kind: Name, path: &[u8]) {
        self.sorted.push(self.hash(kind, path));
    }

    /// To be called once after the last [`Names::add`].
    pub(crate) fn sort(&mut self) {
        self.sorted.sort_unstable();
        self.sorted.dedup();
        self.sorted.shrink_to_fit();
    }

    fn has(&self, kind: Name, path: &[u8]) -> bool {
        self.sorted.binary_search(&self.hash(kind, path)).is_ok()
    }

    fn hash(&self, kind: Name, path: &[u8]) -> u64 {
        struct Key<'a>(Name, &'a [u8]);
        impl Hash for Key<'_> {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state);
                state.write(self.1);
            }
        }
        self.key.hash_one(Key(kind, path))
    }
}
