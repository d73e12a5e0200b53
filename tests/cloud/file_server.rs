use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a path is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These bytes.
    File(Vec<u8>),
    /// More than anybody should take.
    Endless,
    /// Go there.
    Elsewhere(String),
}

/// Files by HTTP on a port of the loopback, and which of them were asked for.
pub(crate) struct FileServer {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FileServer {
    /// Serves these paths, and 404 for every other one, until the process ends.
    pub(crate) fn start(files: BTreeMap<String, Answer>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let port = listener.local_addr().expect("it is bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever has enough goes away.
                drop(answer(&stream, &files, &log));
            }
        });
        Self { port, asked }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics while it holds this").clone()
    }
}

fn answer(
    mut stream: &TcpStream,
    files: &BTreeMap<String, Answer>,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no test panics while it holds this").push(path.clone());
    let head =
        |status: &str, more: &str| format!("HTTP/1.1 {status}\r\n{more}Connection: close\r\n");
    match files.get(&path) {
        None => write!(stream, "{}Content-Length: 0\r\n\r\n", head("404 Not Found", "")),
        Some(Answer::Elsewhere(place)) => {
            let head = head("302 Found", &format!("Location: {place}\r\n"));
            write!(stream, "{head}Content-Length: 0\r\n\r\n")
        }
        Some(Answer::File(bytes)) => {
            write!(stream, "{}Content-Length: {}\r\n\r\n", head("200 OK", ""), bytes.len())?;
            stream.write_all(bytes)
        }
        Some(Answer::Endless) => {
            write!(stream, "{}\r\n", head("200 OK", ""))?;
            let block = vec![0; 1 << 20];
            loop {
                stream.write_all(&block)?;
            }
        }
    }
}
