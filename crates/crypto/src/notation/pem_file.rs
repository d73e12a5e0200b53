//! Files of certificates (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::certificate::CertificateError;

/// A chain of ten certificates in PEM stays far below.
const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The DER of each block `CERTIFICATE`; the file itself where it is no PEM. Text outside blocks
/// is skipped, blocks of other kinds are refused: a private key does not belong there.
pub(super) fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    if file.len() > MAX_FILE_BYTES {
        return Err(CertificateError::TooLarge { limit: MAX_FILE_BYTES, found: file.len() });
    }
    if file.first() == Some(&0x30) {
        return Ok(vec![file.to_vec()]);
    }
    let text = std::str::from_utf8(file).map_err(|_| refuse("neither"))?;
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while let Some(begin) = lines.find(|line| line.starts_with("-----BEGIN ")) {
        if begin != BEGIN {
            return Err(refuse("a PEM block of another kind"));
        }
        let body: String = lines.by_ref().take_while(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(body).map_err(|_| refuse("a block that is no base64"))?;
        found.push(der);
    }
    let ends = text.lines().filter(|line| line.trim() == END).count();
    if found.is_empty() || ends != found.len() {
        return Err(refuse("no block CERTIFICATE, or one without its end"));
    }
    Ok(found)
}

fn refuse(found: &'static str) -> CertificateError {
    CertificateError::Pem { found }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_blocks_with_text_around_them_and_der() {
        let file = format!("a: b\r\n{BEGIN}\r\nAA\r\nEC\r\n{END}\r\ntext\n{BEGIN}\nAw==\n{END}\n");
        assert_eq!(certificates(file.as_bytes()), Ok(vec![vec![0, 1, 2], vec![3]]));
        assert_eq!(certificates(b"\x30\x00"), Ok(vec![vec![0x30, 0]]));
    }

    #[test]
    fn refuses_files_without_whole_certificates() {
        for file in [
            String::new(),
            "text".to_owned(),
            format!("{BEGIN}\nAAEC\n"),
            format!("{BEGIN}\nAAE\n{END}\n"),
            format!("{BEGIN}\nAAEC\n{END}\n{BEGIN}\nAAEC\n"),
            format!("{BEGIN}\nAAEC\n{END}\n-----BEGIN PRIVATE KEY-----\nAAEC\n"),
        ] {
            let error = certificates(file.as_bytes()).unwrap_err();
            assert!(matches!(error, CertificateError::Pem { .. }), "{file}: {error}");
        }
        let error = certificates(&vec![b' '; MAX_FILE_BYTES + 1]).unwrap_err();
        assert!(matches!(error, CertificateError::TooLarge { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn never_panics(text in "(-----BEGIN CERTIFICATE-----\n)?.{0,40}\n?(-----END)?") {
            let _ = certificates(text.as_bytes());
        }
    }
}
