//! An OCI image layout, in a directory and in a tar file, behind the registry's port.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod archive;
mod archive_writer;
mod blob;
mod concurrency;
mod index_json;
mod manifest;
mod only_image;
mod open;
mod referrer;
mod sample;
mod tag;
mod traffic;
