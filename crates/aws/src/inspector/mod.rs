//! Amazon Inspector's scan of SBOMs.

mod document;
mod parts;
mod scanner;

pub use scanner::InspectorScanner;
