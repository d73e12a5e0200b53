//! Paths in an image: bytes, relative to the root, without `.` and empty components.

use crate::LayerFault;

/// The path of an entry named `name`: a leading `/` or `./` means nothing.
///
/// # Errors
/// [`LayerFault::Traversal`] for a `..` component or a NUL, which could name something else when
/// the layer is unpacked.
pub(crate) fn of_entry(name: &[u8]) -> Result<Vec<u8>, LayerFault> {
    within_root(name)
        .ok_or_else(|| LayerFault::Traversal { entry: String::from_utf8_lossy(name).into_owned() })
}

/// The same, or `None`.
pub(crate) fn within_root(name: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(name.len());
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return None,
            _ if part.contains(&0) => return None,
            _ => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Some(path)
}

/// Where a symbolic link at `path` leads: an absolute target begins at the image's root, and
/// `..` does not climb out of it.
pub(crate) fn of_link(path: &[u8], target: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = if target.first() == Some(&b'/') {
        Vec::new()
    } else {
        parent(path).split(|byte| *byte == b'/').collect()
    };
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join(&b'/')
}

/// The last component.
pub(crate) fn name(path: &[u8]) -> &[u8] {
    split(path).1
}

/// All but the last component; empty at the root.
pub(crate) fn parent(path: &[u8]) -> &[u8] {
    split(path).0
}

/// Everything above `path`, the nearest first; the root is not among them.
pub(crate) fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(parent(path)), |path| Some(parent(path)))
        .take_while(|path| !path.is_empty())
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    path.iter()
        .rposition(|byte| *byte == b'/')
        .map_or((&[], path), |slash| (&path[..slash], &path[slash + 1..]))
}

/// The path as text; bytes that are no UTF-8 become replacement characters.
pub(crate) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_and_refuses_to_climb() {
        for (name, path) in [
            ("./usr//bin/./ls", "usr/bin/ls"),
            ("/etc/passwd", "etc/passwd"),
            ("./", ""),
            ("a..b/...", "a..b/..."),
        ] {
            assert_eq!(text(&of_entry(name.as_bytes()).unwrap()), path);
        }
        for bad in ["../etc/passwd", "a/../b", "a/..", "a\0b"] {
            let error = of_entry(bad.as_bytes()).unwrap_err();
            assert!(matches!(error, LayerFault::Traversal { entry } if entry == bad));
        }
    }

    #[test]
    fn follows_links_within_the_root() {
        for (path, target, found) in [
            ("etc/os-release", "../usr/lib/os-release", "usr/lib/os-release"),
            ("etc/os-release", "/usr/lib/os-release", "usr/lib/os-release"),
            ("lib", "usr/lib", "usr/lib"),
            ("a/b", "../../../c", "c"),
        ] {
            assert_eq!(text(&of_link(path.as_bytes(), target.as_bytes())), found);
        }
    }

    #[test]
    fn lists_ancestors_nearest_first() {
        let found: Vec<&[u8]> = ancestors(b"a/b/c").collect();
        assert_eq!(found, [b"a/b".as_slice(), b"a"]);
        assert_eq!(ancestors(b"a").count(), 0);
    }
}
