//! Keeps the shape of the house: which crate may use which, and how large its files may grow.

mod arrows;
mod files;
