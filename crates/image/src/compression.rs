//! How a layer is compressed: what the media type says, held against the first bytes.

use std::io::{self, BufRead, Read};

use crate::LayerFault;

/// The compression of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Plain,
    Zstd,
}

impl Compression {
    /// What `media_type` says (OCI image-spec `layer.md`, Docker's image manifest v2.2).
    pub(crate) fn of_media_type(media_type: &str) -> Result<Self, LayerFault> {
        let own = |media_type: &str| media_type.to_owned();
        if media_type.contains(".nondistributable.") || media_type.contains(".foreign.") {
            return Err(LayerFault::Foreign { media_type: own(media_type) });
        }
        match media_type {
            "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.docker.image.rootfs.diff.tar" => Ok(Self::Plain),
            "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.docker.image.rootfs.diff.tar.gzip" => Ok(Self::Gzip),
            "application/vnd.oci.image.layer.v1.tar+zstd"
            | "application/vnd.docker.image.rootfs.diff.tar.zstd" => Ok(Self::Zstd),
            _ => Err(LayerFault::UnknownType { media_type: own(media_type) }),
        }
    }

    /// What the first bytes show. Anything without a known magic number counts as plain.
    pub(crate) fn of_magic(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or the skippable frame that one may begin with (RFC 8878, 3.1).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Plain => "uncompressed",
            Self::Zstd => "zstd",
        }
    }

    /// A decoder over `reader`: all members of a gzip file, all frames of a zstd one.
    pub(crate) fn decoder<'r, R: BufRead + 'r>(self, reader: R) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
            Self::Plain => Box::new(reader),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_layer_types_and_refuses_others() {
        let of = Compression::of_media_type;
        let oci = "application/vnd.oci.image.layer";
        let docker = "application/vnd.docker.image.rootfs";
        assert_eq!(of(&format!("{oci}.v1.tar")).unwrap(), Compression::Plain);
        assert_eq!(of(&format!("{oci}.v1.tar+gzip")).unwrap(), Compression::Gzip);
        assert_eq!(of(&format!("{oci}.v1.tar+zstd")).unwrap(), Compression::Zstd);
        assert_eq!(of(&format!("{docker}.diff.tar.gzip")).unwrap(), Compression::Gzip);
        for foreign in [
            format!("{oci}.nondistributable.v1.tar+gzip"),
            format!("{docker}.foreign.diff.tar.gzip"),
        ] {
            assert!(matches!(of(&foreign), Err(LayerFault::Foreign { .. })), "{foreign}");
        }
        for other in ["", "text/plain", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"] {
            assert!(matches!(of(other), Err(LayerFault::UnknownType { .. })), "{other}");
        }
    }
}
