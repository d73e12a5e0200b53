use std::path::PathBuf;

use async_trait::async_trait;
use boltseal_core::{Location, Pick, Reason, Repository, Tag, Target};
use boltseal_pipeline::Failure;
use boltseal_ports::{AccountDetails, Clock as _, PostureDepth, PostureScope};
use boltseal_posture::{Documents, EvidenceTags, Posture, Request, judge};
use boltseal_report::{Document, v1};
use clap::Args;

use super::{Command, Ending};
use crate::argument::{
    AwsArgs, ConfigArgs, EvidenceFormat, KeySource, OutputArgs, PostureArgs, ReportArgs,
    ReportTarget, TagArgs,
};
use crate::config::{Config, ReleaseSection};
use crate::console::Console;
use crate::posture_file;
use crate::system_clock::SystemClock;
use crate::usage::usage;
use crate::wire::Cloud;

/// Say who can push to a repository, and what would let a release be replaced or lost.
///
/// Judges policies, tags, scanning, lifecycle, the signing key and the trust of the CI's role: of
/// a repository of Amazon ECR as it is now, from documents that the AWS CLI printed, or from a plan
/// of Terraform. Nothing is written. What may not be looked at is the finding posture-unknown.
#[derive(Args, Debug)]
pub(crate) struct Preflight {
    /// A repository of Amazon ECR, which is asked about: HOST/REPO[:TAG|@DIGEST]. A tag is one
    /// that is to be released, a digest one that has been.
    #[arg(value_name = "REPOSITORY", required_unless_present_any = ["documents", "plan"],
        conflicts_with_all = ["documents", "plan", "repository"])]
    target: Option<Target>,

    /// A folder of what the AWS CLI prints, one file a call, named after its subcommand:
    /// describe-repositories.json, get-repository-policy.json, get-role.json, ... Where a call is
    /// made several times: get-role-policy.NAME.json.
    #[arg(long, value_name = "DIR", conflicts_with = "plan")]
    documents: Option<PathBuf>,

    /// What `terraform show -json` prints of a plan.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// The repository's name, where the documents or the plan are about several.
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,

    #[command(flatten)]
    tags: TagArgs,

    /// A key in KMS that signs releases (awskms://...), whose policy is looked at. Repeatable.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<KeySource>,

    /// The role of the CI whose trust is judged, by its name or its ARN; the one of --role unless
    /// said otherwise.
    #[arg(long, value_name = "ROLE")]
    ci_role: Option<String>,

    /// The subject of a token to try on the role's trust policy. Repeatable.
    #[arg(long = "subject", value_name = "SUBJECT")]
    subjects: Vec<String>,

    /// Ask for everyone in the account as well, which says who else may push. Few roles may.
    #[arg(long, requires = "target")]
    account_details: bool,

    /// The formats of evidence that a release writes: bundle, legacy; bundle unless said
    /// otherwise.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    evidence: Vec<EvidenceFormat>,

    #[command(flatten)]
    config: ConfigArgs,

    #[command(flatten)]
    posture: PostureArgs,

    #[command(flatten)]
    aws: AwsArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    reports: ReportArgs,
}

#[async_trait(?Send)]
impl Command for Preflight {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    fn reports(&self) -> &[ReportTarget] {
        &self.reports.targets
    }

    async fn run(&self, _console: &Console) -> Ending {
        let config = self.config.read()?;
        let request = self.request(&config);
        let posture = match &self.target {
            Some(target) => self.live(target, &config.release, request).await?,
            None => judge(&self.documents()?, &request)?,
        };
        Ok(Box::new(v1::Preflight::of(&posture)))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        let named = self.target.as_ref().map(ToString::to_string);
        Box::new(v1::Preflight::failed(named.as_deref().or(self.repository.as_deref()), reasons))
    }
}

impl Preflight {
    /// Asks AWS, as the role or with the ordinary credentials.
    async fn live(
        &self,
        target: &Target,
        section: &ReleaseSection,
        request: Request,
    ) -> Result<Posture, Failure> {
        let repository = registry(target)?;
        let cloud = Cloud::of_args(&self.aws);
        let source = cloud.posture(repository)?.ok_or_else(|| not_ecr(target))?;
        cloud.identify(repository).await?;
        let keys = if self.keys.is_empty() { &section.keys } else { &self.keys };
        let scope = PostureScope {
            repository: repository.path().to_owned(),
            keys: keys.iter().filter_map(KeySource::kms).map(str::to_owned).collect(),
            roles: request.role.iter().cloned().collect(),
            depth: PostureDepth::Full,
            account: if self.account_details { AccountDetails::Ask } else { AccountDetails::Skip },
        };
        let request = Request { repository: Some(repository.path().to_owned()), ..request };
        boltseal_pipeline::preflight(&source, &scope, &request).await
    }

    fn documents(&self) -> Result<Documents, Failure> {
        match (&self.documents, &self.plan) {
            (_, Some(plan)) => posture_file::planned(plan, self.repository.as_deref()),
            (Some(folder), None) => posture_file::saved(folder),
            (None, None) => Err(nothing_named()),
        }
    }

    /// What it is judged against: flags, then the configuration.
    fn request(&self, config: &Config) -> Request {
        let section = &config.release;
        let texts = |flags: &[Tag], section: &[Tag]| {
            let tags = if flags.is_empty() { section } else { flags };
            tags.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let mut tags = texts(&self.tags.tags, &section.tags);
        let named = self.target.as_ref().or(section.to.as_ref());
        let pick = named.and_then(|it| it.pick.as_ref());
        if let Some(Pick::Tag(tag)) = pick
            && self.tags.tags.is_empty()
        {
            tags.insert(0, tag.to_string());
        }
        let formats = if self.evidence.is_empty() { &section.evidence } else { &self.evidence };
        let digest = self.target.as_ref().and_then(|it| it.pick.as_ref());
        let request = Request {
            repository: self.repository.clone(),
            tags,
            moving_tags: texts(&self.tags.moving_tags, &section.moving_tags),
            digest: match digest {
                Some(Pick::Digest(digest)) => Some(digest.clone()),
                _ => None,
            },
            role: self.ci_role.clone().or_else(|| self.aws.role.clone()),
            subjects: self.subjects.clone(),
            evidence: if formats.contains(&EvidenceFormat::Legacy) {
                EvidenceTags::Written
            } else {
                EvidenceTags::Unused
            },
            ..Request::new(SystemClock.now())
        };
        self.posture.apply(&config.posture, request)
    }
}

fn registry(target: &Target) -> Result<&Repository, Failure> {
    match &target.location {
        Location::Registry(repository) => Ok(repository),
        _ => Err(not_ecr(target)),
    }
}

fn not_ecr(target: &Target) -> Failure {
    usage(
        "preflight-elsewhere",
        "a private repository of Amazon ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPO[:TAG|@DIGEST]",
        target.to_string(),
        "name one; of other registries boltseal does not know who may push",
    )
}

fn nothing_named() -> Failure {
    usage(
        "documents-missing",
        "a repository, or documents to judge",
        "neither REPOSITORY nor --documents nor --plan",
        "name a repository, a folder with --documents, or a plan with --plan",
    )
}
