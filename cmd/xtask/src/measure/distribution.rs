//! The registry that most users run, from the peers.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::failure::Failure;

use super::write;

const LOG: &str = "log";

/// An empty registry on a free port of the loopback. Dropping it ends it and removes what it held.
pub(super) struct Distribution {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Distribution {
    /// Starts it with this folder to store in, and waits until it answers.
    ///
    /// # Errors
    /// When it does not start within 20 s.
    pub(super) fn start(program: &Path, folder: TempDir) -> Result<Self, Failure> {
        let address = free_address().map_err(Failure::file("find a port for", program))?;
        let config = folder.path().join("config.yml");
        write(&config, configuration(address, folder.path()))?;
        let log = folder.path().join(LOG);
        let log = File::create(&log).map_err(Failure::file("create", log))?;
        let line = format!("{} serve", program.display());
        let start = |source| Failure::Start { command: line.clone(), source };
        let process = Command::new(program)
            .arg("serve")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(start)?)
            .stderr(log)
            .spawn()
            .map_err(start)?;
        let mut registry = Self { process, address, folder };
        registry.wait(&line)?;
        Ok(registry)
    }

    fn wait(&mut self, line: &str) -> Result<(), Failure> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            if answers(self.address) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        let log = String::from_utf8_lossy(&fs::read(self.log()).unwrap_or_default()).into_owned();
        Err(Failure::Silent { command: line.to_owned(), log })
    }

    /// `127.0.0.1:PORT/bench/app`
    pub(super) fn repository(&self) -> String {
        format!("{}/bench/app", self.address)
    }

    /// Requests so far, as its access log has them; those that waited for it too.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) fn requests(&self) -> Result<usize, Failure> {
        let log = fs::read(self.log()).map_err(Failure::file("read", self.log()))?;
        Ok(requests(&String::from_utf8_lossy(&log)))
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join(LOG)
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        // That it has ended by itself shows in what was asked of it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(address: SocketAddr, folder: &Path) -> String {
    format!(
        "version: 0.1\n\
         log: {{level: warn, accesslog: {{disabled: false}}}}\n\
         storage:\n  filesystem: {{rootdirectory: {}}}\n\
         http: {{addr: {address}}}\n",
        folder.join("data").display()
    )
}

/// Lines in the Apache form, which it writes among its own.
fn requests(log: &str) -> usize {
    log.lines().filter(|line| line.contains(" HTTP/1.1\" ")).count()
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Whether `GET /v2/` is answered with 200. In HTTP 1.0, so that it does not count.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<[u8; 12]> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /v2/ HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    };
    ask().is_ok_and(|status| status.ends_with(b" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_of_requests_count() {
        let log = "time=\"2026-11-24\" level=warning msg=\"No HTTP secret\"\n\
                   127.0.0.1 - - [24/Nov/2026] \"GET /v2/ HTTP/1.1\" 200 2 \"\" \"skopeo\"\n\
                   127.0.0.1 - - [24/Nov/2026] \"GET /v2/ HTTP/1.0\" 200 2 \"\" \"\"\n\
                   127.0.0.1 - - [24/Nov/2026] \"HEAD /v2/a/b HTTP/1.1\" 404 0 \"\" \"skopeo\"\n";
        assert_eq!(requests(log), 2);
    }
}
