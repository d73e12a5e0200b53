use std::collections::BTreeMap;
use std::path::PathBuf;

use url::{Host, Url};

use crate::service::Service;
use crate::{AwsError, AwsErrorKind, Region};

/// What the environment says about AWS, in the variables that the SDKs and the AWS CLI read:
/// `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`
/// (unless `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true), `AWS_CA_BUNDLE`,
/// `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsEnvironment {
    /// The region, where one is named.
    pub region: Option<Region>,
    /// Authorities that are trusted besides the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Which kind of host names to use.
    pub hosts: Hosts,
    endpoints: BTreeMap<&'static str, String>,
}

/// Which kind of host names the services are called by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Those with FIPS-validated cryptography.
    pub fips: bool,
    /// Those that have IPv6 addresses too.
    pub dual_stack: bool,
}

impl AwsEnvironment {
    /// Reads the variables through `variable`.
    ///
    /// # Errors
    /// For a region that is none, and for an endpoint that is no URL, or that is not on this
    /// machine and would be spoken to without TLS.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, AwsError> {
        let lookup =
            |name: &str| variable(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let is = |name: &str| lookup(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let mut endpoints = BTreeMap::new();
        if !is("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            for service in Service::ALL {
                for name in [service.variable(), "AWS_ENDPOINT_URL"] {
                    if let Some(text) = lookup(name) {
                        endpoints.insert(service.id(), endpoint(name, &text)?);
                        break;
                    }
                }
            }
        }
        Ok(Self {
            region: region(&lookup)?,
            ca_file: lookup("AWS_CA_BUNDLE").map(PathBuf::from),
            hosts: Hosts {
                fips: is("AWS_USE_FIPS_ENDPOINT"),
                dual_stack: is("AWS_USE_DUALSTACK_ENDPOINT"),
            },
            endpoints,
        })
    }

    /// The address that a service is called at instead of its own.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        self.endpoints.get(service.id()).map(String::as_str)
    }
}

fn region(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<Region>, AwsError> {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(text) = lookup(name) {
            let region = text.parse().map_err(|_| {
                AwsError::new(AwsErrorKind::Invalid, name)
                    .expected("a region such as eu-central-1")
                    .found(text.chars().take(60).collect::<String>())
                    .fix(format!("set {name} to the region of the registry"))
            })?;
            return Ok(Some(region));
        }
    }
    Ok(None)
}

/// HTTPS, or this machine: requests carry tokens, and answers carry keys.
pub(crate) fn endpoint(name: &str, text: &str) -> Result<String, AwsError> {
    let wrong = |found: &str| {
        AwsError::new(AwsErrorKind::Invalid, name)
            .expected("an https URL, or an http URL on this machine")
            .found(found)
            .fix(format!("correct {name}, or unset it"))
    };
    let url = Url::parse(text).map_err(|_| wrong("no URL"))?;
    let bare = url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a URL with a query, a fragment or a login"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("an http URL of another machine")),
        _ => return Err(wrong("a URL that is not http")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether the URL's host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<AwsEnvironment, AwsError> {
        AwsEnvironment::of(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_service_s_own_endpoint_comes_first() {
        let general = ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000/");
        let own = ("AWS_ENDPOINT_URL_INSPECTOR_SCAN", "https://scan.example");
        let environment = read(&[general, own, ("AWS_REGION", "eu-west-1")]).unwrap();
        assert_eq!(environment.endpoint(Service::Kms), Some("http://127.0.0.1:5000"));
        assert_eq!(environment.endpoint(Service::InspectorScan), Some("https://scan.example"));
        assert_eq!(environment.region.unwrap().as_str(), "eu-west-1");
        let off = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        assert_eq!(read(&[general, off]).unwrap().endpoint(Service::Kms), None);
        assert_eq!(read(&[]).unwrap(), AwsEnvironment::default());
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for bad in [
            "kms.example",
            "http://kms.example",
            "ftp://127.0.0.1",
            "https://a:b@c.example",
            "https://kms.example/?x=1",
        ] {
            let error = read(&[("AWS_ENDPOINT_URL_KMS", bad)]).unwrap_err();
            assert_eq!(
                (error.kind, error.place.as_str()),
                (AwsErrorKind::Invalid, "AWS_ENDPOINT_URL_KMS")
            );
            assert!(!error.found.contains("a:b"));
        }
        assert!(read(&[("AWS_DEFAULT_REGION", "Frankfurt")]).is_err());
    }
}
