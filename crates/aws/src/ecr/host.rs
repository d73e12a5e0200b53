use std::fmt;

use crate::{AccountId, Hosts, Partition, Region};

/// The host of a private ECR registry, and what it says: whose registry, where.
///
/// ```
/// use boltseal_aws::EcrHost;
/// let host = EcrHost::parse("111122223333.dkr.ecr.us-gov-west-1.amazonaws.com").unwrap();
/// assert_eq!(host.region.as_str(), "us-gov-west-1");
/// assert!(EcrHost::parse("registry.example.com").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrHost {
    /// The account whose registry it is.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Whether it is the host with FIPS-validated cryptography.
    pub fips: bool,
    /// Whether it is the host that has IPv6 addresses too.
    pub dual_stack: bool,
}

/// The hosts of ECR Public, which is another service: anybody may pull from it.
const PUBLIC: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

impl EcrHost {
    /// The registry that `host` is: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with `ecr-fips`, in
    /// China, in the European sovereign and the isolated partitions, and the dual-stack names
    /// `ACCOUNT.dkr-ecr.REGION.on.aws`. [`None`] for any other host, and for one whose end is
    /// not that of its region's partition.
    pub fn parse(host: &str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let account: AccountId = account.parse().ok()?;
        let (rest, dual_stack) = match rest.strip_prefix("dkr.ecr") {
            Some(rest) => (rest, false),
            None => (rest.strip_prefix("dkr-ecr")?, true),
        };
        let (rest, fips) = match rest.strip_prefix("-fips.") {
            Some(rest) => (rest, true),
            None => (rest.strip_prefix('.')?, false),
        };
        let (region, suffix) = rest.split_once('.')?;
        let region: Region = region.parse().ok()?;
        let partition = region.partition();
        let own = if dual_stack { partition.dual_stack_suffix()? } else { partition.suffix() };
        (suffix == own).then_some(Self { account, region, fips, dual_stack })
    }

    /// Whether `host` is ECR Public.
    pub fn is_public(host: &str) -> bool {
        PUBLIC.contains(&host)
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }

    /// The ARN of a repository of this registry.
    pub fn repository_arn(&self, repository: &str) -> String {
        let Self { account, region, .. } = self;
        format!("arn:{}:ecr:{region}:{account}:repository/{repository}", self.partition())
    }

    pub(crate) const fn hosts(&self) -> Hosts {
        Hosts { fips: self.fips, dual_stack: self.dual_stack }
    }
}

impl fmt::Display for EcrHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, fips, dual_stack } = self;
        let fips = if *fips { "-fips" } else { "" };
        let partition = region.partition();
        match partition.dual_stack_suffix().filter(|_| *dual_stack) {
            Some(suffix) => write!(f, "{account}.dkr-ecr{fips}.{region}.{suffix}"),
            None => write!(f, "{account}.dkr.ecr{fips}.{region}.{}", partition.suffix()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_form_and_writes_it_again() {
        for (host, region, partition) in [
            ("111122223333.dkr.ecr.eu-central-1.amazonaws.com", "eu-central-1", "aws"),
            ("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1", "aws"),
            ("111122223333.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"),
            ("111122223333.dkr-ecr.eu-west-1.on.aws", "eu-west-1", "aws"),
            ("111122223333.dkr-ecr-fips.us-east-2.on.aws", "us-east-2", "aws"),
            ("111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn"),
            ("111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "aws-iso"),
            ("111122223333.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "aws-iso-b"),
            ("111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc"),
        ] {
            let read = EcrHost::parse(host).unwrap_or_else(|| panic!("{host}"));
            assert_eq!((read.region.as_str(), read.partition().id()), (region, partition));
            assert_eq!(read.to_string(), host);
            assert_eq!(read.fips, host.contains("-fips."));
        }
    }

    #[test]
    fn refuses_hosts_that_only_look_alike() {
        for host in [
            "dkr.ecr.eu-central-1.amazonaws.com",
            "11112222333.dkr.ecr.eu-central-1.amazonaws.com",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com.evil.example",
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com.cn",
            "111122223333.dkr.ecr.eu-central-1.on.aws",
            "111122223333.dkr-ecr.us-iso-east-1.on.aws",
            "111122223333.dkr.ecr..amazonaws.com",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com:443",
            "public.ecr.aws",
        ] {
            assert_eq!(EcrHost::parse(host), None, "{host}");
        }
        assert!(EcrHost::is_public("public.ecr.aws") && !EcrHost::is_public("ecr.aws"));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,80}", tail in ".{0,40}") {
            drop(EcrHost::parse(&text));
            drop(EcrHost::parse(&format!("111122223333.dkr.ecr.{tail}")));
        }
    }
}
