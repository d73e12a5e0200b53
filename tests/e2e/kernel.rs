//! What a run of boltseal asks the kernel for, seen from outside of it: every system call of
//! every thread, by ptrace, as strace sees them.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::{fs, io};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::harness::{Run, Sandbox};

/// `op` of a stop at the entry of a system call (`PTRACE_SYSCALL_INFO_ENTRY`).
const ENTRY: u8 = 1;
/// Stops, tells its number by that, and becomes boltseal once it is traced.
const LAUNCHER: &str = "kill -STOP $$; exec \"$0\" \"$@\"";

/// A run, and what it asked the kernel for.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) run: Run,
    /// How many system calls were seen.
    pub(crate) calls: usize,
    /// Those that open a way to the outside.
    pub(crate) sockets: Vec<String>,
}

/// Runs boltseal to its end and watches every system call.
pub(crate) fn trace(sandbox: &Sandbox, words: &[&str]) -> Traced {
    let (pid, stdout, stderr) = start(&sandbox.command(words));
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).expect(
        "ptrace must be allowed here: give the container CAP_SYS_PTRACE, or a seccomp profile \
         that does not forbid it",
    );
    kill(pid, Signal::SIGCONT).expect("a launcher to wake");
    let mut seen = Seen::default();
    let code = seen.watch(pid);
    let text = |reader: JoinHandle<io::Result<String>>| {
        reader.join().expect("a reader that ends").expect("boltseal writes UTF-8")
    };
    let run = Run { code, stdout: text(stdout), stderr: text(stderr) };
    Traced { run, calls: seen.calls, sockets: seen.sockets }
}

type Reader = JoinHandle<io::Result<String>>;

/// Starts the launcher and waits until it has stopped itself.
#[expect(clippy::zombie_processes, reason = "it is waited for by its number, as traced ones are")]
fn start(boltseal: &Command) -> (Pid, Reader, Reader) {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LAUNCHER]).arg(boltseal.get_program()).args(boltseal.get_args());
    command.env_clear().current_dir(boltseal.get_current_dir().expect("a sandbox"));
    command.envs(boltseal.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("/bin/sh can be started");
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let pid = Pid::from_raw(child.id().try_into().expect("a process number"));
    let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).expect("a child to wait for");
    assert_eq!(stopped, WaitStatus::Stopped(pid, Signal::SIGSTOP));
    (pid, read(stdout.expect("a pipe")), read(stderr.expect("a pipe")))
}

fn read(mut pipe: impl Read + Send + 'static) -> Reader {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).map(|_| text)
    })
}

#[derive(Default)]
struct Seen {
    calls: usize,
    sockets: Vec<String>,
}

impl Seen {
    /// Watches a process and its threads until it ends; answers its exit code.
    fn watch(&mut self, main: Pid) -> i32 {
        // Only what this thread traces: the children of other tests are theirs.
        let ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (pid, signal) = match waitpid(None, Some(ours)) {
                Ok(WaitStatus::Exited(pid, code)) if pid == main => return code,
                Ok(WaitStatus::Signaled(pid, ..)) if pid == main => return -1,
                Ok(WaitStatus::PtraceSyscall(pid)) => {
                    self.at_call(pid);
                    (pid, None)
                }
                Ok(WaitStatus::Stopped(pid, signal)) => (pid, Some(signal)),
                Ok(WaitStatus::PtraceEvent(pid, ..)) => (pid, None),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(error) => panic!("nothing is left to be waited for: {error}"),
            };
            match ptrace::syscall(pid, signal) {
                // A thread may end while it is stopped.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => panic!("{pid} does not go on: {error}"),
            }
        }
    }

    fn at_call(&mut self, pid: Pid) {
        let Ok(info) = ptrace::syscall_info(pid) else { return };
        if info.op != ENTRY {
            return;
        }
        // The number and the arguments, then two registers. A thread that is gone has none.
        let Ok(line) = fs::read_to_string(format!("/proc/{pid}/syscall")) else { return };
        let mut words = line.split_whitespace();
        let number: libc::c_long = words.next().and_then(|it| it.parse().ok()).expect("a number");
        self.calls += 1;
        if let Some(name) = opens_a_way_out(number, words.next().unwrap_or_default()) {
            self.sockets.push(format!("{name}: {}", line.trim()));
        }
    }
}

/// The name of a call that opens a way to the outside. A pair of sockets leads nowhere but to
/// this process: the runtime wakes itself by one when a signal arrives.
fn opens_a_way_out(number: libc::c_long, first: &str) -> Option<&'static str> {
    match number {
        libc::SYS_socket => Some("socket"),
        libc::SYS_socketpair if first != format!("{:#x}", libc::AF_UNIX) => Some("socketpair"),
        libc::SYS_connect => Some("connect"),
        libc::SYS_bind => Some("bind"),
        libc::SYS_sendto => Some("sendto"),
        libc::SYS_io_uring_setup => Some("io_uring_setup"),
        _ => None,
    }
}
