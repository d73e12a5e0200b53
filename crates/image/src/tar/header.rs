//! The header block of an entry (POSIX.1-2017 `pax`, "ustar Interchange Format"; GNU tar's own).

/// Bytes in a block.
pub(crate) const BLOCK: usize = 512;

/// A header block whose checksum is right.
pub(super) struct Header<'b>(&'b [u8; BLOCK]);

/// The dialects, which differ in where a long name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Gnu,
    Star,
    Ustar,
    V7,
}

impl<'b> Header<'b> {
    pub(super) fn new(block: &'b [u8; BLOCK]) -> Result<Self, &'static str> {
        let header = Self(block);
        let said = number(&block[148..156]).ok_or("a checksum that is no number")?;
        let sum: u64 = header.summed().map(u64::from).sum();
        if said == sum || i64::try_from(said) == Ok(header.signed_sum()) {
            Ok(header)
        } else {
            Err("a header whose checksum is wrong")
        }
    }

    /// Some old archivers summed signed characters.
    fn signed_sum(&self) -> i64 {
        self.summed().map(|byte| i64::from(byte.cast_signed())).sum()
    }

    /// The bytes that the checksum is the sum of: those of its own field count as spaces.
    fn summed(&self) -> impl Iterator<Item = u8> {
        self.0.iter().enumerate().map(|(at, byte)| match at {
            148..156 => b' ',
            _ => *byte,
        })
    }

    fn dialect(&self) -> Dialect {
        match (&self.0[257..263], &self.0[263..265]) {
            (b"ustar\0", _) if &self.0[508..512] == b"tar\0" => Dialect::Star,
            (b"ustar\0", _) => Dialect::Ustar,
            (b"ustar ", b" \0") => Dialect::Gnu,
            _ => Dialect::V7,
        }
    }

    /// The name, with the prefix that some dialects keep apart.
    pub(super) fn name(&self) -> Vec<u8> {
        let name = text(&self.0[..100]);
        let prefix = match self.dialect() {
            Dialect::Ustar => text(&self.0[345..500]),
            Dialect::Star => text(&self.0[345..476]),
            Dialect::Gnu | Dialect::V7 => &[],
        };
        if prefix.is_empty() { name.to_vec() } else { [prefix, name].join(&b'/') }
    }

    pub(super) fn link_name(&self) -> Vec<u8> {
        text(&self.0[157..257]).to_vec()
    }

    pub(super) fn mode(&self) -> Result<u64, &'static str> {
        number(&self.0[100..108]).ok_or("a mode that is no number")
    }

    pub(super) fn size(&self) -> Result<u64, &'static str> {
        number(&self.0[124..136]).ok_or("a size that is no number")
    }

    pub(super) const fn flag(&self) -> u8 {
        self.0[156]
    }

    /// Whether more blocks with the map of a sparse file follow (GNU's old form).
    pub(super) const fn sparse_map_goes_on(&self) -> bool {
        self.0[482] != 0
    }
}

/// Up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0);
    &field[..end.unwrap_or(field.len())]
}

/// Octal digits between spaces and NULs, or GNU's base 256; nothing at all is zero. Negative
/// numbers are none.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        return base_256(field);
    }
    let is_blank = |byte: &u8| *byte == b' ' || *byte == 0;
    let start = field.iter().position(|byte| !is_blank(byte));
    let Some(start) = start else { return Some(0) };
    let end = field.iter().rposition(|byte| !is_blank(byte))?;
    let digits = text(&field[start..=end]);
    digits.iter().try_fold(0u64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

fn base_256(field: &[u8]) -> Option<u64> {
    if field[0] & 0x40 != 0 {
        return None;
    }
    let first = u64::from(field[0] & 0x3f);
    let value = field[1..]
        .iter()
        .try_fold(first, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))?;
    i64::try_from(value).ok().map(i64::cast_unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_as_archivers_write_them() {
        for (field, value) in [
            (b"0000644\0".as_slice(), Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"644\x00junk", Some(0o644)),
            (b"00009\0\0\0", None),
            (b"-000001\0", None),
            (b"\x80\0\0\0\0\0\x01\x00", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\x80\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
    }

    #[test]
    fn refuses_a_wrong_checksum() {
        let mut header = tar::Header::new_ustar();
        header.set_path("a").unwrap();
        header.set_cksum();
        let mut block = *header.as_bytes();
        assert_eq!(Header::new(&block).ok().unwrap().name(), b"a");
        block[0] = b'b';
        assert!(Header::new(&block).is_err());
    }

    #[test]
    fn takes_the_sum_of_signed_characters_too() {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[0] = 0xe9;
        header.set_cksum();
        let mut block = *header.as_bytes();
        let signed = header.cksum().unwrap() - 256;
        block[148..156].copy_from_slice(format!("{signed:06o}\0 ").as_bytes());
        assert!(Header::new(&block).is_ok());
    }
}
