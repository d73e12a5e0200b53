//! What a program cost while it ran.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::console;
use crate::failure::Failure;
use crate::step::Step;

/// How often the kernel is asked for the highest memory so far.
const SAMPLING: Duration = Duration::from_millis(5);

/// The kernel's unit of processor time in `/proc` on every architecture of Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// The cost of one run of one program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Seconds from start to end.
    pub(super) wall: f64,
    /// Seconds of processor time, its own and the kernel's for it.
    pub(super) cpu: f64,
    /// The highest resident memory in bytes, without what its last 5 ms may have added.
    pub(super) peak: u64,
}

/// A finished run.
pub(super) struct Measured {
    pub(super) cost: Cost,
    pub(super) stdout: Vec<u8>,
}

impl Measured {
    /// The one JSON document on its standard output.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.stdout).map_err(|error| self.odd(&error.to_string()))
    }

    /// How many requests boltseal's result says it made.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn requests(&self) -> Result<u64, Failure> {
        self.json()?["requests"].as_u64().ok_or_else(|| self.odd("it has no number of requests"))
    }

    fn odd(&self, why: &str) -> Failure {
        let answer = String::from_utf8_lossy(&self.stdout).into_owned();
        Failure::Answer { answer, why: why.to_owned() }
    }
}

/// Says whether this machine can be asked.
///
/// # Errors
/// When there is no `/proc` as Linux has it.
pub(super) fn available() -> Result<(), Failure> {
    match (processor_time(Whose::Children), high_water(Path::new("/proc/self/status"))) {
        (Some(_), Some(_)) => Ok(()),
        _ => Err(Failure::Missing {
            tool: "/proc".to_owned(),
            purpose: "memory and processor time are read there".to_owned(),
            how: "run this on Linux".to_owned(),
        }),
    }
}

/// Whose processor time: the place of its first field in `/proc/self/stat`, after the name.
#[derive(Clone, Copy)]
enum Whose {
    Own = 11,
    /// Of those that have ended.
    Children = 13,
}

/// The cost of work in this process; its memory is not looked at.
pub(super) fn of_work(work: impl FnOnce() -> Result<(), Failure>) -> Result<Cost, Failure> {
    let before = processor_time(Whose::Own).unwrap_or(f64::NAN);
    let start = Instant::now();
    work()?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = processor_time(Whose::Own).unwrap_or(f64::NAN) - before;
    Ok(Cost { wall, cpu, peak: 0 })
}

/// Runs a program to its end, its output unseen.
///
/// # Errors
/// When it cannot be started or does not end with success; its error output is shown.
pub(super) fn of(step: Step) -> Result<Measured, Failure> {
    let (mut command, line) = step.into_command();
    let started = |source| Failure::Start { command: line.clone(), source };
    let [mut stdout, mut stderr] = [unseen()?, unseen()?];
    let outputs = (stdout.try_clone().map_err(started)?, stderr.try_clone().map_err(started)?);
    command.stdin(Stdio::null()).stdout(outputs.0).stderr(outputs.1);
    let before = processor_time(Whose::Children).unwrap_or(f64::NAN);
    let start = Instant::now();
    let child = command.spawn().map_err(started)?;
    let (status, peak) = wait(child);
    let wall = start.elapsed().as_secs_f64();
    let status = status.map_err(started)?;
    let cpu = processor_time(Whose::Children).unwrap_or(f64::NAN) - before;
    if !status.success() {
        console::say(&String::from_utf8_lossy(&content(&mut stderr)?));
        return Err(Failure::Exit { command: line, status });
    }
    Ok(Measured { cost: Cost { wall, cpu, peak }, stdout: content(&mut stdout)? })
}

/// Waits for its end, and looks at its memory meanwhile.
fn wait(mut child: Child) -> (std::io::Result<ExitStatus>, u64) {
    let file = format!("/proc/{}/status", child.id());
    let (running, ended) = mpsc::channel();
    thread::scope(|scope| {
        let sampler = scope.spawn(move || sample(Path::new(&file), &ended));
        let status = child.wait();
        drop(running);
        (status, sampler.join().unwrap_or_default())
    })
}

fn sample(file: &Path, ended: &Receiver<()>) -> u64 {
    let mut peak = 0;
    loop {
        peak = high_water(file).unwrap_or_default().max(peak);
        if ended.recv_timeout(SAMPLING) != Err(RecvTimeoutError::Timeout) {
            return peak;
        }
    }
}

/// The highest resident memory of a process so far, in bytes.
fn high_water(status: &Path) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Seconds of processor time so far.
fn processor_time(whose: Whose) -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold spaces; the fields after it do not.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(whose as usize);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(f64::from(ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn unseen() -> Result<File, Failure> {
    tempfile::tempfile().map_err(Failure::file("create in", std::env::temp_dir()))
}

fn content(file: &mut File) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    file.rewind()
        .and_then(|()| file.read_to_end(&mut content))
        .map_err(Failure::file("read in", std::env::temp_dir()))?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_memory_and_time_is_seen_to() {
        let words = ["if=/dev/zero", "of=/dev/null", "bs=60000000", "count=20"];
        let measured = of(Step::new("dd").args(words)).unwrap();
        assert!(measured.cost.peak > 60_000_000, "{:?}", measured.cost);
        assert!(measured.cost.wall > 0.01 && measured.cost.cpu > 0.0, "{:?}", measured.cost);
        assert_eq!(of(Step::new("echo").args(["done"])).unwrap().stdout, b"done\n");
    }

    #[test]
    fn a_program_that_fails_is_no_measurement() {
        assert!(matches!(of(Step::new("false")), Err(Failure::Exit { .. })));
    }
}
