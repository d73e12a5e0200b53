//! A server that answers what a test tells it to, over TLS too.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// `status line`, headers, body.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text += "Connection: close\r\n\r\n";
    [text.into_bytes(), body.to_vec()].concat()
}

type Script = dyn Fn(&Seen) -> Vec<u8> + Send + Sync;

/// One connection a request. The listening thread ends with the process.
pub(crate) struct Scripted {
    pub(crate) host: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    pub(crate) fn plain(script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(script))
    }

    pub(crate) fn tls(script: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(Some(Arc::new(tls_config())), Arc::new(script))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn start(tls: Option<Arc<ServerConfig>>, script: Arc<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, script, log) = (tls.clone(), Arc::clone(&script), Arc::clone(&log));
                std::thread::spawn(move || match tls {
                    // A client that goes away is no fault of the server's.
                    None => drop(serve(stream, &*script, &log)),
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        drop(serve(StreamOwned::new(connection, stream), &*script, &log));
                    }
                });
            }
        });
        Self { host, seen }
    }
}

fn serve<S: Read + Write>(stream: S, script: &Script, log: &Mutex<Vec<Seen>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let seen = read(&mut stream)?;
    log.lock().unwrap().push(seen.clone());
    let stream = stream.get_mut();
    stream.write_all(&script(&seen))?;
    stream.flush()
}

fn read<S: Read>(stream: &mut BufReader<S>) -> io::Result<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, target) = (word(), word());
    let mut seen = Seen { method, target, ..Seen::default() };
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        seen.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = seen.header("content-length").and_then(|it| it.parse().ok());
    seen.body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut seen.body)?;
    Ok(seen)
}

fn tls_config() -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(pem("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(pem("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// A file beside this one.
pub(crate) fn pem(name: &str) -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/http/pem", name].iter().collect()
}
