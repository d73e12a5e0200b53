//! The program itself, run as its users run it: arguments in, exit code, standard output and
//! standard error out. Everything it speaks to is in this process or on this disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bad_input;
mod blob;
mod config;
mod faults;
mod gate;
mod harness;
mod image_forms;
mod keys;
mod kill;
mod race;
mod release;
mod scene;
mod signal;
mod tamper;
mod usage;
