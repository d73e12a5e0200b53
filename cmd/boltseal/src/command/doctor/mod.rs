mod key;
mod oidc;
mod registry;

use clap::Subcommand;

pub(crate) use key::DoctorKey;
pub(crate) use oidc::DoctorOidc;
pub(crate) use registry::DoctorRegistry;

/// Find out why something does not work: a role's trust, a registry, a key.
#[derive(Debug, Subcommand)]
pub(crate) enum Doctor {
    Oidc(Box<DoctorOidc>),
    Registry(Box<DoctorRegistry>),
    Key(Box<DoctorKey>),
}
