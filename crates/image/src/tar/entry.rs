//! One entry of an archive.

/// One entry, without its content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Normalised; empty for the root itself.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    /// The permission bits.
    pub(crate) mode: u64,
    /// Bytes of content in the archive.
    pub(crate) size: u64,
}

/// What an entry is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Directory,
    File,
    /// Another name for the file at the path.
    HardLink(Vec<u8>),
    /// A device, a pipe, or something a later standard knows.
    Other,
    /// A file whose content is stored with holes left out.
    Sparse,
    /// A symbolic link with this target, as written.
    SymbolicLink(Vec<u8>),
}
