//! boltseal beside the real programs: what we write they accept, what they write we verify.
//!
//! Run by `cargo xtask test peers`, which builds or installs the programs. A program that is not
//! there is a failure that names it, never a skip.

mod accepted;
mod browser;
mod carried;
mod cosign;
mod document;
mod finished;
mod foreign;
mod image;
mod init;
mod inventory;
mod key_pair;
mod kyverno;
mod matrix;
mod notation;
mod notation_bench;
mod notation_release;
mod openssl;
mod policy;
mod program;
mod promoted;
mod registry;
mod released;
mod report;
mod rig;
mod shell;
mod strict;
mod workflow;
