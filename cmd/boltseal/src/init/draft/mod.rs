//! The files, as they would be written.

mod boltseal_toml;
mod core_part;
mod github;
mod gitlab;
mod next;
mod policy_toml;
mod yaml;

use core_part::{Around, CorePart};
pub(crate) use next::{next, warnings};

use super::{CiSystem, Folder, Settings};
use crate::argument::ScanSource;
use crate::wire;

/// A file as it would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Its path below the folder.
    pub(crate) path: String,
    pub(crate) content: String,
    /// What must be said by a file that is there already.
    core: CorePart,
}

impl Draft {
    fn new(path: &str, content: String, core: CorePart) -> Self {
        Self { path: path.to_owned(), content, core }
    }

    /// Whether a text says all of it that matters.
    pub(crate) fn is_said_by(&self, text: &str) -> bool {
        text == self.content || self.core.is_said_by(text, &self.content)
    }
}

/// What gates the release in its own job, where a report is in the folder that the other job
/// handed over.
fn handed_over(scan: &ScanSource) -> String {
    match scan {
        ScanSource::File(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            format!("handover/{}", name.display())
        }
        other => other.to_string(),
    }
}

/// Where the image is handed over. Scanners read an unpacked layout, and no archive of one.
const fn image(scan: &ScanSource) -> &'static str {
    match scan {
        ScanSource::File(_) => "oci:handover/image",
        _ => "oci-archive:handover/image.tar",
    }
}

/// What buildx is told for the same.
const fn output(scan: &ScanSource) -> &'static str {
    match scan {
        ScanSource::File(_) => "type=oci,dest=handover/image,tar=false",
        _ => "type=oci,dest=handover/image.tar",
    }
}

/// All files, in the order in which people read them.
pub(crate) fn drafts(settings: &Settings, folder: &Folder) -> Vec<Draft> {
    let workflow = match settings.ci {
        CiSystem::GitHub => vec![github::draft(settings)],
        CiSystem::GitLab => gitlab::drafts(settings, folder),
    };
    let iam = wire::iam_files(settings).into_iter();
    let iam = iam.map(|(path, content)| {
        let core =
            if path.rsplit('.').next() == Some("json") { CorePart::Json } else { CorePart::Whole };
        Draft::new(path, content, core)
    });
    [boltseal_toml::draft(settings), policy_toml::draft(settings)]
        .into_iter()
        .chain(workflow)
        .chain(iam)
        .collect()
}
