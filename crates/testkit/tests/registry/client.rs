//! A client that hides nothing: one request, one connection, the bytes as they come.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use boltseal_core::{Digest, media_type};
use boltseal_testkit::registry::Server;
use serde_json::{Value, json};

/// An answer, complete.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of an error in the form of the specification.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap().to_owned()
    }
}

/// A request; [`Request::send`] fails where the answer is cut short or does not come.
pub(crate) struct Request<'a> {
    server: &'a Server,
    head: String,
    is_head: bool,
    body: &'a [u8],
}

pub(crate) fn request<'a>(server: &'a Server, method: &str, target: &str) -> Request<'a> {
    let host = server.host();
    Request {
        server,
        head: format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"),
        is_head: method == "HEAD",
        body: b"",
    }
}

impl<'a> Request<'a> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.head += &[name, ": ", value, "\r\n"].concat();
        self
    }

    pub(crate) fn body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        let length = body.len().to_string();
        self.with("Content-Length", &length)
    }

    pub(crate) fn send(self) -> io::Result<Reply> {
        self.send_to(self.server.host())
    }

    pub(crate) fn send_to(&self, host: &str) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(self.head.as_bytes())?;
        stream.write_all(b"\r\n")?;
        stream.write_all(self.body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        read(&bytes, self.is_head).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

fn read(bytes: &[u8], is_head: bool) -> Option<Reply> {
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    };
    let headers: BTreeMap<_, _> = lines.filter_map(pair).collect();
    let body = bytes[end + 4..].to_vec();
    let expected = headers.get("content-length").map(|it| it.parse());
    let expected: usize = expected.unwrap_or(Ok(0)).ok()?;
    let expected = if is_head { 0 } else { expected };
    (body.len() == expected).then_some(Reply { status, headers, body })
}

pub(crate) fn get(server: &Server, target: &str) -> Reply {
    request(server, "GET", target).send().unwrap()
}

/// Pushes a blob with POST and one PUT, as boltseal does.
pub(crate) fn push_blob(server: &Server, name: &str, bytes: &[u8]) -> Digest {
    let digest = Digest::sha256_of(bytes);
    let reply = put_blob(server, name, bytes, &digest);
    assert_eq!(reply.status, 201, "{reply:?}");
    digest
}

pub(crate) fn put_blob(server: &Server, name: &str, bytes: &[u8], digest: &Digest) -> Reply {
    let opened =
        request(server, "POST", &format!("/v2/{name}/blobs/uploads/")).body(b"").send().unwrap();
    assert_eq!(opened.status, 202, "{opened:?}");
    let target = upload_target(server, &opened, digest);
    request(server, "PUT", &target).body(bytes).send().unwrap()
}

/// Where an upload ends: the session's `Location` and the digest.
pub(crate) fn upload_target(server: &Server, opened: &Reply, digest: &Digest) -> String {
    let location = opened.header("location").unwrap();
    let origin = format!("http://{}", server.host());
    let path = location.strip_prefix(&origin).unwrap_or(location);
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}digest={digest}")
}

pub(crate) fn put_manifest(server: &Server, name: &str, to: &str, manifest: &Value) -> Reply {
    let bytes = manifest.to_string();
    let media_type = manifest["mediaType"].as_str();
    request(server, "PUT", &format!("/v2/{name}/manifests/{to}"))
        .with("Content-Type", media_type.unwrap_or(media_type::OCI_MANIFEST))
        .body(bytes.as_bytes())
        .send()
        .unwrap()
}

/// Pushes what a manifest needs, and gives the manifest.
pub(crate) fn small_image(server: &Server, name: &str, content: &str) -> Value {
    let config = push_blob(server, name, b"{}");
    let layer = push_blob(server, name, content.as_bytes());
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": config, "size": 2},
        "layers": [
            {"mediaType": media_type::OCI_LAYER, "digest": layer, "size": content.len()}
        ],
    })
}

pub(crate) fn digest_of(manifest: &Value) -> Digest {
    Digest::sha256_of(manifest.to_string().as_bytes())
}
