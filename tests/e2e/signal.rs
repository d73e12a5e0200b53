//! Being interrupted.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::Sandbox;

#[test]
fn a_signal_ends_a_run_that_waits_with_130() {
    let sandbox = Sandbox::new();
    let key = sandbox.key_pair("k");
    for signal in ["TERM", "INT"] {
        // A registry that takes the connection and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("{}/app:1", silent.local_addr().unwrap());
        let words = ["verify", &target, "--key", &key.public, "--format", "json"];
        let mut command = sandbox.command(&words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let waiting = command.spawn().unwrap();
        let _connection = connected(&silent);
        let sent = Command::new("kill").args(["-s", signal, &waiting.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let output = waiting.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_eq!(output.stdout, b"", "no document at exit 130");
        assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted"));
    }
}

/// The first connection, which must come soon.
fn connected(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if let Ok((stream, _)) = listener.accept() {
            return stream;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no connection within a minute");
}
