use std::fs;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use boltseal_core::{Exit, Pick, Reason};
use boltseal_pipeline::Failure;
use boltseal_ports::Clock as _;
use boltseal_posture::{
    Allowed, Call, Documents, EvidenceTags, MAX_DOCUMENT_BYTES, MAX_PLAN_BYTES, Plan, PublicPull,
    Request, Saved, judge,
};
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{ConfigArgs, EvidenceFormat, OutputArgs, TagArgs};
use crate::config::ReleaseSection;
use crate::console::Console;
use crate::file;
use crate::system_clock::SystemClock;

/// How many files a folder of documents may have.
const MOST_FILES: usize = 1_000;

/// Say who can push to a repository, and what would let a release be replaced or lost.
///
/// Judges policies, tags, scanning, lifecycle, the signing key and the trust of the CI's role from
/// documents that the AWS CLI printed, or from a plan of Terraform.
#[derive(Args, Debug)]
pub(crate) struct Preflight {
    /// A folder of what the AWS CLI prints, one file a call, named after its subcommand:
    /// describe-repositories.json, get-repository-policy.json, get-role.json, ... Where a call is
    /// made several times: get-role-policy.NAME.json.
    #[arg(long, value_name = "DIR", required_unless_present = "plan", conflicts_with = "plan")]
    documents: Option<PathBuf>,

    /// What `terraform show -json` prints of a plan.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// The repository's name, where the documents or the plan are about several.
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,

    #[command(flatten)]
    tags: TagArgs,

    /// The role whose trust is judged: its name or its ARN.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,

    /// The subject of a token to try on the role's trust policy. Repeatable.
    #[arg(long = "subject", value_name = "SUBJECT")]
    subjects: Vec<String>,

    /// Who may push: an ARN, an account id, an organisation id, a service or *. Repeatable; any
    /// other who is granted it refuses.
    #[arg(long, value_name = "PRINCIPAL")]
    allow_push: Vec<Allowed>,

    /// The repository is meant to be public.
    #[arg(long)]
    allow_public_pull: bool,

    /// The formats of evidence that a release writes: bundle, legacy; bundle unless said
    /// otherwise.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    evidence: Vec<EvidenceFormat>,

    #[command(flatten)]
    config: ConfigArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for Preflight {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let request = self.request(&self.config.read()?.release);
        let posture = judge(&self.documents()?, &request)?;
        Ok(Box::new(v1::Preflight::of(&posture)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Preflight::failed(self.repository.as_deref(), reasons))
    }
}

impl Preflight {
    fn documents(&self) -> Result<Documents, Failure> {
        match (&self.documents, &self.plan) {
            (_, Some(plan)) => planned(plan, self.repository.as_deref()),
            (Some(folder), None) => saved(folder),
            (None, None) => Err(nothing_named()),
        }
    }

    /// What it is judged against: flags, then the configuration.
    fn request(&self, section: &ReleaseSection) -> Request {
        let texts = |flags: &[boltseal_core::Tag], section: &[boltseal_core::Tag]| {
            let tags = if flags.is_empty() { section } else { flags };
            tags.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let mut tags = texts(&self.tags.tags, &section.tags);
        if let Some(Pick::Tag(tag)) = section.to.as_ref().and_then(|it| it.pick.as_ref())
            && self.tags.tags.is_empty()
        {
            tags.insert(0, tag.to_string());
        }
        let formats = if self.evidence.is_empty() { &section.evidence } else { &self.evidence };
        Request {
            repository: self.repository.clone(),
            tags,
            moving_tags: texts(&self.tags.moving_tags, &section.moving_tags),
            role: self.role.clone(),
            subjects: self.subjects.clone(),
            allow_push: self.allow_push.clone(),
            public_pull: if self.allow_public_pull {
                PublicPull::Allowed
            } else {
                PublicPull::Refused
            },
            evidence: if formats.contains(&EvidenceFormat::Legacy) {
                EvidenceTags::Written
            } else {
                EvidenceTags::Unused
            },
            ..Request::new(SystemClock.now())
        }
    }
}

fn nothing_named() -> Failure {
    crate::usage::usage(
        "documents-missing",
        "documents to judge",
        "neither --documents nor --plan",
        "name a folder with --documents, or a plan with --plan",
    )
}

/// The documents of a folder.
fn saved(folder: &Path) -> Result<Documents, Failure> {
    let names = names(folder).map_err(|found| Failure::from(unreadable(folder, found)))?;
    let mut contents = Vec::new();
    for name in names {
        // What is no answer is listed, and not read.
        let known = Call::of_file(&name).is_some();
        let path = folder.join(&name);
        let bytes = if known {
            file::read(&path, MAX_DOCUMENT_BYTES as u64)
                .map_err(|error| Failure::from(unreadable(&path, error.to_string())))?
                .to_vec()
        } else {
            Vec::new()
        };
        contents.push((name, bytes));
    }
    let saved = contents.iter().map(|(name, bytes)| Saved::file(name, bytes));
    let documents = Documents::read(saved).map_err(|errors| {
        let of = |error: boltseal_posture::DocumentError| {
            let path = folder.join(&error.file).display().to_string();
            Reason::from(error).place(path)
        };
        Failure::of(errors.into_iter().map(of).collect())
    })?;
    if documents.is_empty() {
        return Err(empty(folder).into());
    }
    Ok(documents)
}

/// The names of the files in a folder, in their order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || entry.path().is_dir() {
            continue;
        }
        // A name that is no UTF-8 is of no call.
        names.push(entry.file_name().to_string_lossy().into_owned());
        if names.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files"));
        }
    }
    names.sort();
    Ok(names)
}

fn planned(path: &Path, repository: Option<&str>) -> Result<Documents, Failure> {
    let bytes = file::read(path, MAX_PLAN_BYTES as u64)
        .map_err(|error| Failure::from(unreadable(path, error.to_string())))?;
    let plan = Plan::parse(&path.display().to_string(), &bytes).map_err(Reason::from)?;
    plan.documents(repository).map_err(|errors| {
        let reasons = errors.into_iter().map(Reason::from);
        let of = |reason: Reason| {
            let place = format!("{}: {}", path.display(), reason.place);
            reason.place(place)
        };
        Failure::of(reasons.map(of).collect())
    })
}

fn unreadable(path: &Path, found: String) -> Reason {
    Reason::new(Exit::Invalid, "documents-unreadable")
        .expected("documents that can be read")
        .found(found)
        .place(path.display().to_string())
        .fix("name the folder or the plan, and look at its permissions")
}

fn empty(folder: &Path) -> Reason {
    Reason::new(Exit::Invalid, "documents-empty")
        .expected("at least one file named after a subcommand of the AWS CLI")
        .found("none")
        .place(folder.display().to_string())
        .fix("aws ecr get-repository-policy --repository-name NAME > get-repository-policy.json 2>&1")
}
