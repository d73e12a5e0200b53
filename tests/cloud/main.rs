//! A release to AWS: the real boltseal in made-up CI jobs, against an account whose services run
//! on this machine. KMS is a real emulator behind the account's permissions.
//!
//! Run by `cargo xtask test cloud`, which installs the emulators and builds the peers. What is
//! not there is a failure that names it, never a skip.

mod account;
mod adapter;
mod bad_input;
mod budget;
mod bundle;
mod checkout;
mod cosign;
mod doctor;
mod emulator;
mod file_server;
mod finished;
mod github;
mod gitlab;
mod iam;
mod init;
mod job;
mod key;
mod key_state;
mod newcomer;
mod notation;
mod openssl;
mod outlast;
mod posture;
mod preflight;
mod privilege;
mod program;
mod published;
mod python;
mod release;
mod rig;
mod sdk;
