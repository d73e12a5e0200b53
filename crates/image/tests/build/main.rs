//! Images made of a binary, of a directory and of what `docker save` wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod binary;
mod docker_archive;
mod made;
#[cfg(unix)]
mod rootfs;
