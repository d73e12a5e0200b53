use std::fmt;
use std::str::FromStr;

/// A region, such as `eu-central-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

impl Region {
    /// The region as AWS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of AWS that it belongs to.
    pub fn partition(&self) -> Partition {
        let has = |part: &Partition| part.prefix().is_some_and(|it| self.0.starts_with(it));
        Partition::APART.into_iter().find(has).unwrap_or(Partition::Aws)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let clean = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        let ends_in_number = parts.last().is_some_and(|it| digits(it));
        if (3..=5).contains(&parts.len()) && parts.iter().all(|it| clean(it)) && ends_in_number {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegionError { found: text.chars().take(60).collect() })
        }
    }
}

/// A text that names no region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a region such as eu-central-1, found {found:?}")]
pub struct RegionError {
    /// The text, cut at 60 characters.
    pub found: String,
}

/// A part of AWS with accounts, regions and host names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Partition {
    /// The public one.
    Aws,
    /// China.
    China,
    /// The European sovereign one.
    European,
    /// `GovCloud` (US).
    GovCloud,
    /// Isolated: `us-iso`.
    Iso,
    /// Isolated: `us-isob`.
    IsoB,
    /// Isolated: `eu-isoe`.
    IsoE,
    /// Isolated: `us-isof`.
    IsoF,
}

impl Partition {
    /// All but the public one.
    const APART: [Self; 7] = [
        Self::China,
        Self::European,
        Self::GovCloud,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// As ARNs write it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::European => "aws-eusc",
            Self::GovCloud => "aws-us-gov",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// The end of its host names.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::GovCloud => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::European => "amazonaws.eu",
            Self::Iso => "c2s.ic.gov",
            Self::IsoB => "sc2s.sgov.gov",
            Self::IsoE => "cloud.adc-e.uk",
            Self::IsoF => "csp.hci.ic.gov",
        }
    }

    /// The end of its host names that have IPv6 addresses too.
    pub const fn dual_stack_suffix(self) -> Option<&'static str> {
        match self {
            Self::Aws | Self::GovCloud => Some("on.aws"),
            Self::China => Some("on.amazonwebservices.com.cn"),
            Self::European => Some("on.amazonwebservices.eu"),
            Self::Iso | Self::IsoB | Self::IsoE | Self::IsoF => None,
        }
    }

    /// The region in which its IAM answers, as signatures name it.
    pub const fn iam_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::European => "eusc-de-east-1",
            Self::GovCloud => "us-gov-west-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoE => "eu-isoe-west-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// The host of its IAM.
    pub fn iam_host(self) -> String {
        match self {
            Self::Aws => "iam.amazonaws.com".to_owned(),
            Self::GovCloud => "iam.us-gov.amazonaws.com".to_owned(),
            other => format!("iam.{}.{}", other.iam_region(), other.suffix()),
        }
    }

    /// What the names of its regions begin with; the public one's begin with anything else.
    const fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Aws => None,
            Self::China => Some("cn-"),
            Self::European => Some("eusc-"),
            Self::GovCloud => Some("us-gov-"),
            Self::Iso => Some("us-iso-"),
            Self::IsoB => Some("us-isob-"),
            Self::IsoE => Some("eu-isoe-"),
            Self::IsoF => Some("us-isof-"),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_partition_of_a_region() {
        for (region, partition) in [
            ("eu-central-1", Partition::Aws),
            ("us-gov-west-1", Partition::GovCloud),
            ("cn-northwest-1", Partition::China),
            ("us-isob-east-1", Partition::IsoB),
            ("eusc-de-east-1", Partition::European),
        ] {
            assert_eq!(region.parse::<Region>().unwrap().partition(), partition, "{region}");
        }
        for bad in ["", "eu", "eu-central", "EU-central-1", "a.b-c-1", "eu-central-1/x", "-a-1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn knows_where_iam_is() {
        assert_eq!(Partition::Aws.iam_host(), "iam.amazonaws.com");
        assert_eq!(Partition::GovCloud.iam_host(), "iam.us-gov.amazonaws.com");
        assert_eq!(Partition::China.iam_host(), "iam.cn-north-1.amazonaws.com.cn");
    }
}
