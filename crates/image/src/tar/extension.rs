//! What the headers before an entry say of it: pax records and GNU's long names.

/// What applies to the next entry.
#[derive(Default)]
pub(super) struct Extension {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link_path: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    /// The name of a file stored with holes left out, or an empty one where the path is its name.
    pub(super) sparse: Option<Vec<u8>>,
    pub(super) long_name: Option<Vec<u8>>,
    pub(super) long_link: Option<Vec<u8>>,
}

impl Extension {
    /// Takes the records of a pax header, which replace those of an earlier one.
    pub(super) fn read_pax(&mut self, records: &[u8]) -> Result<(), &'static str> {
        (self.path, self.link_path, self.size, self.sparse) = (None, None, None, None);
        let mut rest = records;
        while !rest.is_empty() {
            let (key, value, after) = record(rest).ok_or("a pax record that is malformed")?;
            self.take(key, value)?;
            rest = after;
        }
        Ok(())
    }

    /// An empty value leaves what the header says.
    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
        let given = || (!value.is_empty()).then(|| value.to_vec());
        if matches!(key, b"path" | b"linkpath") && value.contains(&0) {
            return Err("a pax path with a NUL in it");
        }
        match key {
            b"path" => self.path = given(),
            b"linkpath" => self.link_path = given(),
            b"size" => self.size = size(value)?,
            b"GNU.sparse.name" => self.sparse = Some(value.to_vec()),
            _ if key.starts_with(b"GNU.sparse.") => {
                self.sparse.get_or_insert_default();
            }
            _ => {}
        }
        Ok(())
    }

    /// The name that stands above the header's, if one does.
    pub(super) fn name(&mut self) -> Option<Vec<u8>> {
        let sparse = self.sparse.clone().filter(|name| !name.is_empty());
        self.long_name.take().or(sparse).or(self.path.take())
    }

    /// The same for the target of a link.
    pub(super) fn link_name(&mut self) -> Option<Vec<u8>> {
        self.long_link.take().or(self.link_path.take())
    }
}

fn size(value: &[u8]) -> Result<Option<u64>, &'static str> {
    if value.is_empty() {
        return Ok(None);
    }
    std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse::<i64>().ok())
        .and_then(|size| u64::try_from(size).ok())
        .map(Some)
        .ok_or("a pax size that is no number")
}

/// `LENGTH KEY=VALUE\n`, where LENGTH counts all of it.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    if length <= space || length > bytes.len() {
        return None;
    }
    let (whole, rest) = bytes.split_at(length);
    let body = whole[space + 1..].strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (&body[..equals], &body[equals + 1..]);
    (!key.is_empty() && !key.contains(&0)).then_some((key, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_records_and_refuses_broken_ones() {
        let mut extension = Extension::default();
        let records = b"12 path=a/b\n9 size=7\n12 comment=\n";
        extension.read_pax(records).unwrap();
        assert_eq!(extension.size, Some(7));
        assert_eq!(extension.name().unwrap(), b"a/b");
        for bad in [
            b"12 path=a/b".as_slice(),
            b"5 =a\n",
            b"99 path=a\n",
            b"x path=a\n",
            b"11 size=-1\n\n",
            b"0 path=a\n",
        ] {
            assert!(Extension::default().read_pax(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Extension::default().read_pax(&bytes);
        }
    }
}
