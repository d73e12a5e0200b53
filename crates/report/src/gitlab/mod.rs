//! What GitLab takes from a job: `artifacts: reports`.

mod cyclonedx;
mod links;
mod scanning;

pub(crate) use cyclonedx::cyclonedx;
pub(crate) use links::annotations;
pub(crate) use scanning::container_scanning;
