use std::fmt;

use crate::pattern;

/// The six parts of an ARN, or of a pattern of one. The last may have colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `text`, where it has six and begins as ARNs do.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn").then_some(Self { partition, service, region, account, resource })
    }

    /// The name behind the last `/` of a resource such as `role/path/name`.
    pub(crate) fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the operators `ArnLike` and `ArnEquals` find `text` in `pattern`: part by part, so that
/// no wildcard reaches over a colon.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    by_part(pattern, text, pattern::matches)
}

/// The same for whole sets, as [`pattern::covers`].
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    by_part(wide, narrow, pattern::covers)
}

/// The same for whole sets, as [`pattern::overlaps`].
pub(crate) fn overlaps(one: &str, other: &str) -> bool {
    pattern::is_all_wild(other) || by_part(one, other, pattern::overlaps)
}

fn by_part(pattern: &str, text: &str, one: impl Fn(&str, &str) -> bool) -> bool {
    if pattern::is_all_wild(pattern) && pattern.contains('*') {
        return true;
    }
    let (Some(pattern), Some(text)) = (Arn::parse(pattern), Arn::parse(text)) else {
        return false;
    };
    one(pattern.partition, text.partition)
        && one(pattern.service, text.service)
        && one(pattern.region, text.region)
        && one(pattern.account, text.account)
        && one(pattern.resource, text.resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_their_part() {
        let role = "arn:aws:iam::111122223333:role/ci";
        assert!(matches("arn:aws:iam::*:role/ci", role));
        assert!(matches("arn:*:iam::111122223333:*", role));
        assert!(!matches("arn:aws:*:role/ci", role));
        assert!(!matches("arn:aws:iam::111122223333:role", role));
        assert!(matches("*", role));
        assert!(overlaps("arn:aws:iam::*:role/ci", "arn:aws:iam::111122223333:*"));
        assert!(!covers("arn:aws:iam::*:role/ci", "arn:aws:iam::111122223333:*"));
    }

    #[test]
    fn the_last_part_may_have_colons() {
        let arn = Arn::parse("arn:aws:sns:eu-west-1:111122223333:topic:x").unwrap();
        assert_eq!((arn.region, arn.resource), ("eu-west-1", "topic:x"));
        assert!(Arn::parse("arn:aws:iam::111122223333").is_none());
        assert_eq!(Arn::parse("arn:aws:iam::1:role/a/b/c").unwrap().name(), "c");
    }
}
