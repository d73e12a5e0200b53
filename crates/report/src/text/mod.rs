//! The text forms of the documents: the verdict first, then why, then what was looked at.

mod doctor;
mod evidence;
mod gate;
mod init;
mod inspect;
mod journey;
mod keys;
mod plan;
mod policy;
mod policy_test;
mod preflight;
#[cfg(test)]
mod samples;
mod verify;

pub(crate) use doctor::doctor;
pub(crate) use evidence::kind;
pub(crate) use gate::gate;
pub(crate) use init::init;
pub(crate) use inspect::inspect;
pub(crate) use journey::{promote, release};
pub(crate) use keys::keys;
pub(crate) use policy::policy;
pub(crate) use policy_test::policy_test;
pub(crate) use preflight::preflight;
pub(crate) use verify::{verify, verify_blob};

use boltseal_core::Reason;

use crate::Paint;
use crate::sheet::Sheet;

/// Reasons alone, for a command line that is wrong.
pub fn reasons(reasons: &[Reason], paint: Paint) -> String {
    let mut sheet = Sheet::blank(paint);
    sheet.reasons(reasons);
    sheet.finish().trim_start_matches('\n').to_owned()
}
