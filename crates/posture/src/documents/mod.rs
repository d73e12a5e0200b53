//! What AWS answered, call by call.
//!
//! A call that was not made, one that was refused, and one that answered "there is none" are three
//! things, and stay so.

mod account;
mod answer;
mod call;
mod error;
mod image;
mod key;
mod lifecycle;
mod policy;
mod reader;
mod refusal;
mod registry;
mod repository;
mod role;
mod saved;

pub(crate) use account::{AccountDetails, Identity};
pub(crate) use answer::Answer;
pub use call::Call;
pub use error::{DocumentError, DocumentProblem};
pub(crate) use image::{ImageDetail, Images};
pub(crate) use key::{Key, KeyMetadata};
pub(crate) use lifecycle::LifecycleDocument;
pub(crate) use policy::PolicyAnswer;
pub(crate) use reader::Reader;
pub use refusal::Refusal;
pub(crate) use registry::{
    AccountSetting, PullThroughRule, PullThroughRules, Replication, ReplicationRule,
    RepositoryFilter, ScanRule, ScanningConfiguration, SigningConfiguration, SigningRule,
};
pub(crate) use repository::{Repositories, Repository};
pub(crate) use role::{OidcProvider, Role, RoleDocument, RolePolicy};
pub use saved::{MAX_DOCUMENT_BYTES, Saved};

/// All that is known. Built by [`Documents::read`] from answers, or by
/// [`Plan::documents`](crate::Plan::documents) from a plan.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// Every file or call that was read, in the order of reading.
    pub(crate) read: Vec<Looked>,
    pub(crate) repositories: Answer<Repositories>,
    pub(crate) repository_policy: Answer<PolicyAnswer>,
    pub(crate) registry_policy: Answer<PolicyAnswer>,
    pub(crate) lifecycle: Answer<LifecycleDocument>,
    pub(crate) images: Answer<Images>,
    pub(crate) scanning: Answer<ScanningConfiguration>,
    pub(crate) replication: Answer<Replication>,
    pub(crate) pull_through: Answer<PullThroughRules>,
    pub(crate) signing: Answer<SigningConfiguration>,
    pub(crate) settings: Vec<Answer<AccountSetting>>,
    pub(crate) keys: Vec<Key>,
    pub(crate) roles: Vec<Role>,
    pub(crate) providers: Vec<OidcProvider>,
    pub(crate) account: Answer<AccountDetails>,
}

/// One document, and what came of looking at it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Looked {
    /// The file, or the call.
    pub file: String,
    /// `read`, `none` (AWS says there is none), `denied`, `failed` or `unknown` (no such call).
    pub status: &'static str,
    /// AWS's own words, or why a file was left alone.
    pub detail: Option<String>,
    /// The call, where it is a known one.
    #[serde(skip)]
    pub(crate) call: Option<Call>,
}

impl Documents {
    /// Reads answers. Files that are no answer of a known call are listed, and left alone.
    ///
    /// # Errors
    /// Every document that is malformed.
    pub fn read<'a>(
        saved: impl IntoIterator<Item = Saved<'a>>,
    ) -> Result<Self, Vec<DocumentError>> {
        let mut reader = Reader::default();
        let mut saved: Vec<Saved<'a>> = saved.into_iter().collect();
        // A role comes before its policies, which name it.
        saved.sort_by_key(|it| it.call != Some(Call::GetRole));
        for one in saved {
            reader.read(one);
        }
        reader.finish()
    }

    /// Whether no call at all is answered.
    pub fn is_empty(&self) -> bool {
        self.read.iter().all(|it| it.status == "unknown")
    }

    /// The calls of which there is no answer.
    pub fn not_looked_at(&self) -> Vec<&'static str> {
        let absent = |call: &Call| !self.read.iter().any(|it| it.call == Some(*call));
        Call::ALL.into_iter().filter(absent).map(Call::name).collect()
    }
}
