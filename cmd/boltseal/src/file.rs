//! Files that are read whole with a bound, or hashed.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use boltseal_core::{Algorithm, Digest, Hasher};
use zeroize::Zeroizing;

/// A file's bytes. They are wiped when dropped, because some files are keys.
///
/// # Errors
/// What the system says, or `FileTooLarge` for more than `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let known = file.metadata()?.len().min(limit);
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(known).unwrap_or(0)));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let problem = format!("more than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// A file's text; none where there is no file, or none of at most `limit` bytes that is text.
pub(crate) fn text(path: &Path, limit: u64) -> Option<String> {
    // Another kind of file might never end, or never begin.
    let bytes = path.is_file().then(|| read(path, limit).ok())??;
    std::str::from_utf8(&bytes).ok().map(str::to_owned)
}

/// The SHA-256 of a file of any size.
pub(crate) fn digest(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_inclusive() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, b"1234").unwrap();
        assert_eq!(**read(&path, 4).unwrap(), *b"1234");
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(read(&dir.path().join("absent"), 4).is_err());
    }
}
