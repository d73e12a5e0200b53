use boltseal_core::{Exit, Reason};

/// A file that is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: expected the output of `terraform show -json`, found {found}")]
pub struct PlanError {
    /// The file.
    pub file: String,
    /// What was found.
    pub found: String,
}

impl From<PlanError> for Reason {
    fn from(error: PlanError) -> Self {
        Self::new(Exit::Invalid, "plan-invalid")
            .expected("the output of `terraform show -json`")
            .found(crate::shown::shown(&error.found))
            .place(error.file)
            .fix("terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json")
    }
}
