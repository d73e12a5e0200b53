//! The stand-ins, spoken to as any client speaks to AWS.

mod assume;
mod client;
mod data_plane;
mod ecr;
mod gateway;
mod inspector;
mod kms;
mod scan;
mod signing;
