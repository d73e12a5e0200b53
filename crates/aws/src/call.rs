use std::fmt;

use crate::service::Service;

/// A call, for messages: what was asked for, about what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) action: &'static str,
    /// The resource; may be empty.
    pub(crate) about: String,
    /// The region; empty for global services.
    pub(crate) region: String,
}

impl Call {
    pub(crate) fn new(service: Service, action: &'static str, region: impl fmt::Display) -> Self {
        Self { service, action, about: String::new(), region: region.to_string() }
    }

    pub(crate) fn about(mut self, about: impl fmt::Display) -> Self {
        self.about = about.to_string();
        self
    }

    /// As IAM policies name it.
    pub(crate) fn iam(&self) -> String {
        format!("{}:{}", self.service.id(), self.action)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iam())?;
        if !self.about.is_empty() {
            write!(f, " {}", self.about)?;
        }
        if !self.region.is_empty() {
            write!(f, " in {}", self.region)?;
        }
        Ok(())
    }
}
