use boltseal_core::Digest;
use jiff::Timestamp;

use crate::Refusal;

/// When a signer's key counts (DESIGN.md 7). A time that a key alone has signed is a claim, so it
/// is the verifier's clock that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The first moment at which it counts.
    pub not_before: Option<Timestamp>,
    /// The last one.
    pub not_after: Option<Timestamp>,
    /// The images for which it counts after that as well.
    pub digests: Vec<Digest>,
}

impl Validity {
    /// At any time.
    pub const fn always() -> Self {
        Self { not_before: None, not_after: None, digests: Vec::new() }
    }

    /// Whether `time` is inside the window, both ends included.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.not_before.is_none_or(|it| it <= time) && self.not_after.is_none_or(|it| time <= it)
    }

    /// Why a signature about `subject` does not count at `now`. One by an expired key does with a
    /// trusted authority's timestamp (`stamps`) from inside the window.
    pub(crate) fn refusal(
        &self,
        signer: &str,
        subject: &Digest,
        stamps: &[Timestamp],
        now: Timestamp,
    ) -> Option<Refusal> {
        let (signer, now_text) = (signer.to_owned(), now.to_string());
        if let Some(start) = self.not_before.filter(|it| now < *it) {
            let not_before = start.to_string();
            return Some(Refusal::SignerNotYetValid { signer, not_before, now: now_text });
        }
        let end = self.not_after.filter(|it| *it < now)?;
        if self.digests.contains(subject) || stamps.iter().any(|it| self.contains(*it)) {
            return None;
        }
        Some(Refusal::SignerExpired { signer, not_after: end.to_string(), now: now_text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window() -> Validity {
        Validity {
            not_before: Some(at("2026-01-01T00:00:00Z")),
            not_after: Some(at("2026-06-30T00:00:00Z")),
            digests: vec![Digest::sha256_of(b"kept")],
        }
    }

    fn code(
        validity: &Validity,
        subject: &[u8],
        stamps: &[&str],
        now: &str,
    ) -> Option<&'static str> {
        let stamps: Vec<Timestamp> = stamps.iter().map(|it| at(it)).collect();
        let subject = Digest::sha256_of(subject);
        validity.refusal("k", &subject, &stamps, at(now)).map(|it| it.code())
    }

    #[test]
    fn both_ends_belong_to_the_window() {
        let window = window();
        for (now, expected) in [
            ("2025-12-31T23:59:59Z", Some("signer-not-yet-valid")),
            ("2026-01-01T00:00:00Z", None),
            ("2026-06-30T00:00:00Z", None),
            ("2026-06-30T00:00:01Z", Some("signer-expired")),
        ] {
            assert_eq!(code(&window, b"x", &[], now), expected, "{now}");
            assert_eq!(code(&Validity::always(), b"x", &[], now), None);
        }
    }

    #[test]
    fn an_expired_key_counts_for_listed_images_and_with_a_stamp_from_inside_the_window() {
        let (window, after) = (window(), "2027-01-01T00:00:00Z");
        assert_eq!(code(&window, b"kept", &[], after), None);
        assert_eq!(code(&window, b"x", &["2026-03-01T00:00:00Z"], after), None);
        for stamp in ["2025-03-01T00:00:00Z", "2026-07-01T00:00:00Z"] {
            assert_eq!(code(&window, b"x", &[stamp], after), Some("signer-expired"), "{stamp}");
        }
    }

    #[test]
    fn nothing_makes_a_key_count_before_its_time() {
        let early = "2025-12-01T00:00:00Z";
        let code = code(&window(), b"kept", &["2026-03-01T00:00:00Z"], early);
        assert_eq!(code, Some("signer-not-yet-valid"));
    }
}
