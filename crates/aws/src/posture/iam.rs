//! The few calls to IAM. Its SDK is the largest of all; these are three requests of its query
//! protocol.

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use boltseal_ports::DocumentRefusal;
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::iam_xml::{Answered, read};
use crate::fault::{Fault, FaultClass};
use crate::service::Service;
use crate::{Partition, Session};

const VERSION: &str = "2010-05-08";
const MAX_PAGES: usize = 100;
/// What all pages together may hold.
const MAX_BYTES: usize = 64 << 20;

/// IAM of one partition.
pub(super) struct Iam {
    session: Session,
    partition: Partition,
    url: String,
}

impl Iam {
    pub(super) fn new(session: &Session, partition: Partition) -> Self {
        let own = session.aws().environment().endpoint(Service::Iam);
        let url = match own {
            Some(url) => format!("{url}/"),
            None => format!("https://{}/", partition.iam_host()),
        };
        Self { session: session.clone(), partition, url }
    }

    /// `GetRole`, by name.
    pub(super) async fn role(&self, name: &str) -> Result<Value, DocumentRefusal> {
        let form = [("Action", "GetRole"), ("Version", VERSION), ("RoleName", name)];
        self.call(&form).await.map(|page| Value::Object(page.members)).map_err(refused)
    }

    /// `GetAccountAuthorizationDetails`, all pages as one.
    pub(super) async fn account(&self) -> Result<Value, DocumentRefusal> {
        let mut whole: Map<String, Value> = Map::new();
        let mut marker: Option<String> = None;
        let mut bytes = 0;
        for _ in 0..MAX_PAGES {
            let mut form = vec![("Action", "GetAccountAuthorizationDetails"), ("Version", VERSION)];
            form.push(("MaxItems", "1000"));
            form.extend(marker.as_deref().map(|it| ("Marker", it)));
            let page = self.call(&form).await.map_err(refused)?;
            bytes += page.bytes;
            if bytes > MAX_BYTES {
                break;
            }
            let (more, next) = joined(&mut whole, page.members);
            if !more {
                return Ok(Value::Object(whole));
            }
            marker = next;
        }
        let code = "TooMuch".to_owned();
        let message = format!("more than {MAX_PAGES} pages or {MAX_BYTES} bytes");
        Err(DocumentRefusal { code, message })
    }

    async fn call(&self, form: &[(&str, &str)]) -> Result<Page, Fault> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.session.persist(Service::Iam, || self.attempt(body.clone())).await
    }

    async fn attempt(&self, body: String) -> Result<Page, Fault> {
        let request = self.signed(body).await?;
        let connector = self.session.aws().connector();
        let response = connector.exchange(request).await.map_err(|error| {
            Fault::new(FaultClass::Unreachable, "", &error.into_source().to_string())
        })?;
        let status = response.status();
        let bytes = response.body().bytes().unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        match read(&text) {
            Ok(Answered::Error { code, message }) => {
                Err(Fault::answered(status.as_u16(), &code, &message))
            }
            Ok(Answered::Result(members)) if status.is_success() => {
                Ok(Page { members, bytes: bytes.len() })
            }
            Ok(Answered::Result(_)) => Err(Fault::answered(status.as_u16(), "", "")),
            Err(_) if status.is_server_error() => Err(Fault::answered(status.as_u16(), "", "")),
            Err(found) => Err(Fault::new(FaultClass::Unreadable, "", found)),
        }
    }

    async fn signed(&self, body: String) -> Result<HttpRequest, Fault> {
        let credentials = self.session.credentials().await;
        let credentials = credentials.map_err(|error| {
            Fault::new(FaultClass::Identity(Box::new(error)), "", "no credentials")
        })?;
        let impossible =
            |text: String| Fault::new(FaultClass::Unreadable, "", &format!("no request: {text}"));
        let identity: Identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.partition.iam_region())
            .name("iam")
            .time(self.session.aws().now().into())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| impossible(error.to_string()))?
            .into();
        let kind = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let bytes = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", self.url.clone(), [kind].into_iter(), bytes)
            .map_err(|error| impossible(error.to_string()))?;
        let signed = sign(signable, &parameters).map_err(|error| impossible(error.to_string()))?;
        let (instructions, _) = signed.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body.as_str()));
        let method = request.set_method("POST").map_err(|it| it.to_string());
        let target = request.set_uri(self.url.clone()).map_err(|it| it.to_string());
        method.and(target).map_err(impossible)?;
        request.headers_mut().insert(kind.0, kind.1);
        for (name, value) in instructions.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(request)
    }
}

struct Page {
    members: Map<String, Value>,
    bytes: usize,
}

/// Puts the lists of a page behind those of the pages before it; tells whether there is more.
fn joined(whole: &mut Map<String, Value>, page: Map<String, Value>) -> (bool, Option<String>) {
    let (mut more, mut next) = (false, None);
    for (key, value) in page {
        match (key.as_str(), value) {
            ("IsTruncated", value) => more = value == Value::Bool(true),
            ("Marker", Value::String(marker)) => next = Some(marker),
            (_, Value::Array(items)) => {
                let list = whole.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.extend(items);
                }
            }
            _ => {}
        }
    }
    (more && next.is_some(), next)
}

/// A refusal as a document: that nobody answered is one too.
pub(super) fn refused(fault: Fault) -> DocumentRefusal {
    let code = match &fault.class {
        _ if !fault.code.is_empty() => fault.code.clone(),
        FaultClass::Identity(_) => "NoCredentials".to_owned(),
        FaultClass::Unreadable => "Unreadable".to_owned(),
        _ => "Unreachable".to_owned(),
    };
    let message = match fault.class {
        FaultClass::Identity(error) => error.to_string(),
        _ => fault.message,
    };
    DocumentRefusal { code, message }
}
