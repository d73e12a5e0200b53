//! PEM blocks (RFC 7468), as far as keys need them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::KeyError;

/// No key file is larger: an RSA key of 4096 bits, encrypted, stays under 8 KiB.
pub(crate) const MAX_KEY_BYTES: usize = 64 * 1024;

/// One block. Its content may be secret and is wiped when dropped.
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) content: Zeroizing<Vec<u8>>,
}

/// The first block whose label is not `EC PARAMETERS`, which OpenSSL puts before a key. Text
/// outside blocks is skipped, as RFC 7468 says.
pub(crate) fn first_key(pem: &[u8]) -> Result<Block, KeyError> {
    if pem.len() > MAX_KEY_BYTES {
        return Err(KeyError::TooLarge { limit: MAX_KEY_BYTES, found: pem.len() });
    }
    let text = std::str::from_utf8(pem).map_err(|_| refuse("bytes that are no text"))?;
    let mut lines = text.lines().map(str::trim_end);
    loop {
        let block = next_block(&mut lines)?;
        if block.label != "EC PARAMETERS" {
            return Ok(block);
        }
    }
}

/// Writes one block, 64 characters a line.
pub(crate) fn write(label: &str, content: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(content));
    let lines = body.len() / 64 + 1;
    let mut pem = Zeroizing::new(String::with_capacity(body.len() + lines + 2 * label.len() + 64));
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

fn next_block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Block, KeyError> {
    let label = lines
        .find_map(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .ok_or_else(|| refuse("no -----BEGIN line"))?;
    let mut body = Zeroizing::new(String::with_capacity(MAX_KEY_BYTES));
    for line in lines {
        if let Some(end) = line.strip_prefix("-----END ") {
            if end.strip_suffix("-----") != Some(label) {
                return Err(refuse("an -----END line of another kind"));
            }
            return decode(label, &body);
        }
        if line.contains(':') {
            return Err(refuse("headers inside the block (an old OpenSSL encryption)"));
        }
        body.push_str(line);
    }
    Err(refuse("no -----END line"))
}

fn decode(label: &str, body: &str) -> Result<Block, KeyError> {
    let content = STANDARD.decode(body).map_err(|_| refuse("a block that is no base64"))?;
    Ok(Block { label: label.to_owned(), content: Zeroizing::new(content) })
}

fn refuse(found: &'static str) -> KeyError {
    KeyError::Pem { found }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn skips_text_and_parameters_and_reads_windows_lines() {
        let text = "a comment\r\n-----BEGIN EC PARAMETERS-----\r\nBggq\r\n\
                    -----END EC PARAMETERS-----\r\n-----BEGIN X-----\r\nAAEC\r\n-----END X-----\r\n";
        let block = first_key(text.as_bytes()).unwrap();
        assert_eq!((block.label.as_str(), &block.content[..]), ("X", &[0, 1, 2][..]));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, what) in [
            ("", "no -----BEGIN line"),
            ("-----BEGIN X-----\nAAEC\n", "no -----END line"),
            ("-----BEGIN X-----\nAAEC\n-----END Y-----\n", "an -----END line of another kind"),
            ("-----BEGIN X-----\nA*\n-----END X-----\n", "a block that is no base64"),
            (
                "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n-----END X-----\n",
                "headers inside the block (an old OpenSSL encryption)",
            ),
        ] {
            let error = first_key(text.as_bytes()).err();
            assert_eq!(error, Some(KeyError::Pem { found: what }), "{text}");
        }
        let large = vec![b'-'; MAX_KEY_BYTES + 1];
        assert!(matches!(first_key(&large), Err(KeyError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn round_trips(content in proptest::collection::vec(any::<u8>(), 1..400)) {
            let pem = write("A KEY", &content);
            prop_assert!(pem.lines().all(|line| line.len() <= 64));
            let block = first_key(pem.as_bytes()).unwrap();
            prop_assert_eq!(block.label.as_str(), "A KEY");
            prop_assert_eq!(&block.content[..], &content[..]);
        }

        #[test]
        fn never_panics(text in "(-----BEGIN X-----\n)?.{0,40}\n?(-----END X-----)?") {
            let _ = first_key(text.as_bytes());
        }
    }
}
