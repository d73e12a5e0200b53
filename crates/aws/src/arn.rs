use std::fmt;
use std::str::FromStr;

/// An Amazon Resource Name, in its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, ….
    pub partition: String,
    /// `kms`, `ecr`, `iam`, ….
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// Empty for what belongs to no account.
    pub account: String,
    /// Everything after the account, with its colons.
    pub resource: String,
}

impl Arn {
    /// The resource after `kind` and `/` or `:`, as in `key/ID` or `role/PATH/NAME`.
    pub fn resource_of(&self, kind: &str) -> Option<&str> {
        let rest = self.resource.strip_prefix(kind)?;
        rest.strip_prefix('/').or_else(|| rest.strip_prefix(':')).filter(|it| !it.is_empty())
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let refuse = || ArnError { found: text.chars().take(200).collect() };
        let clean = text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic());
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return Err(refuse());
        };
        if !clean || partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(refuse());
        }
        Ok(Self {
            partition: partition.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }
}

/// A text that is no ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, found {found:?}")]
pub struct ArnError {
    /// The text, cut at 200 characters.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "arn:aws:kms:us-east-1:111122223333:key/1234",
            "arn:aws-cn:iam::111122223333:role/path/ci",
            "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/p",
            "arn:aws:sts::111122223333:assumed-role/ci/a:b",
        ] {
            assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "arn",
            "arn:aws:kms:r:a:",
            "arn::kms:r:a:x",
            "urn:aws:kms:r:a:x",
            "arn:aws:kms:r:a:x y",
        ] {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
        let key: Arn = "arn:aws:kms:us-east-1:1:key/abc".parse().unwrap();
        assert_eq!((key.resource_of("key"), key.resource_of("alias")), (Some("abc"), None));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,80}") {
            drop(text.parse::<Arn>());
        }
    }
}
