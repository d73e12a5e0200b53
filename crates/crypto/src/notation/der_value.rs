//! DER values, taken apart without losing their bytes.

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode, Encode, Reader, SliceReader, Tag, Tagged};

/// More than any structure that is read here has.
const MAX_CHILDREN: usize = 64;

/// One value: its tag, its content, and both together with the length between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: Tag,
    pub(super) content: &'a [u8],
    pub(super) bytes: &'a [u8],
}

impl<'a> Value<'a> {
    /// Exactly one value.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let any = AnyRef::from_der(bytes).ok()?;
        Some(Self { tag: any.tag(), content: any.value(), bytes })
    }

    /// The values that the content consists of; nothing beside them.
    pub(super) fn children(&self) -> Option<Vec<Self>> {
        let mut children = Vec::new();
        if self.content.is_empty() {
            return Some(children);
        }
        let mut reader = SliceReader::new(self.content).ok()?;
        while !reader.is_finished() {
            if children.len() == MAX_CHILDREN {
                return None;
            }
            children.push(Self::parse(reader.tlv_bytes().ok()?)?);
        }
        Some(children)
    }

    /// The children of a SEQUENCE.
    pub(super) fn sequence(&self) -> Option<Vec<Self>> {
        if self.tag == Tag::Sequence { self.children() } else { None }
    }

    /// The children of a SET.
    pub(super) fn set(&self) -> Option<Vec<Self>> {
        if self.tag == Tag::Set { self.children() } else { None }
    }

    /// Whether it is `[number]`, whatever is in it.
    pub(super) fn is_context(&self, number: u8) -> bool {
        matches!(self.tag, Tag::ContextSpecific { number: found, .. } if found.value() == number)
    }

    pub(super) fn object_identifier(&self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_der(self.bytes).ok()
    }

    /// The content of an OCTET STRING.
    pub(super) fn octets(&self) -> Option<&'a [u8]> {
        (self.tag == Tag::OctetString).then_some(self.content)
    }

    /// A number that is not negative, from the content alone, for the tag may be implicit.
    pub(super) fn number(&self) -> Option<u64> {
        let [first, ..] = self.content else { return None };
        let fits = *first < 0x80 && self.content.len() <= 8;
        fits.then(|| self.content.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// The identifier of an `AlgorithmIdentifier`.
    pub(super) fn algorithm(&self) -> Option<ObjectIdentifier> {
        self.sequence()?.first()?.object_identifier()
    }

    /// The same value with the tag of a SET: how signed attributes are hashed (RFC 5652, 5.4).
    pub(super) fn as_set(&self) -> Option<Vec<u8>> {
        let (_, rest) = self.bytes.split_first()?;
        let tag = Tag::Set.to_der().ok()?;
        Some([&tag[..], rest].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_structures_apart() {
        let bytes = b"\x30\x0a\x02\x01\x05\x80\x02\x01\x00\xa1\x01\x05";
        let value = Value::parse(&bytes[..]);
        assert!(value.is_some());
        let children = value.unwrap().sequence();
        // The last one claims a byte of another value.
        assert!(children.is_none() || children.unwrap().len() == 3);
        let good = Value::parse(b"\x30\x07\x02\x01\x05\x80\x02\x01\x00").unwrap();
        let [five, implicit] = good.sequence().unwrap()[..] else { panic!("{good:?}") };
        assert_eq!((five.number(), implicit.number()), (Some(5), Some(256)));
        assert!(implicit.is_context(0) && !implicit.is_context(1) && !five.is_context(2));
        assert_eq!(good.set(), None);
        assert_eq!(
            Value::parse(b"\xa0\x03\x02\x01\x05").unwrap().as_set().unwrap()[..2],
            [0x31, 3]
        );
    }

    #[test]
    fn refuses_negative_large_and_foreign_values() {
        for bytes in [&b"\x02\x01\x80"[..], b"\x02\x09\x01\0\0\0\0\0\0\0\0", b"\x02\0"] {
            assert_eq!(Value::parse(bytes).and_then(|value| value.number()), None);
        }
        assert_eq!(Value::parse(b"\x02\x01\x05\x00"), None);
        assert_eq!(Value::parse(b"\x04\x01\x05").unwrap().octets(), Some(&[5][..]));
        assert_eq!(Value::parse(b"\x02\x01\x05").unwrap().octets(), None);
        let many = [&[0x30, 0x81, 0x82][..], &[0x05, 0x00].repeat(65)].concat();
        assert_eq!(Value::parse(&many).unwrap().sequence(), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let value = Value::parse(&bytes);
            let _ = value.and_then(|value| value.children());
            let _ = value.and_then(|value| value.algorithm());
        }
    }
}
