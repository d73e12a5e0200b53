//! Beside OpenSSL: keys and signatures of every kind, both ways, and its timestamps.

mod signature;
mod timestamp;
mod workbench;
