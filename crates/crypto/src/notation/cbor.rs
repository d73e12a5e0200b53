//! As much of CBOR (RFC 8949) as a `COSE_Sign1` needs: definite lengths, bounded depth, and no map
//! with the same key twice.
//!
//! Our own because a byte string is never looked into here. A reader that follows counter
//! signatures into their protected headers recurses as deep as the sender likes.

/// Deeper than any envelope: tag, array, header map, certificates make four.
const MAX_DEPTH: usize = 16;

/// One data item, borrowed from the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// Major types 0 and 1.
    Integer(i128),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    List(Vec<Self>),
    /// Major type 5. The keys are integers or texts, and no two are equal.
    Map(Vec<(Self, Self)>),
    /// Major type 6.
    Tag(u64, Box<Self>),
    /// Null.
    Null,
    /// Major type 7 but for null: booleans, floats, other simple values.
    Simple,
}

/// Reads exactly one item.
///
/// # Errors
/// What was found instead, for people.
pub(super) fn parse(bytes: &[u8]) -> Result<Item<'_>, &'static str> {
    let mut reader = Reader { rest: bytes };
    let item = reader.item(MAX_DEPTH)?;
    if !reader.rest.is_empty() {
        return Err("data after the end");
    }
    Ok(item)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: usize) -> Result<Item<'a>, &'static str> {
        let depth = depth.checked_sub(1).ok_or("items nested too deeply")?;
        let [first] = self.array()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = self.argument(info)?;
        match major {
            0 => Ok(Item::Integer(argument.into())),
            1 => Ok(Item::Integer(-1 - i128::from(argument))),
            2 => self.take(argument).map(Item::Bytes),
            3 => {
                let text = std::str::from_utf8(self.take(argument)?);
                text.map(Item::Text).map_err(|_| "a text that is not UTF-8")
            }
            4 => (0..argument).map(|_| self.item(depth)).collect::<Result<_, _>>().map(Item::List),
            5 => self.map(argument, depth),
            6 => Ok(Item::Tag(argument, Box::new(self.item(depth)?))),
            _ if info == 22 => Ok(Item::Null),
            _ => Ok(Item::Simple),
        }
    }

    fn map(&mut self, entries: u64, depth: usize) -> Result<Item<'a>, &'static str> {
        let mut map: Vec<(Item<'a>, Item<'a>)> = Vec::new();
        for _ in 0..entries {
            let key = self.item(depth)?;
            if !matches!(key, Item::Integer(_) | Item::Text(_)) {
                return Err("a map key that is neither integer nor text");
            }
            if map.iter().any(|(other, _)| *other == key) {
                return Err("the same key twice in one map");
            }
            if map.len() == MAX_ENTRIES {
                return Err("a map of too many entries");
            }
            map.push((key, self.item(depth)?));
        }
        Ok(Item::Map(map))
    }

    /// The argument of an item's head; of major type 7 it is the value's own bits.
    fn argument(&mut self, info: u8) -> Result<u64, &'static str> {
        match info {
            0..=23 => Ok(info.into()),
            24 => self.array().map(|[byte]| byte.into()),
            25 => self.array().map(|bytes| u16::from_be_bytes(bytes).into()),
            26 => self.array().map(|bytes| u32::from_be_bytes(bytes).into()),
            27 => self.array().map(u64::from_be_bytes),
            31 => Err("an item of indefinite length"),
            _ => Err("a head that CBOR reserves"),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (head, rest) = self.rest.split_first_chunk().ok_or("a truncated item")?;
        self.rest = rest;
        Ok(*head)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], &'static str> {
        let length = usize::try_from(length).map_err(|_| "a truncated item")?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or("a truncated item")?;
        self.rest = rest;
        Ok(head)
    }
}

