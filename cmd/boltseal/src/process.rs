//! One run: the command, signals, panics.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use boltseal_core::{Exit, Reason};
use boltseal_report::Document;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinError, LocalSet};

use crate::command::Command;
use crate::console::Console;
use crate::report_output::ReportOutputs;

/// How long temporary directories and sockets have to be closed after an interrupt.
const GRACE: Duration = Duration::from_millis(500);

const PANIC: &str = "a panic; the place is on standard error";

/// Runs a command to its end and writes its result.
pub(crate) fn run(command: Box<dyn Command>) -> Exit {
    let console = match Console::open(command.output()) {
        Ok(console) => Arc::new(console),
        Err(failure) => return Console::plain().refuse(failure.reasons()),
    };
    announce_panics();
    let name = command.failed(Vec::new()).head().command();
    let (reports, unwritable) = ReportOutputs::open(command.reports(), name);
    let command: Arc<dyn Command> = Arc::from(command);
    let run = Run { command, console, reports };
    if !unwritable.is_empty() {
        return run.failed(unwritable);
    }
    let Ok(runtime) = Builder::new_multi_thread().enable_all().build() else {
        return run.failed(vec![bug("no runtime could be started")]);
    };
    let exit = run_on(&runtime, &run);
    runtime.shutdown_timeout(GRACE);
    exit
}

/// A command, and where its result goes.
struct Run {
    command: Arc<dyn Command>,
    console: Arc<Console>,
    reports: ReportOutputs,
}

fn run_on(runtime: &Runtime, run: &Run) -> Exit {
    let (worker, its_console) = (Arc::clone(&run.command), Arc::clone(&run.console));
    let here = LocalSet::new();
    let work = here.spawn_local(async move { worker.run(&its_console).await });
    let aborter = work.abort_handle();
    let ended = here.block_on(runtime, async {
        tokio::select! {
            ended = work => Some(ended),
            () = interrupted() => None,
        }
    });
    match ended {
        Some(Ok(Ok(document))) => run.deliver(document),
        Some(Ok(Err(failure))) => run.failed(failure.reasons().to_vec()),
        Some(Err(error)) => run.failed(vec![bug_of(&error)]),
        None => {
            aborter.abort();
            run.reports.abandon();
            run.console.interrupted();
            Exit::Interrupted
        }
    }
}

impl Run {
    /// Writes the result that says why there is none.
    fn failed(&self, mut reasons: Vec<Reason>) -> Exit {
        boltseal_core::sort_reasons(&mut reasons);
        if is_usage(&reasons) {
            self.reports.abandon();
            return self.console.refuse(&reasons);
        }
        self.deliver(self.command.failed(reasons))
    }

    /// Writes a result. One that cannot be written down is a bug, and said as one.
    fn deliver(&self, document: Box<dyn Document>) -> Exit {
        let written = panic::catch_unwind(AssertUnwindSafe(|| self.write(document)));
        written.unwrap_or_else(|_| self.console.deliver(&*self.command.failed(vec![bug(PANIC)])))
    }

    /// The reports first: a job that ends with the exit code has them.
    fn write(&self, mut document: Box<dyn Document>) -> Exit {
        if document.head().exit == Exit::Usage {
            self.reports.abandon();
        } else {
            let unwritten = self.reports.write(&*document);
            if !unwritten.is_empty() {
                document.fail(unwritten);
            }
        }
        self.console.deliver(&*document)
    }
}

fn is_usage(reasons: &[Reason]) -> bool {
    reasons.first().is_some_and(|reason| reason.exit == Exit::Usage)
}

/// Returns when the process is asked to end. Where no handler can be set, it never does, and
/// the signal ends the process as it always would.
async fn interrupted() {
    let next = |kind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = next(SignalKind::interrupt()) => {}
        () = next(SignalKind::terminate()) => {}
    }
}

/// Says where it happened, on standard error.
fn announce_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        let message = info.payload_as_str().unwrap_or("no message");
        Console::plain().error(&format!("a bug at {place}: {message}"));
    }));
}

fn bug_of(error: &JoinError) -> Reason {
    bug(if error.is_panic() { PANIC } else { "a lost task" })
}

fn bug(found: &str) -> Reason {
    Reason::new(Exit::Bug, "bug")
        .expected("boltseal to come to an end")
        .found(found)
        .place(concat!("boltseal ", env!("CARGO_PKG_VERSION")))
        .fix(
            "this is a bug of boltseal: report it in the project's issue tracker, with the message \
             on standard error and the output of `boltseal --version`",
        )
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use boltseal_report::{Paint, v1};

    use super::*;
    use crate::argument::{Format, OutputArgs};
    use crate::command::Ending;

    struct Panics(OutputArgs);

    #[async_trait(?Send)]
    impl Command for Panics {
        fn output(&self) -> &OutputArgs {
            &self.0
        }

        async fn run(&self, _console: &Console) -> Ending {
            panic!("on purpose")
        }

        fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
            Box::new(v1::Gate::failed(reasons))
        }
    }

    #[test]
    fn a_panic_is_a_bug_with_one_document() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("result.json");
        let (format, output) = (Format::Json, Some(file.clone()));
        let args = OutputArgs { format, output, verbose: 0, quiet: true };
        assert_eq!(run(Box::new(Panics(args))), Exit::Bug);
        let document: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!((&document["exit"], &document["outcome"]), (&1.into(), &"undetermined".into()));
        let fix = document["reasons"][0]["fix"].as_str().unwrap();
        assert!(fix.contains("issue tracker"), "{fix}");
    }

    /// A result that panics while it is written down.
    struct Unwritable(v1::Head);

    impl Document for Unwritable {
        fn head(&self) -> &v1::Head {
            &self.0
        }

        fn head_mut(&mut self) -> &mut v1::Head {
            &mut self.0
        }

        fn to_json(&self) -> String {
            panic!("on purpose")
        }

        fn to_text(&self, _paint: Paint) -> String {
            panic!("on purpose")
        }
    }

    #[test]
    fn a_panic_while_a_result_is_written_is_a_bug_too() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("result.json");
        let (format, output) = (Format::Json, Some(file.clone()));
        let command = Panics(OutputArgs { format, output, verbose: 0, quiet: true });
        let console = Arc::new(Console::open(command.output()).unwrap());
        let head = command.failed(Vec::new()).head().clone();
        let (reports, _) = ReportOutputs::open(&[], "gate");
        let run = Run { command: Arc::new(command), console, reports };
        assert_eq!(run.deliver(Box::new(Unwritable(head))), Exit::Bug);
        let document: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(document["exit"], 1);
    }
}
