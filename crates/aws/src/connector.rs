//! The SDK's requests, over the HTTP client that everything else uses: one TLS stack, one pool
//! of connections, one count.

use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use boltseal_ports::Traffic;
use reqwest::{Certificate, Client, Method, Response};
use tokio::time::timeout;
use url::{Host, Url};

use crate::environment::is_loopback;
use crate::{AwsError, AwsErrorKind};

/// The longest answer that is read. A page of 1,000 findings has some 4 MiB.
const MAX_ANSWER: usize = 32 << 20;
const MAX_CA_BYTES: u64 = 1 << 20;
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests for the SDK, and counts them.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    inner: Arc<Inner>,
    /// How long one exchange may take, where the client of a service that may not be there (the
    /// machine's metadata service) says so.
    limit: Option<Duration>,
}

#[derive(Debug)]
struct Inner {
    user_agent: String,
    authorities: Vec<Certificate>,
    /// Goes through the proxies of the environment.
    routed: OnceLock<Client>,
    /// For this machine, to which no proxy leads.
    direct: OnceLock<Client>,
    reads: AtomicU64,
    writes: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Connector {
    pub(crate) fn new(user_agent: &str, ca_file: Option<&Path>) -> Result<Self, AwsError> {
        let inner = Arc::new(Inner {
            user_agent: user_agent.to_owned(),
            authorities: ca_file.map_or(Ok(Vec::new()), authorities)?,
            routed: OnceLock::new(),
            direct: OnceLock::new(),
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        });
        Ok(Self { inner, limit: None })
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let inner = &self.inner;
        Traffic {
            reads: of(&inner.reads),
            writes: of(&inner.writes),
            sent: of(&inner.sent),
            received: of(&inner.received),
        }
    }

    /// Sends one request whose body is in memory, and reads the whole answer.
    pub(crate) async fn exchange(
        &self,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let url = Url::parse(request.uri()).map_err(|it| ConnectorError::user(it.into()))?;
        let method = Method::from_bytes(request.method().as_bytes());
        let method = method.map_err(|it| ConnectorError::user(it.into()))?;
        let body = request.body().bytes().map(<[u8]>::to_vec);
        let body = body.ok_or_else(|| ConnectorError::user("a body that is no bytes".into()))?;
        self.count(&request, body.len());
        let mut outgoing = self.client(&url)?.request(method, url).body(body);
        for (name, value) in request.headers() {
            outgoing = outgoing.header(name, value);
        }
        let response = outgoing.send().await.map_err(|it| connector_error(&it))?;
        self.whole(response).await
    }

    async fn whole(&self, mut response: Response) -> Result<HttpResponse, ConnectorError> {
        let status = StatusCode::try_from(response.status().as_u16())
            .map_err(|it| ConnectorError::other(it.into(), None))?;
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|it| connector_error(&it))? {
            self.inner.received.fetch_add(piece.len() as u64, Ordering::Relaxed);
            if body.len() + piece.len() > MAX_ANSWER {
                let text = format!("an answer of more than {MAX_ANSWER} bytes");
                return Err(ConnectorError::other(text.into(), None));
            }
            body.extend_from_slice(&piece);
        }
        let mut answer = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in &headers {
            if let Ok(value) = value.to_str() {
                let added =
                    answer.headers_mut().try_append(name.as_str().to_owned(), value.to_owned());
                added.map_err(|it| ConnectorError::other(it.into(), None))?;
            }
        }
        Ok(answer)
    }

    fn count(&self, request: &HttpRequest, bytes: usize) {
        let counter = if writes(request) { &self.inner.writes } else { &self.inner.reads };
        counter.fetch_add(1, Ordering::Relaxed);
        self.inner.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn client(&self, url: &Url) -> Result<&Client, ConnectorError> {
        let is_near = is_near(url);
        let cell = if is_near { &self.inner.direct } else { &self.inner.routed };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let authorities = self.inner.authorities.clone();
        let builder = Client::builder()
            .user_agent(&self.inner.user_agent)
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        let builder = match (is_near, url.scheme()) {
            // No TLS is spoken here, so that the system's authorities need not be read.
            (true, "http") => builder.no_proxy().tls_certs_only(authorities),
            (true, _) => builder.no_proxy().tls_certs_merge(authorities),
            (false, _) => builder.tls_certs_merge(authorities),
        };
        let built = builder.build().map_err(|it| connector_error(&it))?;
        Ok(cell.get_or_init(|| built))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let exchange = connector.exchange(request);
            match connector.limit {
                None => exchange.await,
                Some(limit) => timeout(limit, exchange).await.unwrap_or_else(|_| {
                    let late = ConnectorError::timeout("no answer in time".into());
                    Err(late.never_connected())
                }),
            }
        })
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connect = settings.connect_timeout().unwrap_or_default();
        let limit = settings.read_timeout().map(|read| connect + read);
        SharedHttpConnector::new(Self { inner: Arc::clone(&self.inner), limit })
    }
}

