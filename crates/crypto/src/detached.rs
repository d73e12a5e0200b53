//! Detached signatures: base64 in a file of its own.

use crate::base64_text;

const MAX_BYTES: usize = 16 * 1024;

/// Reads the signature that `cosign sign-blob` prints: base64, perhaps with white space around
/// it, of at most 16 KiB.
pub fn parse_detached(text: &[u8]) -> Result<Vec<u8>, DetachedError> {
    if text.len() > MAX_BYTES {
        return Err(DetachedError::TooLarge { limit: MAX_BYTES, found: text.len() });
    }
    std::str::from_utf8(text.trim_ascii())
        .ok()
        .and_then(base64_text::decode)
        .filter(|signature| !signature.is_empty())
        .ok_or(DetachedError::Base64)
}

/// A file that is no detached signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetachedError {
    /// Not base64, or empty.
    #[error("expected a signature as base64")]
    Base64,
    /// Too large.
    #[error("expected a signature of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// The size.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_base64_with_a_line_end_and_nothing_else() {
        assert_eq!(parse_detached(b" AQID\n"), Ok(vec![1, 2, 3]));
        for bad in [&b""[..], b"\n", b"AQ ID", b"\xff"] {
            assert_eq!(parse_detached(bad), Err(DetachedError::Base64));
        }
        let large = vec![b'A'; MAX_BYTES + 1];
        assert!(matches!(parse_detached(&large), Err(DetachedError::TooLarge { .. })));
    }
}
