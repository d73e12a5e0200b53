use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use boltseal_testkit::cloud::Upstream;
use tempfile::TempDir;

use crate::account::ACCOUNT;
use crate::program::Program;

/// An emulator of AWS on a loopback port of its own. It ends when this is dropped, and also when
/// this process does, for its standard input ends then.
#[derive(Debug)]
pub(crate) struct Emulator {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Emulator {
    /// The emulator of KMS. All tests share one, and have keys of their own in it.
    pub(crate) fn ministack() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self::start("ministack", |command, address| {
                command
                    .arg("ministack")
                    .env("BIND_HOST", address.ip().to_string())
                    .env("GATEWAY_PORT", address.port().to_string())
                    .env("SERVICES", "kms")
                    // These would listen on every interface.
                    .env("IOT_MTLS_ENABLED", "0")
                    .env("SFTP_ENABLED", "0");
            })
        })
    }

    /// The emulator of ECR's settings.
    pub(crate) fn moto() -> Self {
        Self::start("moto", |command, address| {
            let (host, port) = (address.ip().to_string(), address.port().to_string());
            command.args(["moto.server", "-H", &host, "-p", &port]).env("MOTO_ACCOUNT_ID", ACCOUNT);
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn upstream(&self) -> Upstream {
        Upstream::new(&self.origin())
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Starts it on a free port. Another program may take that port in between, so it is tried
    /// more than once.
    fn start(name: &str, arguments: impl Fn(&mut Command, SocketAddr)) -> Self {
        let mut last = String::new();
        for _ in 0..3 {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let address = free_address();
            let log = File::create(folder.path().join("log")).expect("a writable folder");
            let mut command = Program::python().command(folder.path());
            command
                .arg(here("until_end_of_input.py"))
                .env("TMPDIR", folder.path())
                .env("AWS_EC2_METADATA_DISABLED", "true")
                .stdin(Stdio::piped())
                .stdout(log.try_clone().expect("an open file"))
                .stderr(log);
            arguments(&mut command, address);
            let process = command.spawn().expect("a program that is there can be started");
            let mut emulator = Self { process, address, folder };
            match emulator.wait() {
                Ok(()) => return emulator,
                Err(why) => last = why,
            }
        }
        panic!("{name} does not start: {last}");
    }

    /// Waits until it listens, for a minute at most.
    fn wait(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_mins(1) {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("it ended with {status}\n{}", self.log()));
            }
            if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("it does not listen after a minute\n{}", self.log()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A file beside the tests.
pub(crate) fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cloud").join(name)
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
    listener.local_addr().expect("it is bound")
}
