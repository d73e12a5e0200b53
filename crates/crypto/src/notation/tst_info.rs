//! What a timestamp says (RFC 3161, 2.4.2).

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512, digest};
use jiff::{SignedDuration, Timestamp};
use x509_cert::der::Tag;
use x509_cert::der::asn1::ObjectIdentifier;

use super::der_value::Value;
use super::timestamp_error::TimestampError;

/// ETSI's baseline policy, under which a time without accuracy is good to a second.
const BASELINE_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.2023.1.1");

/// The time of a token and how far off it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TstInfo {
    pub(super) time: Timestamp,
    pub(super) accuracy: SignedDuration,
}

impl TstInfo {
    /// Reads a `TSTInfo` that is about `message`.
    pub(super) fn parse(bytes: &[u8], message: &[u8]) -> Result<Self, TimestampError> {
        let unreadable = || TimestampError::Unreadable { found: "no TSTInfo of version 1" };
        let parts = Value::parse(bytes).and_then(|info| info.sequence()).ok_or_else(unreadable)?;
        let [version, policy, imprint, _serial, time, rest @ ..] = parts.as_slice() else {
            return Err(unreadable());
        };
        if version.tag != Tag::Integer || version.number() != Some(1) {
            return Err(unreadable());
        }
        check_imprint(imprint, message)?;
        let is_baseline = policy.object_identifier() == Some(BASELINE_POLICY);
        let accuracy = match rest.first().filter(|it| it.tag == Tag::Sequence) {
            Some(accuracy) => read_accuracy(accuracy).ok_or_else(unreadable)?,
            None => SignedDuration::ZERO,
        };
        let is_unsaid = accuracy.is_zero() && is_baseline;
        Ok(Self {
            time: read_time(time).ok_or_else(unreadable)?,
            accuracy: if is_unsaid { SignedDuration::from_secs(1) } else { accuracy },
        })
    }

    /// The earliest and the latest moment that the token may mean.
    pub(super) fn bounds(&self) -> [Timestamp; 2] {
        let shifted = |by| self.time.saturating_add(by).unwrap_or(self.time);
        [shifted(-self.accuracy), shifted(self.accuracy)]
    }
}

/// SHA-256, SHA-384 or SHA-512 by its identifier.
pub(super) fn hash(id: ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match id.to_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => Some(&SHA256),
        "2.16.840.1.101.3.4.2.2" => Some(&SHA384),
        "2.16.840.1.101.3.4.2.3" => Some(&SHA512),
        _ => None,
    }
}

fn check_imprint(imprint: &Value<'_>, message: &[u8]) -> Result<(), TimestampError> {
    let parts = imprint.sequence().unwrap_or_default();
    let [algorithm, expected] = parts.as_slice() else {
        return Err(TimestampError::Unreadable { found: "no message imprint" });
    };
    let hash = algorithm.algorithm().and_then(hash).ok_or(TimestampError::Hash)?;
    if expected.octets() != Some(digest(hash, message).as_ref()) {
        return Err(TimestampError::OtherMessage);
    }
    Ok(())
}

fn read_accuracy(accuracy: &Value<'_>) -> Option<SignedDuration> {
    let mut total = SignedDuration::ZERO;
    for part in accuracy.sequence()? {
        let number = i64::try_from(part.number()?).ok()?;
        let part = match part.tag {
            Tag::Integer => SignedDuration::from_secs(number),
            _ if part.is_context(0) => SignedDuration::from_millis(number),
            _ if part.is_context(1) => SignedDuration::from_micros(number),
            _ => return None,
        };
        total = total.checked_add(part)?;
    }
    Some(total)
}

/// `YYYYMMDDhhmmss[.f…]Z`
fn read_time(time: &Value<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(time.content).ok()?;
    let digits = text.strip_suffix('Z').filter(|_| time.tag == Tag::GeneralizedTime)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if whole.len() != 14 || !is_number(whole) || !is_number(fraction) || fraction.len() > 9 {
        return None;
    }
    let part = |range: std::ops::Range<usize>| &whole[range];
    let [year, month, day] = [part(0..4), part(4..6), part(6..8)];
    let [hour, minute, second] = [part(8..10), part(10..12), part(12..14)];
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_times_with_and_without_fractions() {
        let read = |text: &str| {
            let bytes = [&[0x18, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            read_time(&Value::parse(&bytes).unwrap()).map(|time| time.to_string())
        };
        assert_eq!(read("20260102030405Z").unwrap(), "2026-01-02T03:04:05Z");
        assert_eq!(read("20260102030405.25Z").unwrap(), "2026-01-02T03:04:05.25Z");
        for bad in [
            "20260102030405",
            "202601020304Z",
            "20260102030405.Z",
            "20261302030405Z",
            "2026-1-2T3:4:5Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn reads_accuracies() {
        let read = |bytes: &[u8]| read_accuracy(&Value::parse(bytes).unwrap());
        let whole = b"\x30\x0b\x02\x01\x01\x80\x02\x01\xf4\x81\x02\x03\xe8";
        assert_eq!(read(whole), Some(SignedDuration::from_micros(1_501_000)));
        assert_eq!(read(b"\x30\x00"), Some(SignedDuration::ZERO));
        assert_eq!(read(b"\x30\x03\x02\x01\xff"), None);
        assert_eq!(read(b"\x30\x03\x82\x01\x01"), None);
    }

    #[test]
    fn a_time_has_bounds() {
        let time: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let info = TstInfo { time, accuracy: SignedDuration::from_secs(2) };
        let bounds = info.bounds().map(|it| it.as_second() - time.as_second());
        assert_eq!(bounds, [-2, 2]);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = TstInfo::parse(&bytes, b"message");
        }
    }
}
