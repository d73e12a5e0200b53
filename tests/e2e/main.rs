//! The program itself, run as its users run it: arguments in, exit code, standard output and
//! standard error out. Everything it speaks to is in this process or on this disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bad_input;
mod baseline;
mod blob;
mod budget;
mod config;
mod doctor;
mod faults;
mod gate;
mod gitlab_document;
mod harness;
mod hostile;
mod image_forms;
mod init;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod kernel;
mod keys;
mod kill;
mod manual;
mod notation;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod offline;
mod policy;
mod policy_test;
mod preflight;
mod quickstart;
mod race;
mod readme;
mod release;
mod report_diff;
mod report_forms;
mod report_hostile;
mod report_paths;
mod scene;
mod schema;
mod signal;
mod tamper;
mod usage;
