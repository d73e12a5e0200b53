//! A small evaluator of IAM policies, which knows nothing of the one in the product.
//!
//! It follows the evaluation logic of the IAM user guide within one account: an explicit deny
//! anywhere wins; what nothing allows is denied; a session policy only takes away. Elements and
//! operators that it does not know make a policy malformed, so that nothing is let in by mistake.

mod authority;
mod condition;
mod context;
mod operator;
mod pattern;
mod policy;
mod principal;
mod statement;
mod verdict;

pub(crate) use authority::{Authority, Question};
pub(crate) use context::Context;
pub(crate) use pattern::matches;
pub use policy::MalformedPolicy;
pub(crate) use policy::{Kind, Policy};
pub(crate) use principal::Caller;
pub use verdict::Asked;
