use std::fmt::Display;

use boltseal_core::{Location, Pick, Repository, Tag, Target};
use boltseal_pipeline::Failure;
use boltseal_report::v1::InitSetting;

use super::CiSystem;
use super::aws_names::AwsNames;
use super::pinned::Pinned;
use super::reading::Reading;
use super::record;
use super::release_ref::{RefKinds, ReleaseRef};
use super::source::{Origin, Source};
use super::source_repository::SourceRepository;
use crate::argument::ScanSource;
use crate::usage::usage;
use crate::wire;

/// The variable that a job of GitHub without AWS has its key in.
pub(crate) const KEY_VARIABLE: &str = "BOLTSEAL_KEY";

/// All that the files are made of.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where releases go.
    pub(crate) to: Repository,
    /// The fixed tag, where one was named.
    pub(crate) tag: Option<Tag>,
    pub(crate) ci: CiSystem,
    pub(crate) source: SourceRepository,
    /// The owner's id and the repository's, where the tokens name both.
    pub(crate) ids: Option<(u64, u64)>,
    /// The refs whose jobs release; at least one.
    pub(crate) refs: Vec<ReleaseRef>,
    pub(crate) scan: ScanSource,
    pub(crate) action: Pinned,
    /// Account, region, role and key, where the registry is Amazon's.
    pub(crate) aws: Option<AwsNames>,
    shown: Vec<InitSetting>,
}

impl Settings {
    /// Makes them of what was said, the first place that says something first.
    ///
    /// # Errors
    /// Exit 2 for each that is needed and nowhere, and for each that is malformed.
    pub(crate) fn of(sources: &[Source]) -> Result<Self, Failure> {
        let mut reading = Reading::of(sources);
        let target: Target = reading
            .needed("to", "--to 111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app")?;
        let (to, tag) = registry(target)?;
        let ci: CiSystem = reading.needed("ci", "--ci github")?;
        let source: SourceRepository =
            reading.needed("source-repository", "--source-repository acme/app")?;
        check_source(ci, &source)?;
        let ids = ids(&mut reading, ci, &source)?;
        let refs = refs(&mut reading)?;
        check_refs(ci, &refs, tag.is_some())?;
        let place = wire::ecr_place(&to)?;
        if place.is_some() {
            check_issuer(source.host(ci))?;
        }
        let scan = reading.or("scan", || match place {
            Some(_) => ScanSource::Ecr,
            None => ScanSource::File("scan.json".into()),
        })?;
        check_scan(&scan, place.is_some())?;
        let aws = match place {
            Some(place) => Some(AwsNames::of(&mut reading, &to, place)?),
            None => None,
        };
        let action = reading.one("action")?.unwrap_or_else(Pinned::unknown);
        Ok(Self { to, tag, ci, source, ids, refs, scan, action, aws, shown: reading.shown })
    }

    /// What they were made of.
    pub(crate) fn shown(&self) -> Vec<InitSetting> {
        self.shown.clone()
    }

    /// Whether a setting is only assumed.
    pub(crate) fn is_assumed(&self, name: &str) -> bool {
        self.shown.iter().any(|it| it.name == name && it.origin == Origin::Default.name())
    }

    /// The line that says all of this again.
    pub(crate) fn record(&self) -> String {
        let one = |value: &dyn Display| vec![value.to_string()];
        let (owner, repository) = self.ids.map_or((vec![], vec![]), |(owner, repository)| {
            (vec![owner.to_string()], vec![repository.to_string()])
        });
        let aws = |of: &dyn Fn(&AwsNames) -> String| self.aws.iter().map(of).collect::<Vec<_>>();
        let is_known = self.action != Pinned::unknown();
        record::line(&[
            ("to", one(&self.target())),
            ("ci", one(&self.ci)),
            ("source-repository", one(&self.source)),
            ("owner-id", owner),
            ("repository-id", repository),
            ("ref", self.refs.iter().map(ToString::to_string).collect()),
            ("role-name", aws(&|it| it.role.clone())),
            ("key-alias", aws(&|it| it.alias.clone())),
            ("scan", one(&self.scan)),
            ("action", if is_known { one(&self.action) } else { vec![] }),
        ])
    }

    /// `HOST/REPO[:TAG]`.
    pub(crate) fn target(&self) -> Target {
        let pick = self.tag.clone().map(Pick::Tag);
        Target { location: Location::Registry(self.to.clone()), pick }
    }

    /// The signing key, as boltseal names it.
    pub(crate) fn key(&self) -> String {
        match &self.aws {
            Some(aws) => format!("awskms:///{}", aws.alias),
            None => format!("env://{KEY_VARIABLE}"),
        }
    }

    pub(crate) fn ref_kinds(&self) -> RefKinds {
        RefKinds::of(&self.refs)
    }

