use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::Program;

/// A registry of somebody else's on a loopback port of its own. Dropping it ends it.
pub(crate) struct Registry {
    name: &'static str,
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

const AWKWARD: &str = "ggcr-registry";

impl Registry {
    /// Distribution 3: no Referrers API, so everything hangs on the fallback tag.
    pub(crate) fn distribution() -> Self {
        Self::start("distribution", |address, folder| {
            let config = folder.join("config.yml");
            fs::write(&config, distribution_config(address, folder)).expect("a writable folder");
            let mut command = Program::peer("distribution").command();
            command.arg("serve").arg(config);
            command
        })
    }

    /// A full OCI 1.1 registry with the Referrers API.
    pub(crate) fn ferro() -> Self {
        Self::start("ferro-oci-server", |address, folder| {
            let mut command = Program::peer("ferro-oci-server").command();
            command.env("FERRO_OCI_LISTEN", address.to_string()).current_dir(folder);
            command
        })
    }

    /// An awkward one: it has the Referrers API, but misstates each `artifactType` as the media
    /// type of the config, and sends no `OCI-Subject`.
    pub(crate) fn ggcr() -> Self {
        Self::start(AWKWARD, |address, _| {
            let mut command = Program::peer(AWKWARD).command();
            command.arg("-listen").arg(address.to_string());
            command
        })
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Whether its lists of referrers state the `artifactType` of each manifest.
    pub(crate) fn tells_artifact_types(&self) -> bool {
        self.name != AWKWARD
    }

    /// Starts it on a free port. Another program may take that port in between, so it is tried
    /// more than once.
    fn start(name: &'static str, command: impl Fn(SocketAddr, &Path) -> Command) -> Self {
        let mut last = String::new();
        for _ in 0..3 {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let address = free_address();
            let log = File::create(folder.path().join("log")).expect("a writable folder");
            let process = command(address, folder.path())
                .stdin(Stdio::null())
                .stdout(log.try_clone().expect("an open file"))
                .stderr(log)
                .spawn()
                .expect("a program that is there can be started");
            let mut registry = Self { name, process, address, folder };
            match registry.wait() {
                Ok(()) => return registry,
                Err(why) => last = why,
            }
        }
        panic!("{name} does not start: {last}");
    }

    /// Waits until it answers, for 20 s at most.
    fn wait(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("it ended with {status}\n{}", self.log()));
            }
            if answers(self.address) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(format!("no answer within 20 s\n{}", self.log()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn distribution_config(address: SocketAddr, folder: &Path) -> String {
    format!(
        "version: 0.1\n\
         log: {{level: warn}}\n\
         storage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
         http: {{addr: {address}}}\n",
        folder.join("data").display()
    )
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
    listener.local_addr().expect("it is bound")
}

/// Whether `GET /v2/` is answered with 200.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /v2/ HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut status = vec![0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    };
    ask().is_ok_and(|status| status.ends_with(b" 200"))
}
