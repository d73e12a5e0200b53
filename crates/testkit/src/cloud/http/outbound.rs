use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::Reply;

/// How long a server of this machine may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request to another server of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Outbound<'a> {
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

/// There was no answer, or none that HTTP knows.
#[derive(Debug)]
pub(crate) struct Unreachable(pub(crate) String);

impl<'a> Outbound<'a> {
    pub(crate) const fn get(target: &'a str) -> Self {
        Self { method: "GET", target, headers: &[], body: &[] }
    }

    /// Sends it to `http://HOST:PORT` over a connection of its own.
    pub(crate) fn send(&self, origin: &str) -> Result<Reply, Unreachable> {
        let answer = self.exchange(origin).map_err(|error| Unreachable(error.to_string()))?;
        parse(&answer).ok_or_else(|| Unreachable(format!("{origin} does not speak HTTP")))
    }

    fn exchange(&self, origin: &str) -> io::Result<Vec<u8>> {
        let host = origin.strip_prefix("http://").unwrap_or(origin);
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // HTTP/1.0, so that the answer is neither chunked nor followed by anything.
        let mut head = format!("{} {} HTTP/1.0\r\nHost: {host}\r\n", self.method, self.target);
        for (name, value) in self.headers {
            head += &[*name, ": ", *value, "\r\n"].concat();
        }
        head += &["Content-Length: ", &self.body.len().to_string(), "\r\n\r\n"].concat();
        stream.write_all(head.as_bytes())?;
        stream.write_all(self.body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

fn parse(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim())
    };
    let mut body = answer.get(end + 4..)?.to_vec();
    if header("transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked")) {
        body = unchunked(&body)?;
    }
    let content_type = header("content-type").unwrap_or("application/octet-stream");
    Some(Reply::new(status, content_type, body))
}

/// Some servers answer HTTP/1.0 in chunks all the same (RFC 9112, 7.1).
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|it| it == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let start = end + 2;
        if size == 0 {
            return Some(whole);
        }
        let stop = start.checked_add(size)?;
        whole.extend_from_slice(body.get(start..stop)?);
        body = body.get(stop.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::http::Listener;

    #[test]
    fn one_side_hears_what_the_other_says() {
        let server = Listener::start(|request| {
            let text = format!(
                "{} {}?{} {} {}",
                request.method,
                request.path,
                request.query,
                request.header("x-a").unwrap_or_default(),
                String::from_utf8_lossy(&request.body),
            );
            Reply::new(202, "text/plain", text)
        });
        let headers = [("X-A", "1")];
        let request = Outbound { method: "POST", target: "/p?q=1", headers: &headers, body: b"b" };
        let reply = request.send(&server.origin()).unwrap();
        assert_eq!((reply.status, reply.content_type()), (202, "text/plain"));
        assert_eq!(&reply.body[..], b"POST /p?q=1 1 b");
        let origin = server.origin();
        drop(server);
        assert!(request.send(&origin).is_err());
    }

    #[test]
    fn chunks_become_whole() {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
        assert_eq!(&parse(answer).unwrap().body[..], b"abc");
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab").is_none());
    }
}
