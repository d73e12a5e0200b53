use std::path::Path;

use boltseal_core::{Exit, Reason, Target};
use boltseal_pipeline::Failure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::section::{moment, text};
use crate::argument::Expectation;
use crate::config::{FileKind, Known, read_toml, target_below};

const KNOWN: Known = Known { top: &[], sections: &[("case", &["at", "expect", "target"])] };

/// `[[case]]`: what a policy must say of one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What is judged.
    #[serde(with = "text")]
    pub(crate) target: Target,
    /// What it must come to.
    #[serde(with = "text")]
    pub(crate) expect: Expectation,
    /// The time at which it is judged; none for now.
    #[serde(default, deserialize_with = "moment")]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    case: Vec<Case>,
}

impl Case {
    /// The cases of a file. Relative paths in it are taken from its folder; a file without a case
    /// is an error, for it would pass whatever the policy says.
    pub(crate) fn read(path: &Path) -> Result<Vec<Self>, Failure> {
        let (_, written): (_, Written) = read_toml(path, FileKind::Cases, &KNOWN)?;
        if written.case.is_empty() {
            return Err(Failure::from(
                Reason::new(Exit::Invalid, "cases-invalid")
                    .expected("at least one [[case]]")
                    .found("none")
                    .place(path.display().to_string())
                    .fix("write down what the policy must say of an image"),
            ));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let below = |case: Self| Self { target: target_below(case.target, folder), ..case };
        Ok(written.case.into_iter().map(below).collect())
    }
}
