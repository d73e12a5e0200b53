//! What the SDK's errors mean.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::call::Call;
use crate::{AwsError, AwsErrorKind};

const MAX_MESSAGE: usize = 500;

/// Codes of credentials that have expired. Any service may answer them.
const EXPIRED: [&str; 2] = ["ExpiredToken", "ExpiredTokenException"];

const DENIED: [&str; 6] = [
    "AccessDenied",
    "AccessDeniedException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
];

/// Codes of credentials that the service does not accept at all.
const UNKNOWN_CALLER: [&str; 10] = [
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

const THROTTLED: [&str; 10] = [
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
    "TOOMANYREQUESTS",
];

/// Codes of what may pass by itself, though the status says that it was the caller's fault.
const PASSING: [&str; 3] = ["IDPCommunicationError", "RequestTimeout", "RequestTimeoutException"];

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) class: FaultClass,
    /// The service's own code; empty where no service answered.
    pub(crate) code: String,
    /// The service's own words, or the connection's; printable and bounded.
    pub(crate) message: String,
    /// How long the service asks to be left alone.
    pub(crate) wait: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultClass {
    /// The credentials have expired.
    Expired,
    /// No credentials could be had, for this reason.
    Identity(Box<AwsError>),
    /// The service refuses.
    Refused,
    /// Too many requests, for longer than the SDK tries.
    Throttled,
    /// No answer, or a server error.
    Unreachable,
    /// An answer that is none.
    Unreadable,
}

impl Fault {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let without_code = |class, message: &str| Self::new(class, "", message);
        match error {
            SdkError::ServiceError(context) => {
                let (code, message) = (context.err().code(), context.err().message());
                let raw = context.raw();
                let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
                let wait = raw.headers().get("retry-after").and_then(|it| it.parse().ok());
                let wait = wait.map(Duration::from_secs);
                Self { wait, ..Self::answered(raw.status().as_u16(), code, message) }
            }
            SdkError::TimeoutError(_) => without_code(FaultClass::Unreachable, "no answer in time"),
            SdkError::ResponseError(_) => without_code(FaultClass::Unreadable, "no proper answer"),
            other => match identity_in(other) {
                Some(error) => without_code(FaultClass::Identity(Box::new(error)), ""),
                None => without_code(FaultClass::Unreachable, &root_text(other)),
            },
        }
    }

    /// An answer with an error in it.
    pub(crate) fn answered(status: u16, code: &str, message: &str) -> Self {
        let class = match code {
            _ if EXPIRED.contains(&code) => FaultClass::Expired,
            _ if THROTTLED.contains(&code) || status == 429 => FaultClass::Throttled,
            _ if status >= 500 || PASSING.contains(&code) => FaultClass::Unreachable,
            "" => FaultClass::Unreadable,
            _ => FaultClass::Refused,
        };
        let status = format!("status {status}");
        let message = if message.is_empty() && code.is_empty() { &status } else { message };
        Self::new(class, code, message)
    }

    pub(crate) fn new(class: FaultClass, code: &str, message: &str) -> Self {
        Self { class, code: printable(code), message: printable(message), wait: None }
    }

    /// Whether trying again may help.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self.class, FaultClass::Throttled | FaultClass::Unreachable)
    }

    /// The same, after this many tries.
    pub(crate) fn given_up(mut self, tries: u32, took: Duration) -> Self {
        let times = if tries == 1 { "try" } else { "tries" };
        let joint = if self.message.is_empty() { "" } else { "; " };
        let seconds = took.as_secs_f64();
        let said = &self.message;
        self.message = format!("{said}{joint}gave up after {tries} {times} in {seconds:.1} s");
        self
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    pub(crate) fn is_denied(&self) -> bool {
        DENIED.contains(&self.code.as_str())
    }

    /// What was found, in the service's own words.
    pub(crate) fn found(&self) -> String {
        match (self.code.is_empty(), self.message.is_empty()) {
            (true, _) => self.message.clone(),
            (false, true) => self.code.clone(),
            (false, false) => format!("{}: {}", self.code, self.message),
        }
    }

    /// The error that this is, unless the caller knows the code better.
    pub(crate) fn into_error(self, call: &Call) -> AwsError {
        let error = |kind| AwsError::new(kind, call.to_string()).found(self.found());
        match &self.class {
            FaultClass::Identity(error) => (**error).clone(),
            FaultClass::Expired => error(AwsErrorKind::Unauthorised)
                .expected("credentials that have not expired")
                .fix("log in to AWS again, and run again"),
            FaultClass::Throttled => error(AwsErrorKind::Throttled).expected("an answer").fix(
                "run again later, or have the account's request rate raised; nothing that was \
                     done is done twice",
            ),
            FaultClass::Unreachable => error(AwsErrorKind::Unreachable)
                .expected("an answer")
                .fix("check the region, HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL, and run again"),
            FaultClass::Unreadable => error(AwsErrorKind::Unreadable)
                .expected("an answer of AWS")
                .fix("look at what answers there: a proxy, or the address in AWS_ENDPOINT_URL"),
            FaultClass::Refused if self.is_denied() => error(AwsErrorKind::Unauthorised)
                .expected(format!("permission for {}", call.iam()))
                .fix(format!(
                    "allow {} in the policy of the role and of the resource (`boltseal release \
                     --dry-run` prints the policy that a release needs)",
                    call.iam()
                )),
            FaultClass::Refused if UNKNOWN_CALLER.contains(&self.code.as_str()) => {
                error(AwsErrorKind::Unauthorised)
                    .expected("credentials that AWS accepts")
                    .fix("log in to AWS again; look at AWS_SESSION_TOKEN and this machine's clock")
            }
            FaultClass::Refused => error(AwsErrorKind::Invalid)
                .expected("success")
                .fix("correct what the answer names"),
        }
    }
}

