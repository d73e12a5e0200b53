//! Results, for people and for programs.
//!
//! A document of [`v1`] holds everything that a command has to say; its JSON form is a public
//! interface (`schema` names the version), and its text form is made of the same document, so
//! that both say the same. A [`ReportKind`] is a further form, for a CI system or a browser, made of
//! the same document again. Nothing here prints, decides, or knows the time.
//!
//! ```
//! use boltseal_core::{Exit, Reason};
//! use boltseal_report::{Document, Paint, v1};
//!
//! let reason = Reason::new(Exit::Invalid, "key-unreadable").place("cosign.pub");
//! let document = v1::Verify::failed("registry.example.com/app:1", vec![reason]);
//! assert_eq!(document.head().exit, Exit::Invalid);
//! assert!(document.to_text(Paint::Plain).starts_with("REFUSED"));
//! ```

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a report is written once, and reads better; an allocation for each row is nothing"
)]

mod annotations;
mod check;
mod difference;
mod document;
mod dossier;
mod dotenv;
mod escape;
mod fact;
mod github_outputs;
mod gitlab;
mod html;
mod junit;
mod markdown;
mod occasion;
mod paint;
mod quantity;
mod report_kind;
mod sarif;
mod sheet;
mod table;
mod text;
pub mod v1;

pub use document::Document;
pub use dossier::Dossier;
pub use occasion::Occasion;
pub use paint::Paint;
pub use quantity::{bytes, requests, seconds};
pub use report_kind::{ReportKind, ReportKindError};
pub use text::reasons;