/// The `Sig_structure` of a `COSE_Sign1` without external data (RFC 9052, 4.4).
pub(super) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(protected.len() + payload.len() + 32);
    bytes.push(0x84);
    bytes.push(0x6a);
    bytes.extend(b"Signature1");
    byte_string(protected, &mut bytes);
    byte_string(b"", &mut bytes);
    byte_string(payload, &mut bytes);
    bytes
}

/// Appends a byte string, its length in the shortest form.
fn byte_string(content: &[u8], to: &mut Vec<u8>) {
    let length = content.len() as u64;
    let bytes = length.to_be_bytes();
    match length {
        0..=23 => to.push(0x40 | bytes[7]),
        24..=0xff => to.extend([0x58, bytes[7]]),
        0x100..=0xffff => {
            to.push(0x59);
            to.extend(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            to.push(0x5a);
            to.extend(&bytes[4..]);
        }
        _ => {
            to.push(0x5b);
            to.extend(bytes);
        }
    }
    to.extend(content);
}

/// More than any header has: the search for equal keys stays cheap.
const MAX_ENTRIES: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_examples_of_the_specification() {
        // RFC 8949, appendix A.
        let text = |text| Item::Text(text);
        for (bytes, item) in [
            (
                &b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff"[..],
                Item::Integer(18_446_744_073_709_551_615),
            ),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", Item::Integer(-18_446_744_073_709_551_616)),
            (b"\x39\x03\xe7", Item::Integer(-1000)),
            (b"\x44\x01\x02\x03\x04", Item::Bytes(&[1, 2, 3, 4])),
            (b"\x62\xc3\xbc", text("ü")),
            (b"\xf6", Item::Null),
            (b"\xf9\x3c\x00", Item::Simple),
            (b"\xc1\x1a\x51\x4b\x67\xb0", Item::Tag(1, Box::new(Item::Integer(1_363_896_240)))),
            (b"\x82\x01\x80", Item::List(vec![Item::Integer(1), Item::List(vec![])])),
            (
                b"\xa2\x61a\x01\x02\x61b",
                Item::Map(vec![(text("a"), Item::Integer(1)), (Item::Integer(2), text("b"))]),
            ),
        ] {
            assert_eq!(parse(bytes), Ok(item));
        }
    }

    #[test]
    fn refuses_what_is_ambiguous_or_without_end() {
        for (bytes, why) in [
            (&b""[..], "a truncated item"),
            (b"\x42\x01", "a truncated item"),
            (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "a truncated item"),
            (b"\x01\x01", "data after the end"),
            (b"\x9f\xff", "an item of indefinite length"),
            (b"\x1c", "a head that CBOR reserves"),
            (b"\x61\xff", "a text that is not UTF-8"),
            (b"\xa2\x01\x01\x01\x02", "the same key twice in one map"),
            (b"\xa1\x80\x01", "a map key that is neither integer nor text"),
        ] {
            assert_eq!(parse(bytes), Err(why));
        }
        let mut wide = vec![0xb9, 0x01, 0x01];
        wide.extend((0..=256_u16).flat_map(|key| [&[0x19][..], &key.to_be_bytes(), &[0]].concat()));
        assert_eq!(parse(&wide), Err("a map of too many entries"));
        let deep = [&[0x81; MAX_DEPTH - 1][..], &[0x80]].concat();
        assert!(parse(&deep).is_ok());
        let deeper = [&[0x81; MAX_DEPTH][..], &[0x80]].concat();
        assert_eq!(parse(&deeper), Err("items nested too deeply"));
    }

    #[test]
    fn what_is_written_reads_back() {
        for length in [0, 23, 24, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let mut bytes = Vec::new();
            byte_string(&content, &mut bytes);
            assert_eq!(parse(&bytes), Ok(Item::Bytes(&content)));
        }
        let expected =
            [Item::Text("Signature1"), Item::Bytes(b"p"), Item::Bytes(b""), Item::Bytes(b"q")];
        assert_eq!(parse(&sig_structure(b"p", b"q")), Ok(Item::List(expected.to_vec())));
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
