use serde_json::json;

use super::http::Reply;
use super::service::{Protocol, Service};

/// An error as a service of AWS answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Seconds for `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

impl ServiceError {
    /// 400, as most errors are.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into(), retry_after: None }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Not allowed, as the service calls it.
    pub(crate) fn denied(service: Service, sentence: String) -> Self {
        match service.protocol() {
            Protocol::Json => Self::new("AccessDeniedException", sentence),
            Protocol::RestJson => Self::new("AccessDeniedException", sentence).with_status(403),
            Protocol::Query => Self::new("AccessDenied", sentence).with_status(403),
        }
    }

    /// The session is over.
    pub(crate) fn expired(service: Service) -> Self {
        let message = "The security token included in the request is expired";
        match service.protocol() {
            Protocol::Json => Self::new("ExpiredTokenException", message),
            Protocol::RestJson => Self::new("ExpiredTokenException", message).with_status(403),
            Protocol::Query => Self::new("ExpiredToken", message).with_status(403),
        }
    }

    /// Nobody here has this access key, or its session token is another.
    pub(crate) fn unrecognised(service: Service) -> Self {
        let message = "The security token included in the request is invalid.";
        match service.protocol() {
            Protocol::Json => Self::new("UnrecognizedClientException", message),
            Protocol::RestJson => {
                Self::new("UnrecognizedClientException", message).with_status(403)
            }
            Protocol::Query => Self::new("InvalidClientTokenId", message).with_status(403),
        }
    }

    /// The call is malformed.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// The answer, in the form that the service speaks.
    pub(crate) fn reply(&self, service: Service) -> Reply {
        let reply = match service.protocol() {
            Protocol::Json => {
                let document = json!({"__type": self.code, "message": self.message});
                Reply::new(self.status, "application/x-amz-json-1.1", document.to_string())
            }
            Protocol::RestJson => {
                let document = json!({"message": self.message});
                Reply::json(self.status, &document).with("x-amzn-errortype", &self.code)
            }
            Protocol::Query => self.xml(service),
        };
        match self.retry_after {
            Some(seconds) => reply.with("retry-after", &seconds.to_string()),
            None => reply,
        }
    }

    fn xml(&self, service: Service) -> Reply {
        let namespace = namespace(service);
        let kind = if self.status < 500 { "Sender" } else { "Receiver" };
        let body = format!(
            "<ErrorResponse xmlns=\"{namespace}\">\n  <Error>\n    <Type>{kind}</Type>\n    \
             <Code>{}</Code>\n    <Message>{}</Message>\n  </Error>\n  \
             <RequestId>00000000-0000-4000-8000-000000000000</RequestId>\n</ErrorResponse>\n",
            escaped(&self.code),
            escaped(&self.message),
        );
        Reply::new(self.status, "text/xml", body)
    }
}

/// The XML namespace of a service that speaks the Query protocol.
pub(crate) fn namespace(service: Service) -> &'static str {
    match service {
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

/// A text as XML holds it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
