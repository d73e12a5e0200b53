use std::fmt;

use hyper::StatusCode;
use hyper::header::WWW_AUTHENTICATE;

use super::answer::Answer;
use super::auth::basic_login;
use super::call::Call;
use super::route::Route;

/// Decides over each request to a registry; the registry itself knows no users then.
pub trait Doorkeeper: fmt::Debug + Send + Sync {
    /// Lets a request in or not.
    fn admit(&self, entrance: &Entrance<'_>) -> Result<(), Refusal>;
}

/// What the doorkeeper sees of a request.
#[derive(Clone, Debug)]
pub struct Entrance<'a> {
    /// User and password of a Basic login.
    pub login: Option<(String, String)>,
    /// The repository; none for `/v2/`.
    pub repository: Option<&'a str>,
    /// What is to be done.
    pub deed: Deed,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Ask whether there is a blob.
    AskForBlob,
    /// Delete something.
    Delete,
    /// Send the last of a blob.
    EndUpload,
    /// Ask whether this is a registry.
    Greet,
    /// List tags.
    ListTags,
    /// Begin to send a blob.
    OpenUpload,
    /// Read a blob.
    ReadBlob,
    /// Read a manifest, or which manifests refer to it.
    ReadManifest,
    /// Send a part of a blob.
    SendPart,
    /// Write a manifest.
    WriteManifest,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 403 with this message.
    Denied(String),
    /// 401.
    Unknown,
}

impl Deed {
    fn of(call: &Call) -> Self {
        let Ok(route) = &call.route else {
            return Self::Greet;
        };
        match (call.method.as_str(), route) {
            ("HEAD", Route::Blob(..)) => Self::AskForBlob,
            ("GET", Route::Blob(..)) => Self::ReadBlob,
            ("GET" | "HEAD", Route::Manifest(..) | Route::Referrers(..)) => Self::ReadManifest,
            ("GET", Route::Tags(_)) => Self::ListTags,
            ("POST", Route::Uploads(_)) => Self::OpenUpload,
            ("GET" | "PATCH", Route::Upload(..)) => Self::SendPart,
            ("PUT", Route::Upload(..)) => Self::EndUpload,
            ("PUT", Route::Manifest(..)) => Self::WriteManifest,
            (_, Route::Base) => Self::Greet,
            _ => Self::Delete,
        }
    }
}

impl<'a> Entrance<'a> {
    pub(super) fn of(call: &'a Call) -> Self {
        let repository = call.route.as_ref().ok().and_then(Route::repository);
        Self { login: basic_login(&call.headers), repository, deed: Deed::of(call) }
    }

    /// To read a blob of another repository with the same login.
    pub(super) fn to_mount(call: &Call, repository: &'a str) -> Self {
        let login = basic_login(&call.headers);
        Self { login, repository: Some(repository), deed: Deed::ReadBlob }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(message) => Self::error(StatusCode::FORBIDDEN, "DENIED", &message),
            Refusal::Unknown => {
                let message = "authentication required";
                Self::error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
                    .with(WWW_AUTHENTICATE, r#"Basic realm="testkit",service="ecr.amazonaws.com""#)
            }
        }
    }
}
