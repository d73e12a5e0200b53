use std::fmt;
use std::str::FromStr;

use crate::{AccountId, Arn, KeyResource, Region};

const SCHEME: &str = "awskms://";
const MAX_URI: usize = 2_048;

/// A key of KMS, as cosign writes it: `awskms:///ID`, `awskms:///ARN`, `awskms:///alias/NAME`,
/// `awskms:///ALIAS-ARN`, each also with `HOST:PORT` after the first two slashes.
///
/// ```
/// use boltseal_aws::KeyUri;
/// let uri: KeyUri = "awskms:///alias/release".parse().unwrap();
/// assert_eq!(uri.key_id(), "alias/release");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyUri {
    text: String,
    authority: Option<String>,
    key: KeyName,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum KeyName {
    Alias(String),
    AliasArn(Arn),
    Arn(Arn),
    Id(String),
}

impl KeyUri {
    /// Whether `text` is meant to be such a URI, well-formed or not.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// What KMS calls the key by.
    pub fn key_id(&self) -> String {
        match &self.key {
            KeyName::Alias(name) | KeyName::Id(name) => name.clone(),
            KeyName::AliasArn(arn) | KeyName::Arn(arn) => arn.to_string(),
        }
    }

    /// The region, where the URI names it.
    pub fn region(&self) -> Option<Region> {
        match &self.key {
            KeyName::AliasArn(arn) | KeyName::Arn(arn) => arn.region.parse().ok(),
            KeyName::Alias(_) | KeyName::Id(_) => None,
        }
    }

    /// The key as a policy names it, in `account` and `region` unless the URI says more.
    pub fn resource(&self, region: &Region, account: &AccountId) -> KeyResource {
        let own = |name: &str| KeyResource::Alias {
            at: (region.partition(), region.to_string(), account.to_string()),
            name: name.to_owned(),
        };
        match &self.key {
            KeyName::Arn(arn) => KeyResource::Key(arn.clone()),
            KeyName::Id(id) => KeyResource::Key(Arn {
                partition: region.partition().id().to_owned(),
                service: "kms".to_owned(),
                region: region.to_string(),
                account: account.to_string(),
                resource: format!("key/{id}"),
            }),
            KeyName::Alias(name) => own(name),
            KeyName::AliasArn(arn) => {
                let there: Option<Region> = arn.region.parse().ok();
                let partition = there.map_or(region.partition(), |it| it.partition());
                let at = (partition, arn.region.clone(), arn.account.clone());
                KeyResource::Alias { at, name: arn.resource.clone() }
            }
        }
    }

    /// The address after the first two slashes, as a URL: without TLS on this machine only.
    pub(crate) fn endpoint(&self) -> Option<String> {
        let authority = self.authority.as_deref()?;
        let https = format!("https://{authority}");
        let url = url::Url::parse(&https).ok()?;
        let near = crate::environment::is_loopback(&url);
        Some(if near { format!("http://{authority}") } else { https })
    }
}

impl fmt::Display for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for KeyUri {
    type Err = KeyUriError;

    fn from_str(text: &str) -> Result<Self, KeyUriError> {
        let refuse = || KeyUriError { found: text.chars().take(200).collect() };
        let rest = text.strip_prefix(SCHEME).filter(|_| text.len() <= MAX_URI);
        let (authority, key) = rest.and_then(|it| it.split_once('/')).ok_or_else(refuse)?;
        let key = key_name(key).ok_or_else(refuse)?;
        if !authority.is_empty() && !is_authority(authority) {
            return Err(refuse());
        }
        let authority = Some(authority).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        Ok(Self { text: text.to_owned(), authority, key })
    }
}

fn key_name(text: &str) -> Option<KeyName> {
    if let Some(alias) = text.strip_prefix("alias/") {
        return is_alias(alias).then(|| KeyName::Alias(text.to_owned()));
    }
    if !text.starts_with("arn:") {
        return is_key_id(text).then(|| KeyName::Id(text.to_owned()));
    }
    let arn: Arn = text.parse().ok()?;
    let placed = arn.region.parse::<Region>().is_ok() && arn.account.parse::<AccountId>().is_ok();
    if arn.service != "kms" || !placed {
        return None;
    }
    if arn.resource.strip_prefix("alias/").is_some_and(is_alias) {
        return Some(KeyName::AliasArn(arn));
    }
    arn.resource.strip_prefix("key/").is_some_and(is_key_id).then_some(KeyName::Arn(arn))
}

