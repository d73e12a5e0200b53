use super::http::Request;

/// A service of AWS that is stood in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Elastic Container Registry.
    Ecr,
    /// Identity and Access Management.
    Iam,
    /// Inspector's scanning of inventories.
    InspectorScan,
    /// Key Management Service.
    Kms,
    /// Signer.
    Signer,
    /// Security Token Service.
    Sts,
}

/// How a service is spoken to, which decides the form of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON 1.1: everything in the body, the operation in `X-Amz-Target`.
    Json,
    /// AWS Query: a form, and XML back.
    Query,
    /// REST with JSON bodies.
    RestJson,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) service: Service,
    /// As the API calls it.
    pub(crate) name: String,
}

impl Service {
    /// How its actions begin, and what requests to it are signed for.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Ecr => "ecr",
            Self::Iam => "iam",
            Self::InspectorScan => "inspector-scan",
            Self::Kms => "kms",
            Self::Signer => "signer",
            Self::Sts => "sts",
        }
    }

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Ecr | Self::Kms => Protocol::Json,
            Self::Iam | Self::Sts => Protocol::Query,
            Self::InspectorScan | Self::Signer => Protocol::RestJson,
        }
    }
}

impl Operation {
    pub(crate) fn new(service: Service, name: &str) -> Self {
        Self { service, name: name.to_owned() }
    }

    /// Reads what a request asks for; `None` where it is no call of a service known here.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        if let Some(target) = request.header("x-amz-target") {
            let (service, name) = target.split_once('.')?;
            return match service {
                "AmazonEC2ContainerRegistry_V20150921" => Some(Self::new(Service::Ecr, name)),
                "TrentService" => Some(Self::new(Service::Kms, name)),
                _ => None,
            };
        }
        let (method, path) = (request.method.as_str(), request.path.as_str());
        match (method, path) {
            ("POST", "/scan/sbom") => Some(Self::new(Service::InspectorScan, "ScanSbom")),
            ("POST", "/signing-jobs/with-payload") => {
                Some(Self::new(Service::Signer, "SignPayload"))
            }
            ("GET", "/revocations") => Some(Self::new(Service::Signer, "GetRevocationStatus")),
            ("GET", _) if path.starts_with("/signing-profiles/") => {
                Some(Self::new(Service::Signer, "GetSigningProfile"))
            }
            ("POST", "/" | "") => Self::of_form(request),
            _ => None,
        }
    }

    fn of_form(request: &Request) -> Option<Self> {
        let form = request.form();
        let service = match form.first("Version")? {
            "2011-06-15" => Service::Sts,
            "2010-05-08" => Service::Iam,
            _ => return None,
        };
        Some(Self::new(service, form.first("Action")?))
    }

    /// `SERVICE:Name`.
    pub(crate) fn action(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.name)
    }
}
