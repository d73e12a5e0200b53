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
    let Ok(runtime) = Builder::new_multi_thread().enable_all().build() else {
        return console.deliver(&*command.failed(vec![bug("no runtime could be started")]));
    };
    let command: Arc<dyn Command> = Arc::from(command);
    let exit = run_on(&runtime, &command, &console);
    runtime.shutdown_timeout(GRACE);
    exit
}

fn run_on(runtime: &Runtime, command: &Arc<dyn Command>, console: &Arc<Console>) -> Exit {
    let (worker, its_console) = (Arc::clone(command), Arc::clone(console));
    let here = LocalSet::new();
    let work = here.spawn_local(async move { worker.run(&its_console).await });
    let aborter = work.abort_handle();
    let ended = here.block_on(runtime, async {
        tokio::select! {
            ended = work => Some(ended),
            () = interrupted() => None,
        }
    });
    let failed = |reasons| deliver(&**command, &*command.failed(reasons), console);
    match ended {
        Some(Ok(Ok(document))) => deliver(&**command, &*document, console),
        Some(Ok(Err(failure))) if is_usage(failure.reasons()) => console.refuse(failure.reasons()),
        Some(Ok(Err(failure))) => failed(failure.reasons().to_vec()),
        Some(Err(error)) => failed(vec![bug_of(&error)]),
        None => {
            aborter.abort();
            console.interrupted();
            Exit::Interrupted
        }
    }
}

/// Writes a result. One that cannot be written down is a bug, and said as one.
fn deliver(command: &dyn Command, document: &dyn Document, console: &Console) -> Exit {
    let written = panic::catch_unwind(AssertUnwindSafe(|| console.deliver(document)));
    written.unwrap_or_else(|_| console.deliver(&*command.failed(vec![bug(PANIC)])))
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
        let console = Console::open(command.output()).unwrap();
        let head = command.failed(Vec::new()).head().clone();
        assert_eq!(deliver(&command, &Unwritable(head), &console), Exit::Bug);
        let document: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(document["exit"], 1);
    }
}