fn is_alias(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 250
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b))
}

/// A UUID, or `mrk-` and 32 hexadecimal digits.
fn is_key_id(text: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(digits) = text.strip_prefix("mrk-") {
        return digits.len() == 32 && hex(digits);
    }
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|it| it.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.into_iter().all(hex)
}

fn is_authority(text: &str) -> bool {
    let url = url::Url::parse(&format!("https://{text}"));
    url.is_ok_and(|it| {
        it.username().is_empty()
            && it.password().is_none()
            && it.path() == "/"
            && it.query().is_none()
    }) && !text.contains(['?', '#', '@'])
}

/// A text that names no key of KMS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected awskms:///ID, awskms:///ARN, awskms:///alias/NAME or the same with HOST:PORT after \
     the first two slashes, found {found:?}"
)]
pub struct KeyUriError {
    /// The text, cut at 200 characters.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Partition;
    use proptest::prelude::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn reads_every_form_of_cosign() {
        let arn = format!("arn:aws:kms:us-east-2:111122223333:key/{ID}");
        let mrk = "mrk-1234abcd12ab34cd56ef1234567890ab";
        let alias_arn = "arn:aws-cn:kms:cn-north-1:111122223333:alias/team/release";
        for (key, region) in [
            (ID, None),
            (mrk, None),
            (arn.as_str(), Some("us-east-2")),
            ("alias/team/release_1", None),
            (alias_arn, Some("cn-north-1")),
        ] {
            for host in ["", "localhost:4566", "kms.example"] {
                let text = format!("awskms://{host}/{key}");
                let uri: KeyUri = text.parse().unwrap_or_else(|_| panic!("{text}"));
                assert_eq!((uri.to_string(), uri.key_id()), (text, key.to_owned()));
                assert_eq!(uri.region().map(|it| it.to_string()).as_deref(), region);
            }
        }
    }

    #[test]
    fn refuses_what_kms_would() {
        for bad in [
            "awskms://",
            "awskms:///",
            "awskms:///alias/",
            "awskms:///alias/a b",
            "awskms:///1234",
            "awskms:///arn:aws:s3:us-east-2:111122223333:key/x",
            "awskms:///arn:aws:kms:us-east-2:1111:alias/x",
            "awskms://user@host/alias/x",
            "awskms://host?x/alias/x",
            "gcpkms://alias/x",
            "alias/x",
        ] {
            assert!(bad.parse::<KeyUri>().is_err(), "{bad}");
        }
        assert!(KeyUri::is_one("awskms:///nonsense") && !KeyUri::is_one("cosign.key"));
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        let endpoint = |text: &str| text.parse::<KeyUri>().unwrap().endpoint();
        assert_eq!(endpoint("awskms:///alias/x"), None);
        assert_eq!(endpoint("awskms://127.0.0.1:80/alias/x").unwrap(), "http://127.0.0.1:80");
        assert_eq!(endpoint("awskms://[::1]:80/alias/x").unwrap(), "http://[::1]:80");
        assert_eq!(endpoint("awskms://kms.example/alias/x").unwrap(), "https://kms.example");
    }

    #[test]
    fn a_policy_names_the_key_where_it_is() {
        let region: Region = "eu-central-1".parse().unwrap();
        let account: AccountId = "111122223333".parse().unwrap();
        let resource = |key: &str| {
            format!("awskms:///{key}").parse::<KeyUri>().unwrap().resource(&region, &account)
        };
        let KeyResource::Key(arn) = resource(ID) else { panic!() };
        assert_eq!(arn.to_string(), format!("arn:aws:kms:eu-central-1:111122223333:key/{ID}"));
        let there = "arn:aws-us-gov:kms:us-gov-west-1:444455556666:alias/x";
        let KeyResource::Alias { at, name } = resource(there) else { panic!() };
        assert_eq!(
            at,
            (Partition::GovCloud, "us-gov-west-1".to_owned(), "444455556666".to_owned())
        );
        assert_eq!(name, "alias/x");
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,80}") {
            if let Ok(uri) = format!("awskms://{text}").parse::<KeyUri>() {
                drop(uri.endpoint());
            }
        }
    }
}
