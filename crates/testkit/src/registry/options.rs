//! What kind of registry to be.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::Auth;

/// How a [`Server`](super::Server) behaves. The default is a registry that follows
/// distribution-spec 1.1 to the letter, asks for no login and is as strict as real ones.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who may do what.
    pub auth: Auth,
    /// Where blobs of a megabyte and more are kept, as temporary files; in memory where `None`.
    pub blob_dir: Option<PathBuf>,
    /// Whose rules beyond the specification apply.
    pub dialect: Dialect,
    /// Which tags cannot be moved once they are set.
    pub immutable_tags: ImmutableTags,
    /// How long every answer is held back, like the way to a far registry and back.
    pub latency: Option<Duration>,
    /// The form of the `Location` of an upload session.
    pub locations: Locations,
    /// The largest manifest taken, in bytes.
    pub max_manifest_bytes: usize,
    /// What becomes of a request to mount a blob from another repository.
    pub mounts: Mounts,
    /// When the answer to a manifest with a `subject` carries `OCI-Subject`.
    pub oci_subject_header: SubjectHeader,
    /// How many entries one page of referrers or tags has; all of them where `None`.
    pub page_size: Option<usize>,
    /// Whether blobs are served here or by redirect.
    pub redirects: Redirects,
    /// The Referrers API, or what is in its place.
    pub referrers: Referrers,
    /// Which repositories there are.
    pub repositories: Repositories,
    /// Whether manifests are checked as real registries check them.
    pub validation: Validation,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            auth: Auth::None,
            blob_dir: None,
            dialect: Dialect::Spec,
            immutable_tags: ImmutableTags::None,
            latency: None,
            locations: Locations::Relative,
            max_manifest_bytes: 4 * 1024 * 1024,
            mounts: Mounts::Allowed,
            oci_subject_header: SubjectHeader::WithApi,
            page_size: None,
            redirects: Redirects::Never,
            referrers: Referrers::Api,
            repositories: Repositories::MadeOnPush,
            validation: Validation::Strict,
        }
    }
}

/// Whose rules beyond the specification apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Amazon ECR: no `Location` on a manifest PUT, 201 on PATCH with everything after the first
    /// chunk lost, no single POST, `TAG_INVALID` for immutable tags, 405 for shapes it does not
    /// know.
    Ecr,
    /// Nobody's.
    Spec,
}

/// Which tags cannot be moved once they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImmutableTags {
    /// All.
    All,
    /// All but those that match one of the patterns, in which `*` stands for any text.
    Except(Vec<String>),
    /// None.
    None,
    /// Only those that match one of the patterns.
    Only(Vec<String>),
    /// Another rule in each repository; none where it is not listed.
    PerRepository(BTreeMap<String, Self>),
}

/// The form of the `Location` of an upload session. Clients must understand every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locations {
    /// With scheme and host.
    Absolute,
    /// A path.
    Relative,
    /// A path and a query, so that `digest=` must be added with `&`.
    WithQuery,
}

/// What becomes of a request to mount a blob from another repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mounts {
    /// 201, where the other repository has it and may be read.
    Allowed,
    /// 202, with an upload session.
    Session202,
}

/// When the answer to a manifest with a `subject` carries `OCI-Subject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectHeader {
    /// Always, even where there is no Referrers API (as ECR once did).
    Always,
    /// Never, even where there is a Referrers API (as go-containerregistry's registry does).
    Never,
    /// Where there is a Referrers API.
    WithApi,
}

/// Whether blobs are served by the registry or from a storage host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// 200 and the bytes.
    Never,
    /// 307 to another port with a signature in the query. Like S3, the storage answers 400 to a
    /// request that also carries `Authorization`.
    Storage,
}

/// The Referrers API, or what is in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referrers {
    /// As distribution-spec 1.1 says.
    Api,
    /// No such API: 404.
    None404 {
        /// The body of the 404.
        body: NotFoundBody,
    },
    /// No such API: 405.
    None405,
    /// No such API: 501.
    None501,
    /// An answer that means nothing.
    Odd(Odd),
}

/// The bodies seen on the 404 of registries without a Referrers API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFoundBody {
    /// Nothing.
    Empty,
    /// `404 page not found`, as Go's router says.
    Plain,
    /// An XML error, as a storage bucket says.
    Xml,
}

/// Answers of the Referrers API that prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// 400, `UNSUPPORTED`.
    BadRequest400,
    /// 200 and no body, with the right type.
    Empty200,
    /// 200 and a page for people.
    Html200,
    /// 406.
    NotAcceptable406,
    /// 200 and a valid index, said to be `text/plain`.
    WrongType200,
}

/// Which repositories there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repositories {
    /// Only these; anything else is `NAME_UNKNOWN`, as on ECR.
    Listed(Vec<String>),
    /// A first push makes one.
    MadeOnPush,
}

/// Whether manifests are checked as real registries check them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// Only digests are checked.
    Lax,
    /// Type, `Content-Type`, `Accept` and the existence of blobs and children (not of the
    /// subject) are checked.
    Strict,
}