/// The reason that a session gave for having no credentials.
fn identity_in(error: &(dyn Error + 'static)) -> Option<AwsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<AwsError>() {
            return Some(found.clone());
        }
        next = error.source();
    }
    None
}

fn root_text(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// In one line, without control characters, and not for ever.
fn printable(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;

    fn kind(status: u16, code: &str) -> AwsErrorKind {
        let call = Call::new(Service::Ecr, "DescribeRepositories", "eu-west-1").about("app");
        let error = Fault::answered(status, code, "words").into_error(&call);
        assert_eq!(error.place, "ecr:DescribeRepositories app in eu-west-1");
        assert!(!error.fix.is_empty() && !error.expected.is_empty(), "{error:?}");
        error.kind
    }

    #[test]
    fn each_class_has_its_own_outcome() {
        assert_eq!(kind(400, "AccessDeniedException"), AwsErrorKind::Unauthorised);
        assert_eq!(kind(403, "ExpiredToken"), AwsErrorKind::Unauthorised);
        assert_eq!(kind(403, "InvalidClientTokenId"), AwsErrorKind::Unauthorised);
        assert_eq!(kind(400, "ThrottlingException"), AwsErrorKind::Throttled);
        assert_eq!(kind(429, ""), AwsErrorKind::Throttled);
        assert_eq!(kind(500, "ServerException"), AwsErrorKind::Unreachable);
        assert_eq!(kind(404, ""), AwsErrorKind::Unreadable);
        assert_eq!(kind(400, "InvalidParameterException"), AwsErrorKind::Invalid);
    }

    #[test]
    fn words_of_a_service_are_one_bounded_line() {
        let fault = Fault::answered(400, "X", &format!("a\n\u{1b}[31m b{}", "c".repeat(1000)));
        assert!(fault.message.starts_with("a [31m b") && fault.message.len() <= MAX_MESSAGE);
        assert_eq!(Fault::answered(418, "", "").found(), "status 418");
    }
}