/// Whether a request changes something; all but these only read, whatever their method.
fn writes(request: &HttpRequest) -> bool {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.ends_with(".StartImageScan") || request.uri().ends_with("/signing-jobs/with-payload")
}

/// This machine, and the metadata services that each machine has for itself.
fn is_near(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_link_local(),
            Some(Host::Ipv6(address)) => address.segments()[..2] == [0xfd00, 0x0ec2],
            _ => false,
        }
}

/// The client's own text names the URL; only the root of its trouble is told.
fn connector_error(error: &reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        return ConnectorError::timeout("no connection in time".into());
    }
    let text = root_text(error);
    let failure = ConnectorError::io(text.into());
    if error.is_connect() { failure.never_connected() } else { failure }
}

fn root_text(error: &reqwest::Error) -> String {
    let mut root: &(dyn std::error::Error + 'static) = error;
    let mut found = None;
    loop {
        let wrapped = root.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let next = wrapped.map(|it| it as &(dyn std::error::Error + 'static));
        match next.or_else(|| root.source()) {
            Some(source) => root = source,
            None => return found.unwrap_or_else(|| "no answer".to_owned()),
        }
        found = Some(root.to_string());
    }
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, AwsError> {
    let wrong = |found: String| {
        AwsError::new(AwsErrorKind::Invalid, format!("AWS_CA_BUNDLE {}", file.display()))
            .expected("a PEM file with certificates of authorities")
            .found(found)
            .fix("name a PEM file that has at least one CERTIFICATE block, or unset AWS_CA_BUNDLE")
    };
    let opened = std::fs::File::open(file).map_err(|it| wrong(it.to_string()))?;
    let mut pem = Vec::new();
    let read = opened.take(MAX_CA_BYTES + 1).read_to_end(&mut pem);
    read.map_err(|it| wrong(it.to_string()))?;
    if pem.len() as u64 > MAX_CA_BYTES {
        return Err(wrong(format!("more than {MAX_CA_BYTES} bytes")));
    }
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| wrong("no PEM".to_owned()))?;
    if found.is_empty() { Err(wrong("no certificate".to_owned())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_of_authorities_that_is_none_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let refused = || {
            let error = Connector::new("test", Some(&file)).unwrap_err();
            assert!(error.place.starts_with("AWS_CA_BUNDLE "), "{error:?}");
            error.found
        };
        assert!(refused().contains("No such file"));
        std::fs::write(&file, "nothing").unwrap();
        assert_eq!(refused(), "no certificate");
        std::fs::write(&file, vec![b'x'; 1 << 21]).unwrap();
        assert!(refused().starts_with("more than"));
    }

    #[test]
    fn only_what_changes_something_is_a_write() {
        let request = |target: Option<&'static str>, uri: &'static str| {
            let mut request = HttpRequest::get(uri).unwrap();
            if let Some(target) = target {
                request.headers_mut().insert("x-amz-target", target);
            }
            writes(&request)
        };
        let uri = "https://api.example/";
        assert!(request(Some("AmazonEC2ContainerRegistry_V20150921.StartImageScan"), uri));
        assert!(!request(Some("TrentService.Sign"), uri) && !request(None, uri));
        assert!(request(None, "https://signer.example/signing-jobs/with-payload"));
    }

    #[tokio::test]
    async fn a_service_that_may_not_be_there_is_not_waited_for() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let connector = Connector::new("test", None).unwrap();
        let limit = Some(Duration::from_millis(50));
        let request = HttpRequest::get(url).unwrap();
        let error = Connector { limit, ..connector }.call(request).await.unwrap_err();
        assert!(error.is_timeout());
    }

    #[test]
    fn metadata_services_are_reached_without_a_proxy() {
        let near = |url: &str| is_near(&Url::parse(url).unwrap());
        for url in [
            "http://169.254.169.254/latest",
            "http://169.254.170.2/x",
            "http://localhost:1/",
            "http://[fd00:ec2::254]/x",
            "https://127.0.0.1/",
        ] {
            assert!(near(url), "{url}");
        }
        for url in ["https://kms.eu-west-1.amazonaws.com/", "http://10.0.0.1/", "http://[fd00::1]/"]
        {
            assert!(!near(url), "{url}");
        }
    }
}
