//! Arguments that several commands share, and the forms that they take.

mod aws_args;
mod check_args;
mod config_args;
mod demand_args;
mod evidence_format;
mod gate_args;
mod image_args;
mod key_source;
mod output_args;
mod posture_args;
mod posture_level;
mod posture_mode;
mod registry_args;
mod report_args;
mod require_args;
mod sbom_source;
mod scan_source;
mod tag_args;

pub(crate) use aws_args::AwsArgs;
pub(crate) use check_args::CheckArgs;
pub(crate) use config_args::ConfigArgs;
pub(crate) use demand_args::{Asked, DemandArgs};
pub(crate) use evidence_format::{EvidenceFormat, formats};
pub(crate) use gate_args::GateArgs;
pub(crate) use image_args::{ImageArgs, ImageChoice, image_missing};
pub(crate) use key_source::{KeySource, PASSWORD, password};
pub(crate) use output_args::{Format, OutputArgs};
pub(crate) use posture_args::PostureArgs;
pub(crate) use posture_level::PostureLevel;
pub(crate) use posture_mode::PostureMode;
pub(crate) use registry_args::RegistryArgs;
pub(crate) use report_args::{ReportArgs, ReportTarget};
pub(crate) use require_args::RequireArgs;
pub(crate) use sbom_source::SbomSource;
pub(crate) use scan_source::ScanSource;
pub(crate) use tag_args::{TagArgs, release_tags};
