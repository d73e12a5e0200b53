use boltseal_core::{Digest, Inventory, Platform};

use crate::ImageClaim;

/// The image that reports must be about.
#[derive(Clone, Debug)]
pub struct GateSubject<'a> {
    /// The digest of the index, where the image is one.
    pub index: Option<Digest>,
    /// The names that the image is known by, for messages.
    pub names: Vec<String>,
    /// The platforms: one for a plain image, every child that is an image for an index.
    pub platforms: Vec<PlatformImage<'a>>,
}

/// One platform of the image.
#[derive(Clone, Debug)]
pub struct PlatformImage<'a> {
    /// The platform, where the image says.
    pub platform: Option<Platform>,
    /// The digest of the manifest.
    pub digest: Digest,
    /// The digest of the config, which daemons call the image id.
    pub config: Digest,
    /// What boltseal itself found in the image; [`None`] where it did not look.
    pub inventory: Option<&'a Inventory>,
}

impl PlatformImage<'_> {
    /// The platform's name, else the digest.
    pub(crate) fn label(&self) -> String {
        self.platform.as_ref().map_or_else(|| self.digest.to_string(), ToString::to_string)
    }
}

/// Which platforms a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bearing {
    /// These, by index; never empty.
    On(Vec<usize>),
    /// The only one there is, for the report names no digest.
    Unnamed,
    /// Another image.
    Other,
    /// One of several, and the report does not say which.
    Unclear,
}

impl Bearing {
    /// Whether the report is about platform number `index`.
    pub(crate) fn covers(&self, index: usize) -> bool {
        match self {
            Self::On(platforms) => platforms.contains(&index),
            Self::Unnamed => true,
            Self::Other | Self::Unclear => false,
        }
    }
}

impl GateSubject<'_> {
    /// Finds the platforms that `claim` names: by manifest or config digest, else by the index's
    /// digest and the platform. A claim without any digest is about the only platform.
    pub(crate) fn bearing(&self, claim: &ImageClaim) -> Bearing {
        let is_single = self.platforms.len() == 1;
        if claim.is_unnamed() {
            return if is_single { Bearing::Unnamed } else { Bearing::Unclear };
        }
        let named = self.matching(|it| claim.names(&it.digest) || claim.names(&it.config));
        if !named.is_empty() {
            return Bearing::On(named);
        }
        let Some(index) = self.index.as_ref().filter(|it| claim.names(it)) else {
            return Bearing::Other;
        };
        // After a pull by tag the repository digest is the index's; an image id besides it that
        // is no child's means that the report is about an older or newer child.
        if claim.image_ids.iter().any(|id| id != index) {
            return Bearing::Other;
        }
        if is_single {
            return Bearing::On(vec![0]);
        }
        let same = |it: &PlatformImage<'_>| match (&claim.platform, &it.platform) {
            (Some(claimed), Some(ours)) => is_same(claimed, ours),
            _ => false,
        };
        match self.matching(same) {
            found if found.len() == 1 => Bearing::On(found),
            _ => Bearing::Unclear,
        }
    }

    fn matching(&self, is: impl Fn(&PlatformImage<'_>) -> bool) -> Vec<usize> {
        let all = self.platforms.iter().enumerate();
        all.filter(|(_, it)| is(it)).map(|(index, _)| index).collect()
    }
}

/// Scanners leave the variant out more often than not.
fn is_same(claimed: &Platform, ours: &Platform) -> bool {
    claimed.os == ours.os
        && claimed.architecture == ours.architecture
        && (claimed.variant.is_none() || claimed.variant == ours.variant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::sha256_of(text.as_bytes())
    }

    fn subject(platforms: &[&str]) -> GateSubject<'static> {
        let platform = |name: &&str| PlatformImage {
            platform: Some(name.parse().unwrap()),
            digest: digest(&format!("{name} manifest")),
            config: digest(&format!("{name} config")),
            inventory: None,
        };
        GateSubject {
            index: Some(digest("index")),
            names: Vec::new(),
            platforms: platforms.iter().map(platform).collect(),
        }
    }

    const BOTH: [&str; 2] = ["linux/amd64", "linux/arm64/v8"];

    #[test]
    fn finds_a_child_by_manifest_or_config() {
        let both = subject(&BOTH);
        let mut claim = ImageClaim::default();
        assert_eq!(both.bearing(&claim), Bearing::Unclear);
        claim.image_ids.push(digest("linux/arm64/v8 config"));
        assert_eq!(both.bearing(&claim), Bearing::On(vec![1]));
        claim.repo_digests.push(digest("linux/amd64 manifest"));
        assert_eq!(both.bearing(&claim), Bearing::On(vec![0, 1]));
        assert!(both.bearing(&claim).covers(1));
    }

    #[test]
    fn finds_a_child_by_index_and_platform_unless_its_image_id_is_strange() {
        let both = subject(&BOTH);
        let mut claim = ImageClaim { repo_digests: vec![digest("index")], ..ImageClaim::default() };
        assert_eq!(both.bearing(&claim), Bearing::Unclear);
        claim.platform = Some("linux/arm64".parse().unwrap());
        assert_eq!(both.bearing(&claim), Bearing::On(vec![1]));
        claim.image_ids.push(digest("index"));
        assert_eq!(both.bearing(&claim), Bearing::On(vec![1]));
        claim.image_ids.push(digest("yesterday's config"));
        assert_eq!(both.bearing(&claim), Bearing::Other);
        assert!(!both.bearing(&claim).covers(1));
    }

    #[test]
    fn compares_the_variant_where_the_report_has_one() {
        let both = subject(&["linux/arm/v7", "linux/arm/v8"]);
        let mut claim = ImageClaim { repo_digests: vec![digest("index")], ..ImageClaim::default() };
        let mut of = |platform: &str, subject: &GateSubject<'_>| {
            claim.platform = Some(platform.parse().unwrap());
            subject.bearing(&claim)
        };
        assert_eq!(of("linux/arm/v8", &both), Bearing::On(vec![1]));
        assert_eq!(of("linux/arm", &both), Bearing::Unclear);
        assert_eq!(of("linux/arm/v6", &both), Bearing::Unclear);
        let mut unknown = both.clone();
        unknown.platforms[0].platform = None;
        assert_eq!(of("linux/amd64", &unknown), Bearing::Unclear);
    }

    #[test]
    fn takes_a_report_without_digest_for_a_single_image_only() {
        let claim = ImageClaim::default();
        assert_eq!(subject(&BOTH[..1]).bearing(&claim), Bearing::Unnamed);
        let index = ImageClaim { manifests: vec![digest("index")], ..ImageClaim::default() };
        assert_eq!(subject(&BOTH[..1]).bearing(&index), Bearing::On(vec![0]));
        let other = ImageClaim { manifests: vec![digest("other")], ..ImageClaim::default() };
        assert_eq!(subject(&BOTH[..1]).bearing(&other), Bearing::Other);
    }
}