    /// The subjects of the tokens of the jobs that release.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let (owner, name) = self.source.parts();
        let of = |it: &ReleaseRef| match (self.ci, self.ids) {
            (CiSystem::GitHub, Some((o, r))) => format!("repo:{owner}@{o}/{name}@{r}:ref:{it}"),
            (CiSystem::GitHub, None) => format!("repo:{owner}/{name}:ref:{it}"),
            (CiSystem::GitLab, _) => {
                let (path, kind) = (self.source.path(), it.kind());
                format!("project_path:{path}:ref_type:{kind}:ref:{}", it.name())
            }
        };
        self.refs.iter().map(of).collect()
    }

    /// The issuer of those tokens.
    pub(crate) fn issuer(&self) -> String {
        let host = self.source.host(self.ci);
        match self.ci {
            CiSystem::GitHub if host == self.ci.host() => {
                "https://token.actions.githubusercontent.com".to_owned()
            }
            CiSystem::GitHub => format!("https://{host}/_services/token"),
            CiSystem::GitLab => format!("https://{host}"),
        }
    }
}

fn registry(target: Target) -> Result<(Repository, Option<Tag>), Failure> {
    match (target.location, target.pick) {
        (Location::Registry(repository), None) => Ok((repository, None)),
        (Location::Registry(repository), Some(Pick::Tag(tag))) => Ok((repository, Some(tag))),
        (location, _) => Err(usage(
            "init-no-registry",
            "a repository of a registry, HOST/REPO[:TAG]",
            location.to_string(),
            "name it: --to 111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/app",
        )),
    }
}

fn check_source(ci: CiSystem, source: &SourceRepository) -> Result<(), Failure> {
    let host = source.host(ci);
    if ci == CiSystem::GitHub && source.path().split('/').count() != 2 {
        let found = source.path();
        return Err(usage(
            "init-malformed",
            "OWNER/NAME on GitHub",
            found,
            "--source-repository acme/app",
        ));
    }
    let other = match ci {
        CiSystem::GitHub => CiSystem::GitLab,
        CiSystem::GitLab => CiSystem::GitHub,
    };
    if host == other.host() {
        let fix = format!("set --ci {other}, or another --source-repository");
        return Err(usage("init-other-ci", format!("a repository for {ci}"), source.url(ci), fix));
    }
    if host.ends_with(".ghe.com") {
        return Err(usage(
            "init-issuer-unknown",
            "github.com or a GitHub Enterprise Server",
            format!("{host}, whose issuer of tokens boltseal does not know"),
            "write the trust policy by hand: boltseal doctor oidc prints its condition in a job",
        ));
    }
    Ok(())
}

/// IAM has no identity provider whose URL has a port.
fn check_issuer(host: &str) -> Result<(), Failure> {
    if !host.contains(':') {
        return Ok(());
    }
    Err(usage(
        "init-issuer-unknown",
        "an issuer of tokens without a port, for IAM takes no other",
        host,
        "name the host that the issuer has for others: --source-repository https://HOST/PATH",
    ))
}

fn ids(
    reading: &mut Reading<'_>,
    ci: CiSystem,
    source: &SourceRepository,
) -> Result<Option<(u64, u64)>, Failure> {
    let owner: Option<u64> = reading.one("owner-id")?;
    let repository: Option<u64> = reading.one("repository-id")?;
    let refuse = |found: &str, fix: &str| {
        usage("init-ids", "--owner-id and --repository-id, both or none", found, fix)
    };
    match (owner, repository) {
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => {
            Err(refuse("one of them", "gh api repos/OWNER/NAME --jq '.owner.id, .id' prints both"))
        }
        (Some(_), Some(_)) if ci != CiSystem::GitHub || source.host(ci) != ci.host() => {
            Err(refuse(
                "both, and tokens of this host do not name them",
                "leave them out: only github.com has subjects with ids",
            ))
        }
        (Some(owner), Some(repository)) => Ok(Some((owner, repository))),
    }
}

fn refs(reading: &mut Reading<'_>) -> Result<Vec<ReleaseRef>, Failure> {
    let refs: Vec<ReleaseRef> = reading.many("ref")?;
    if refs.is_empty() {
        return Ok(vec![reading.or("ref", || ReleaseRef::Branch("main".to_owned()))?]);
    }
    Ok(refs)
}

/// A job of GitLab has one text for the tag that it releases to, without conditions.
fn check_refs(ci: CiSystem, refs: &[ReleaseRef], has_tag: bool) -> Result<(), Failure> {
    if ci != CiSystem::GitLab || has_tag || RefKinds::of(refs) != RefKinds::Both {
        return Ok(());
    }
    Err(usage(
        "init-malformed",
        "on GitLab --ref of branches alone or of tags alone, for their releases are tagged otherwise",
        refs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        "leave one kind out, or name a fixed tag: --to HOST/REPO:TAG",
    ))
}

/// A file's name goes into YAML and shell.
fn check_scan(scan: &ScanSource, is_ecr: bool) -> Result<(), Failure> {
    let refuse = |expected: &str, found: String| {
        Err(usage("init-malformed", expected, found, "set --scan, such as --scan scan.json"))
    };
    match scan {
        ScanSource::File(path) => {
            let text = path.display().to_string();
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
            let is_good = text.bytes().all(plain)
                && !text.starts_with(['-', '/', '.'])
                && !text.contains("..");
            if is_good {
                Ok(())
            } else {
                refuse("ecr, inspector, none or a file below the source", text)
            }
        }
        ScanSource::Ecr | ScanSource::Inspector if !is_ecr => {
            refuse("a report's file, or none: the registry is not Amazon's", scan.to_string())
        }
        _ => Ok(()),
    }
}
