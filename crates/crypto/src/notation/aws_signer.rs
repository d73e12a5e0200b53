//! Signatures by AWS Signer: what its notation plugin checks, without the plugin.

use super::certificate_chain::CertificateChain;
use super::refusal::{Refusal, Undetermined};
use super::revocation::SignerRevocationQuery;
use super::signed_attributes::{SignedAttributes, SigningScheme, cut};
use super::trust_policy::TrustedIdentity;

/// The plugin that AWS Signer's signatures ask for.
pub const AWS_SIGNER_PLUGIN: &str = "com.amazonaws.signer.notation.plugin";
/// The platform of a signing profile for images.
pub const AWS_SIGNER_PLATFORM: &str = "Notation-OCI-SHA384-ECDSA";

pub(super) const PLUGIN: &str = "io.cncf.notary.verificationPlugin";
const PLUGIN_MIN_VERSION: &str = "io.cncf.notary.verificationPluginMinVersion";
const PROFILE_VERSION: &str = "com.amazonaws.signer.signingProfileVersion";
const JOB: &str = "com.amazonaws.signer.signingJob";

/// The plugin's version whose checks are made here.
const MADE_HERE: [u64; 3] = [1, 0, 350];

/// Who ran AWS Signer: what its critical attributes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningJob {
    /// The ARN of the signing profile's version.
    pub profile_version_arn: String,
    /// The ARN of the job.
    pub job_arn: String,
}

impl SigningJob {
    /// The attributes of a signature that asks for AWS Signer's plugin.
    pub(super) fn of(attributes: &SignedAttributes) -> Result<Self, Refusal> {
        if attributes.scheme != SigningScheme::SigningAuthority {
            return Err(Refusal::PluginScheme { found: attributes.scheme });
        }
        Ok(Self {
            profile_version_arn: critical_text(attributes, PROFILE_VERSION)?.to_owned(),
            job_arn: critical_text(attributes, JOB)?.to_owned(),
        })
    }

    /// The ARN of the profile, whatever its version.
    pub fn profile_arn(&self) -> &str {
        let arn = self.profile_version_arn.as_str();
        arn.rsplit_once('/').map_or(arn, |(profile, _version)| profile)
    }

    /// The identity of a policy that names this profile, or this version of it. Letter case does
    /// not count, and `*` names nobody: the plugin refuses it.
    pub(super) fn identity<'a>(&self, trusted: &'a [TrustedIdentity]) -> Option<&'a str> {
        let arns = trusted.iter().filter_map(|identity| match identity {
            TrustedIdentity::Other(text) => Some(text.as_str()),
            TrustedIdentity::Any | TrustedIdentity::Subject { .. } => None,
        });
        arns.into_iter().find(|arn| {
            let signed = match profile_parts(arn) {
                Some(3) => self.profile_arn(),
                Some(4) => &self.profile_version_arn,
                _ => return false,
            };
            arn.eq_ignore_ascii_case(signed)
        })
    }

    pub(super) fn query(
        &self,
        attributes: &SignedAttributes,
        chain: &CertificateChain,
    ) -> SignerRevocationQuery {
        let region = self.profile_version_arn.split(':').nth(3).unwrap_or_default();
        SignerRevocationQuery {
            signature_timestamp: attributes.signing_time,
            platform_id: AWS_SIGNER_PLATFORM,
            profile_version_arn: self.profile_version_arn.clone(),
            job_arn: self.job_arn.clone(),
            certificate_hashes: chain.signer_hashes(),
            region: region.to_owned(),
        }
    }
}

/// Which plugin a signature asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plugin {
    AwsSigner(SigningJob),
    None,
}

/// Why a plugin's part cannot be played here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PluginDoubt {
    Refused(Refusal),
    Undetermined(Undetermined),
}

impl From<Refusal> for PluginDoubt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Plugin {
    /// Reads the plugin's attributes and refuses every critical attribute that is nobody's.
    pub(super) fn of(attributes: &SignedAttributes) -> Result<Self, PluginDoubt> {
        if attributes.attribute(PLUGIN).is_none() {
            check_understood(attributes, &[])?;
            return Ok(Self::None);
        }
        let name = critical_text(attributes, PLUGIN)?;
        if name != AWS_SIGNER_PLUGIN {
            let unknown = Undetermined::Plugin { name: cut(name) };
            return Err(PluginDoubt::Undetermined(unknown));
        }
        if attributes.attribute(PLUGIN_MIN_VERSION).is_some() {
            let needed = critical_text(attributes, PLUGIN_MIN_VERSION)?;
            let version = version(needed).ok_or(Refusal::Attribute {
                name: PLUGIN_MIN_VERSION,
                expected: "a version of three numbers",
            })?;
            if version > MADE_HERE {
                let unknown = Undetermined::PluginVersion { needed: cut(needed) };
                return Err(PluginDoubt::Undetermined(unknown));
            }
        }
        check_understood(attributes, &[PLUGIN, PLUGIN_MIN_VERSION, PROFILE_VERSION, JOB])?;
        Ok(Self::AwsSigner(SigningJob::of(attributes)?))
    }
}

fn check_understood(attributes: &SignedAttributes, known: &[&str]) -> Result<(), Refusal> {
    let is_unknown = |name: &String| !known.contains(&name.as_str());
    let critical = attributes.extended.iter().filter(|attribute| attribute.is_critical);
    match critical.map(|attribute| &attribute.name).find(|name| is_unknown(name)) {
        Some(name) => Err(Refusal::UnknownCriticalAttribute { name: cut(name) }),
        None => Ok(()),
    }
}

