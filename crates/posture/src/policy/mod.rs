//! Policies as IAM reads them: resource policies, identity policies, trust policies.
//!
//! A policy is parsed strictly: what AWS would not store, or what this model does not know, is an
//! error that names the place. A policy that is only half understood must not pass.

mod action;
mod condition;
mod date;
mod document;
mod error;
mod operator;
mod principal;
mod resource;
mod statement;
mod test;

pub(crate) use action::Actions;
pub(crate) use condition::Condition;
pub(crate) use document::{PolicyDocument, PolicyKind};
pub use error::PolicyError;
pub(crate) use principal::{Principals, aws as aws_principal};
pub(crate) use resource::Resources;
pub(crate) use statement::{Effect, Statement};
pub(crate) use test::{Kind, Moment, Network, SetTest, Test};
