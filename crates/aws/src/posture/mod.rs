//! The documents that posture is judged by, fetched and not judged.

mod cli_json;
mod iam;
mod iam_xml;
mod live;

pub use live::LivePosture;