fn critical_text<'a>(
    attributes: &'a SignedAttributes,
    name: &'static str,
) -> Result<&'a str, Refusal> {
    let found = attributes.attribute(name).filter(|attribute| attribute.is_critical);
    let text = found.and_then(|attribute| attribute.text.as_deref());
    text.filter(|text| !text.trim().is_empty())
        .ok_or(Refusal::Attribute { name, expected: "a text, marked critical" })
}

/// The parts between slashes of a signing profile's ARN, `/signing-profiles/NAME[/VERSION]`.
fn profile_parts(arn: &str) -> Option<usize> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _partition, "signer", _region, _account, resource] = parts[..] else {
        return None;
    };
    resource.starts_with("/signing-profiles/").then(|| resource.split('/').count())
}

/// The three numbers of a semantic version. One before a release counts as that release.
fn version(text: &str) -> Option<[u64; 3]> {
    let numbers = text.split(['-', '+']).next()?;
    let numbers: Vec<u64> = numbers.split('.').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::notation::signed_attributes::ExtendedAttribute;

    const PROFILE: &str = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/Build";

    fn attribute(name: &str, text: &str) -> ExtendedAttribute {
        ExtendedAttribute { name: name.to_owned(), is_critical: true, text: Some(text.to_owned()) }
    }

    fn attributes() -> SignedAttributes {
        SignedAttributes {
            scheme: SigningScheme::SigningAuthority,
            signing_time: Timestamp::UNIX_EPOCH,
            expiry: None,
            extended: vec![
                attribute(PLUGIN, AWS_SIGNER_PLUGIN),
                attribute(PROFILE_VERSION, &format!("{PROFILE}/v1")),
                attribute(JOB, "arn:aws:signer:eu-west-1:111122223333:/signing-jobs/1"),
            ],
        }
    }

    fn refused(attributes: &SignedAttributes) -> Refusal {
        match Plugin::of(attributes).unwrap_err() {
            PluginDoubt::Refused(refusal) => refusal,
            PluginDoubt::Undetermined(it) => panic!("{it}"),
        }
    }

    #[test]
    fn reads_a_job() {
        let Ok(Plugin::AwsSigner(job)) = Plugin::of(&attributes()) else { panic!("a job") };
        assert_eq!(job.profile_arn(), PROFILE);
        let plain = SignedAttributes { extended: Vec::new(), ..attributes() };
        assert_eq!(Plugin::of(&plain), Ok(Plugin::None));
    }

    #[test]
    fn identities_are_profiles_or_their_versions() {
        let Ok(Plugin::AwsSigner(job)) = Plugin::of(&attributes()) else { panic!("a job") };
        let trusts = |arn: &str| job.identity(&[TrustedIdentity::Other(arn.to_owned())]).is_some();
        assert!(trusts(PROFILE));
        assert!(trusts(
            &PROFILE
                .to_uppercase()
                .replacen("ARN:AWS:SIGNER", "arn:aws:signer", 1)
                .replace("SIGNING-PROFILES", "signing-profiles")
        ));
        assert!(trusts(&format!("{PROFILE}/v1")));
        for other in [
            &format!("{PROFILE}/v2"),
            &format!("{PROFILE}2"),
            &format!("{PROFILE}/v1/x"),
            &PROFILE.replace("111122223333", "444455556666"),
            &PROFILE.replace(":signer:", ":other:"),
            "*",
            "Build",
        ] {
            assert!(!trusts(other), "{other}");
        }
        assert_eq!(job.identity(&[TrustedIdentity::Any]), None);
    }

    #[test]
    fn refuses_attributes_that_do_not_say_who_signed() {
        for position in 0..3 {
            let mut blank = attributes();
            blank.extended[position].text = Some(" ".to_owned());
            assert!(matches!(refused(&blank), Refusal::Attribute { .. }));
            let mut number = attributes();
            number.extended[position].text = None;
            assert!(matches!(refused(&number), Refusal::Attribute { .. }));
            let mut lax = attributes();
            lax.extended[position].is_critical = false;
            assert!(matches!(refused(&lax), Refusal::Attribute { .. }));
        }
        let mut more = attributes();
        more.extended.push(attribute("com.example.other", ""));
        assert!(matches!(refused(&more), Refusal::UnknownCriticalAttribute { .. }));
        let bare =
            SignedAttributes { extended: vec![attribute(PROFILE_VERSION, "arn")], ..attributes() };
        assert!(matches!(refused(&bare), Refusal::UnknownCriticalAttribute { .. }));
        let publisher = SignedAttributes { scheme: SigningScheme::X509, ..attributes() };
        assert!(matches!(refused(&publisher), Refusal::PluginScheme { .. }));
    }

    #[test]
    fn does_not_play_plugins_it_does_not_know() {
        let doubt = |attributes: &SignedAttributes| Plugin::of(attributes).unwrap_err();
        let mut other = attributes();
        other.extended[0].text = Some("com.example.plugin".to_owned());
        let unknown = Undetermined::Plugin { name: "com.example.plugin".to_owned() };
        assert_eq!(doubt(&other), PluginDoubt::Undetermined(unknown));
        for (needed, is_known) in [
            ("1.0.350", true),
            ("1.0.0", true),
            ("1.0.351", false),
            ("1.1.0", false),
            ("2.0.0", false),
        ] {
            let mut versioned = attributes();
            versioned.extended.push(attribute(PLUGIN_MIN_VERSION, needed));
            assert_eq!(Plugin::of(&versioned).is_ok(), is_known, "{needed}");
            let needed = needed.to_owned();
            if !is_known {
                let unknown = Undetermined::PluginVersion { needed };
                assert_eq!(doubt(&versioned), PluginDoubt::Undetermined(unknown));
            }
        }
        let mut odd = attributes();
        odd.extended.push(attribute(PLUGIN_MIN_VERSION, "new"));
        assert!(matches!(refused(&odd), Refusal::Attribute { .. }));
    }
}
