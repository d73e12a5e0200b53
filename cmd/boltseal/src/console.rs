//! The one writer to standard output and standard error.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write as _};
use std::sync::Mutex;

use boltseal_core::{Exit, Reason};
use boltseal_pipeline::Failure;
use boltseal_ports::{Progress, Reporter};
use boltseal_report::{Document, Paint};

use crate::argument::{Format, OutputArgs};
use crate::usage::usage;

/// Erases a line of a terminal.
const ERASE: &str = "\r\u{1b}[K";

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Volume {
    Quiet,
    Normal,
    Verbose,
}

/// What a stream shows.
#[derive(Clone, Copy, Debug)]
struct Stream {
    is_terminal: bool,
    paint: Paint,
}

impl Stream {
    fn of(stream: &impl IsTerminal) -> Self {
        let is_terminal = stream.is_terminal();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let paint = if is_terminal && !refused { Paint::Ansi } else { Paint::Plain };
        Self { is_terminal, paint }
    }
}

/// Standard output takes the result, standard error everything else. A failure in text form
/// goes to standard error as well, so that it is seen where output is captured.
#[derive(Debug)]
pub(crate) struct Console {
    format: Format,
    volume: Volume,
    output: Option<Mutex<File>>,
    out: Stream,
    err: Stream,
    /// Whether a status line stands on the terminal.
    status: Mutex<bool>,
}

impl Console {
    /// Opens the file of `--output`, which is emptied, so that no result of an earlier run
    /// stays in it.
    pub(crate) fn open(args: &OutputArgs) -> Result<Self, Failure> {
        let create = |path: &std::path::PathBuf| {
            File::create(path).map(Mutex::new).map_err(|error| {
                usage(
                    "output-unwritable",
                    "a file for the result that can be written",
                    format!("{}: {error}", path.display()),
                    "name another file with --output",
                )
            })
        };
        let output = args.output.as_ref().map(create).transpose()?;
        let volume = match (args.quiet, args.verbose) {
            (true, _) => Volume::Quiet,
            (_, 1..) => Volume::Verbose,
            _ => Volume::Normal,
        };
        Ok(Self { format: args.format, volume, output, ..Self::plain() })
    }

    /// A console for what has to be said before or beside the arguments.
    pub(crate) fn plain() -> Self {
        Self {
            format: Format::Text,
            volume: Volume::Normal,
            output: None,
            out: Stream::of(&io::stdout()),
            err: Stream::of(&io::stderr()),
            status: Mutex::new(false),
        }
    }

    /// Writes a result to where it belongs, and answers the exit code that it names.
    pub(crate) fn deliver(&self, document: &dyn Document) -> Exit {
        let head = document.head();
        let exit = head.exit;
        if exit == Exit::Usage {
            return self.refuse(&head.reasons);
        }
        let delivered = match (self.format, exit) {
            (Format::Text, Exit::Proof) => {
                self.write_result(&document.to_text(self.result_paint()))
            }
            (Format::Json, Exit::Proof) => self.write_result(&document.to_json()),
            (Format::Json, _) => {
                self.explain(document);
                self.write_result(&document.to_json())
            }
            (Format::Text, _) if self.output.is_some() => {
                self.explain(document);
                self.write_result(&document.to_text(Paint::Plain))
            }
            (Format::Text, _) => {
                self.put(&document.to_text(self.err.paint));
                Ok(())
            }
        };
        match delivered {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => self.undelivered(exit, &error),
            _ => exit,
        }
    }

    /// Says on standard error what is wrong with the request.
    pub(crate) fn refuse(&self, reasons: &[Reason]) -> Exit {
        let reasons = boltseal_report::reasons(reasons, self.err.paint);
        self.put(&format!("boltseal cannot do this as it was asked:\n{reasons}"));
        Exit::Usage
    }

    /// Says that a signal ended the run.
    pub(crate) fn interrupted(&self) {
        self.put("boltseal was interrupted; what was begun can be run again\n");
    }

    /// Facts for whoever looks at the run, each a line.
    pub(crate) fn tell(&self, facts: &[String]) {
        if self.volume > Volume::Quiet {
            let lines = facts.iter().map(|fact| format!("{fact}\n"));
            self.put(&lines.collect::<String>());
        }
    }

    /// Something that went wrong, in one line.
    pub(crate) fn error(&self, text: &str) {
        self.put(&format!("boltseal: {text}\n"));
    }

    /// The text form of a failure whose result goes elsewhere.
    fn explain(&self, document: &dyn Document) {
        if self.volume > Volume::Quiet {
            self.put(&document.to_text(self.err.paint));
        }
    }

    const fn result_paint(&self) -> Paint {
        if self.output.is_some() { Paint::Plain } else { self.out.paint }
    }

    fn write_result(&self, text: &str) -> io::Result<()> {
        self.clear_status();
        let Some(file) = &self.output else {
            let mut stdout = io::stdout().lock();
            return stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        };
        let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(text.as_bytes()).and_then(|()| file.flush())
    }

    /// A proof that nobody can read is no proof.
    fn undelivered(&self, exit: Exit, error: &io::Error) -> Exit {
        self.error(&format!("the result could not be written: {error}"));
        if exit == Exit::Proof { Exit::Undetermined } else { exit }
    }

    /// Writes to standard error, over a status line. Where that fails, nobody could be told.
    fn put(&self, text: &str) {
        self.clear_status();
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn clear_status(&self) {
        let mut status = self.status.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if std::mem::take(&mut *status) {
            let _ = io::stderr().lock().write_all(ERASE.as_bytes());
        }
    }

    /// A line that the next one replaces, on a terminal only.
    fn show_status(&self, text: &str) {
        self.clear_status();
        let mut status = self.status.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut stderr = io::stderr().lock();
        *status = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).is_ok();
    }
}

impl Reporter for Console {
    fn report(&self, progress: Progress) {
        if self.volume == Volume::Quiet {
            return;
        }
        match progress {
            Progress::Started { step } if self.err.is_terminal => {
                self.show_status(&format!("  {step} ..."));
            }
            Progress::Started { step } if self.volume == Volume::Verbose => {
                self.put(&format!("{step} ...\n"));
            }
            Progress::Finished { step, took, traffic } => {
                let took = boltseal_report::seconds(took);
                let bytes = boltseal_report::bytes(traffic.bytes());
                let requests = boltseal_report::requests(traffic.requests());
                self.put(&format!("{step:12} {took:>8}  {requests}, {bytes}\n"));
            }
            Progress::Note(text) if self.volume == Volume::Verbose => {
                self.put(&format!("{text}\n"));
            }
            // The text form of a result has the warnings itself, and is seen as well.
            Progress::Warning(text) if self.format == Format::Json || self.output.is_some() => {
                self.put(&format!("warning: {text}\n"));
            }
            _ => {}
        }
    }
}
