//! What can be wrong with a layer.

use std::io;

use boltseal_core::{Digest, Exit, Reason};

/// A layer that is not what the manifest and the configuration say, or that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("layer {layer}: {fault}")]
pub struct LayerError {
    /// The layer's digest in the manifest.
    pub layer: Digest,
    /// What is wrong with it.
    #[source]
    pub fault: LayerFault,
}

impl LayerError {
    /// What a run that meets this ends with: [`Exit::Undetermined`] where the bytes could not be
    /// read, else [`Exit::Contradiction`].
    pub const fn exit(&self) -> Exit {
        match self.fault {
            LayerFault::Read(_) | LayerFault::Spool(_) => Exit::Undetermined,
            _ => Exit::Contradiction,
        }
    }

    /// The error in the five parts of every failure.
    pub fn reason(&self) -> Reason {
        let (code, expected, found) = self.fault.parts();
        Reason::new(self.exit(), code)
            .expected(expected)
            .found(found)
            .place(format!("layer {}", self.layer))
            .fix(self.fault.fix())
    }
}

/// What is wrong with a layer. Messages say what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayerFault {
    /// The layer's bytes lie outside the registry, where nobody can hold them to a digest.
    #[error("expected a layer that the registry holds, found one of type {media_type}")]
    Foreign {
        /// The layer's media type.
        media_type: String,
    },
    /// The compressed stream is broken.
    #[error("expected {expected} data, found a stream that is broken ({problem})")]
    Inflate {
        /// The compression that the media type names.
        expected: &'static str,
        /// What the decoder says.
        problem: String,
    },
    /// The bytes are not compressed the way the media type says.
    #[error("expected {expected} data as the type {media_type} says, found {found}")]
    OtherCompression {
        /// The layer's media type.
        media_type: String,
        /// What it means.
        expected: &'static str,
        /// What the first bytes show.
        found: &'static str,
    },
    /// More bytes than the manifest says.
    #[error("expected {expected} bytes, found more")]
    Overlong {
        /// The size in the manifest.
        expected: u64,
    },
    /// The source of the bytes failed.
    #[error("cannot read it")]
    Read(#[source] io::Error),
    /// A temporary file, for an executable too large for memory, failed.
    #[error("cannot keep a large executable in a temporary file")]
    Spool(#[source] io::Error),
    /// The archive is malformed.
    #[error("expected a tar archive, found {problem} at byte {offset}")]
    Tar {
        /// Where in the uncompressed archive.
        offset: u64,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A bound of [`Limits`](crate::Limits) is exceeded.
    #[error("expected at most {limit} {what}, found more{}", at(path))]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
        /// The entry that exceeds it, or empty.
        path: String,
    },
    /// An entry whose name leads out of the image's root.
    #[error("expected entries that stay within the image, found one named {entry:?}")]
    Traversal {
        /// The name, as the archive spells it.
        entry: String,
    },
    /// Fewer bytes than the manifest says.
    #[error("expected {expected} bytes, found {found}")]
    Truncated {
        /// The size in the manifest.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A media type that is no layer's.
    #[error("expected a tar, tar+gzip or tar+zstd layer, found type {media_type:?}")]
    UnknownType {
        /// The media type.
        media_type: String,
    },
    /// A whiteout that names nothing that it could remove.
    #[error("expected a whiteout that names a file, found {entry:?}")]
    Whiteout {
        /// The name, as the archive spells it.
        entry: String,
    },
    /// The uncompressed bytes are not those of the configuration.
    #[error("expected uncompressed content with diffID {expected}, found {found}")]
    WrongDiffId {
        /// The diffID in the configuration.
        expected: Digest,
        /// The digest of the uncompressed bytes.
        found: Digest,
    },
    /// The stored bytes are not those of the manifest.
    #[error("expected content with digest {expected}, found {found}")]
    WrongDigest {
        /// The digest in the manifest.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
}

fn at(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" in {path:?}") }
}

impl LayerFault {
    /// Whether the rest of the layer is not worth reading, or cannot be read.
    pub(crate) const fn ends_the_pass(&self) -> bool {
        matches!(
            self,
            Self::Overlong { .. } | Self::Read(_) | Self::Spool(_) | Self::TooMuch { .. }
        )
    }

    /// A stable code, what was expected and what was found.
    fn parts(&self) -> (&'static str, String, String) {
        let code = match self {
            Self::Foreign { .. } => "layer-foreign",
            Self::Inflate { .. } | Self::OtherCompression { .. } => "layer-compression",
            Self::Overlong { .. } | Self::Truncated { .. } => "layer-size",
            Self::Read(_) | Self::Spool(_) => "layer-unreadable",
            Self::Tar { .. } | Self::Whiteout { .. } => "layer-archive",
            Self::TooMuch { .. } => "layer-too-large",
            Self::Traversal { .. } => "layer-path-traversal",
            Self::UnknownType { .. } => "layer-type",
            Self::WrongDiffId { .. } => "layer-diff-id",
            Self::WrongDigest { .. } => "layer-digest",
        };
        let (expected, found) = match self {
            Self::Read(error) | Self::Spool(error) => {
                ("a layer that can be read".to_owned(), error.to_string())
            }
            other => split(&other.to_string()),
        };
        (code, expected, found)
    }

    const fn fix(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "push the base image's layers into the registry, and rebuild",
            Self::Read(_) => "try again; if it persists, check the source of the image",
            Self::Spool(_) => "make room in the temporary directory (TMPDIR), and try again",
            Self::TooMuch { .. } => "split the layer, or leave the named file out of the image",
            Self::Traversal { .. } | Self::Whiteout { .. } | Self::Tar { .. } => {
                "rebuild the image with a tool that writes clean layers"
            }
            _ => "build or export the image again: this copy is damaged or was tampered with",
        }
    }
}

/// Every message reads "expected E, found F".
fn split(message: &str) -> (String, String) {
    let (expected, found) = message.split_once(", found ").unwrap_or((message, ""));
    let expected = expected.strip_prefix("expected ").unwrap_or(expected);
    (expected.to_owned(), found.to_owned())
}

/// Faults travel through decoders as the payload of an [`io::Error`].
impl From<LayerFault> for io::Error {
    fn from(fault: LayerFault) -> Self {
        Self::other(fault)
    }
}

/// A fault that travelled so; anything else is a failure to read.
impl From<io::Error> for LayerFault {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Read)
    }
}
