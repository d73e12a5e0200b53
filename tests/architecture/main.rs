//! Keeps the shape of the house: which crate may use which, how large its files may grow, and what
//! its pages must say about reasons and exit codes.

mod arrows;
mod files;
mod reasons;
