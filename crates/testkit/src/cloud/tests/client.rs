use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::Value;

use crate::cloud::http::{Outbound, Reply, Request};
use crate::cloud::sigv4::Signature;
use crate::cloud::{Claims, Cloud, Service};

/// Temporary credentials, as `AssumeRoleWithWebIdentity` gives them.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret: String,
    pub(super) token: String,
}

/// An answer, with the code of its error.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Answer {
    fn of(reply: &Reply) -> Self {
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        Self { status: reply.status, text }
    }

    pub(super) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The code of an error in JSON or XML.
    pub(super) fn code(&self) -> String {
        assert_ne!(self.status, 200, "{}", self.text);
        let json: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let code = json["__type"].as_str().map(str::to_owned);
        code.or_else(|| element(&self.text, "Code")).unwrap_or_default()
    }
}

/// The text of an element.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
}

/// A call that anybody may make.
pub(super) fn assume(cloud: &Cloud, role: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let encode = |it: &str| crate::registry::encode(it);
    let role = cloud.role_arn(role);
    let known = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", &role),
        ("RoleSessionName", "run-7"),
        ("WebIdentityToken", token),
    ];
    let pairs = known.iter().chain(more).map(|(k, v)| format!("{k}={}", encode(v)));
    let body = pairs.collect::<Vec<_>>().join("&");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let request =
        Outbound { method: "POST", target: "/", headers: &headers, body: body.as_bytes() };
    Answer::of(&request.send(&cloud.endpoint()).unwrap())
}

/// Credentials of the role `release`, narrowed by a session policy.
pub(super) fn session(cloud: &Cloud, policy: Option<&Value>) -> Credentials {
    let claims = Claims::github("acme/app", "main").audience("sts.amazonaws.com");
    let policy = policy.map(Value::to_string).unwrap_or_default();
    let more = [("Policy", &*policy)];
    let more = if policy.is_empty() { &[][..] } else { &more[..] };
    let answer = assume(cloud, "release", &cloud.github().token(&claims), more);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |name: &str| element(&answer.text, name).unwrap();
    Credentials {
        access_key: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: text("SessionToken"),
    }
}

/// A call of a service that speaks AWS JSON 1.1.
pub(super) fn call(
    cloud: &Cloud,
    credentials: &Credentials,
    operation: (Service, &str),
    input: &Value,
) -> Answer {
    let (service, name) = operation;
    let prefix = match service {
        Service::Kms => "TrentService",
        _ => "AmazonEC2ContainerRegistry_V20150921",
    };
    let target = format!("{prefix}.{name}");
    let more = [("X-Amz-Target", &*target), ("Content-Type", "application/x-amz-json-1.1")];
    let body = input.to_string();
    send(
        cloud,
        credentials,
        service,
        &Sent { method: "POST", target: "/", more: &more, body: &body },
    )
}

/// A request that is still to be signed.
pub(super) struct Sent<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) more: &'a [(&'a str, &'a str)],
    pub(super) body: &'a str,
}

/// Signs a request and sends it.
pub(super) fn send(
    cloud: &Cloud,
    credentials: &Credentials,
    service: Service,
    sent: &Sent<'_>,
) -> Answer {
    let origin = cloud.endpoint();
    let host = origin.trim_start_matches("http://");
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let (path, query) = sent.target.split_once('?').unwrap_or((sent.target, ""));
    let mut headers = HeaderMap::new();
    headers.insert("host", host.parse().unwrap());
    headers.insert("x-amz-date", now.parse().unwrap());
    headers.insert("x-amz-security-token", credentials.token.parse().unwrap());
    let request = Request {
        method: sent.method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(sent.body.as_bytes()),
    };
    let signature = Signature::to_be(&credentials.access_key, "us-east-1", service.prefix(), &now);
    let authorization = signature.header(&credentials.secret, &request);
    let mut headers = vec![
        ("X-Amz-Date", &*now),
        ("X-Amz-Security-Token", &*credentials.token),
        ("Authorization", &*authorization),
    ];
    headers.extend(sent.more);
    let outbound = Outbound {
        method: sent.method,
        target: sent.target,
        headers: &headers,
        body: sent.body.as_bytes(),
    };
    Answer::of(&outbound.send(&origin).unwrap())
}
