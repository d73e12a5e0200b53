//! The account that everything happens in.

use boltseal_testkit::cloud::Options;

use crate::emulator::Emulator;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";

/// The account with a real emulator of KMS.
pub(crate) fn options() -> Options {
    let kms = Some(Emulator::ministack().origin());
    Options { account: ACCOUNT.to_owned(), region: REGION.to_owned(), kms, ..Options::default() }
}
