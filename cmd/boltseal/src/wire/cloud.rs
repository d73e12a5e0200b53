//! AWS, as far as a command names it: nothing is asked, and no socket opened, before that.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use boltseal_aws::{
    AccountId, Arn, Aws, AwsEnvironment, AwsError, AwsOptions, AwsSigner, EcrHost, EcrRegistry,
    EcrScanner, InspectorScanner, KeyUri, KmsSigner, LivePosture, ManagedSigning, PosturePart,
    Region, ReleaseScope, RoleRequest, ScanAccess, Session, SessionPolicy, SignerRevocation,
    session_name, session_policy, trust_condition,
};
use boltseal_ci::Workflow;
use boltseal_core::{Location, Reason, Repository};
use boltseal_pipeline::{BuildWorkflow, Failure};
use boltseal_ports::{Meter, RevocationAuthority, Scanner, SignatureJob, Traffic};

use super::health;
use crate::argument::{AwsArgs, KeySource, RegistryArgs, ScanSource};
use crate::system_clock::SystemClock;
use crate::usage::usage;

/// How long a session is asked for; it is begun anew where a run takes longer.
const LIFETIME: Duration = Duration::from_hours(1);

/// What says that there are credentials for AWS, where no role was given. Without any of them a
/// registry of ECR is logged in to as any other is.
const CREDENTIALS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// AWS for one command: one way there, and one session.
pub(crate) struct Cloud {
    args: AwsArgs,
    network: Network,
    patience: Duration,
    aws: OnceLock<Aws>,
    session: OnceLock<Session>,
    /// The region of the registry that the command is about.
    near: Option<Region>,
    /// What a release touches, where it goes to ECR.
    pub(super) scope: Option<ReleaseScope>,
    /// What the session may do, where a role is assumed for one release.
    pub(super) policy: Option<SessionPolicy>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Allowed,
    Offline,
}

/// What a release touches, as far as its session must be allowed to.
#[derive(Clone, Copy)]
pub(crate) struct Touches<'a> {
    pub(crate) destination: &'a Location,
    /// Where the image comes from, unless it is made.
    pub(crate) source: Option<&'a Location>,
    pub(crate) keys: &'a [KeySource],
    pub(crate) scans: &'a [ScanSource],
    /// The signing profile of AWS Signer.
    pub(crate) profile: Option<&'a str>,
}

impl Cloud {
    pub(crate) fn new(args: &RegistryArgs) -> Self {
        let network = if args.offline { Network::Offline } else { Network::Allowed };
        Self {
            args: args.aws.clone(),
            network,
            patience: Duration::from_secs(args.patience),
            ..Self::offline()
        }
    }

    /// For commands that speak to AWS and to no registry.
    pub(crate) fn of_args(args: &AwsArgs) -> Self {
        Self { args: args.clone(), ..Self::of_environment() }
    }

    /// With the ordinary credentials, for commands without flags for AWS.
    pub(crate) fn of_environment() -> Self {
        Self { network: Network::Allowed, patience: Duration::from_secs(45), ..Self::offline() }
    }

    /// None at all: for commands that open no socket.
    pub(crate) fn offline() -> Self {
        Self {
            args: AwsArgs::default(),
            network: Network::Offline,
            patience: Duration::ZERO,
            aws: OnceLock::new(),
            session: OnceLock::new(),
            near: None,
            scope: None,
            policy: None,
        }
    }

    /// The same with the region of a registry of ECR for keys that do not name theirs; of several
    /// the first counts.
    pub(crate) fn near(mut self, location: &Location) -> Self {
        let region = || ecr_host(location).map(|host| host.region);
        self.near = self.near.take().or_else(region);
        self
    }

    /// The same, with a session that may do no more than this release needs, where it goes to
    /// ECR with a role.
    pub(crate) fn for_release(mut self, release: &Touches<'_>) -> Result<Self, Failure> {
        let Touches { destination, source, keys, scans, profile } = *release;
        let Location::Registry(repository) = destination else { return Ok(self) };
        let Some(registry) = EcrHost::parse(repository.host()) else { return Ok(self) };
        let role = self.args.role.as_deref().map(arn).transpose()?;
        let account = role.as_ref().and_then(|it| it.account.parse().ok());
        let account = account.unwrap_or_else(|| registry.account.clone());
        let region = self.region(Some(&registry.region))?;
        let uris = keys.iter().filter_map(KeySource::kms).map(key_uri);
        let uris: Vec<KeyUri> = uris.collect::<Result<_, _>>()?;
        let scope = ReleaseScope {
            repository: repository.path().to_owned(),
            sources: beside(repository, source),
            keys: uris.iter().map(|uri| uri.resource(&region, &account)).collect(),
            profiles: profile
                .map(|it| self.profile(it, destination))
                .transpose()?
                .into_iter()
                .collect(),
            scans: scans.iter().filter_map(access).collect(),
            roles: Vec::new(),
            registry,
        };
        if role.is_some() {
            self.policy = session_policy(&scope).ok();
        }
        self.scope = Some(scope);
        Ok(self.near(destination))
    }

    /// Makes sure that the account is an allowed one, where AWS is used at all.
    pub(crate) async fn guard(&self) -> Result<(), Failure> {
        if self.args.role.is_none() && self.args.allowed_accounts.is_empty() {
            return Ok(());
        }
        self.check_account(None).await
    }

    /// Who this run is to AWS, by its token: for people, and never the token. Nothing where no
    /// token was exchanged.
    pub(crate) fn identity(&self) -> Vec<String> {
        let Some(claims) = self.session.get().and_then(Session::claims) else { return Vec::new() };
        let (issuer, audience) = (&claims.issuer, claims.audiences.join(" "));
        let who = format!("iss {issuer}, aud {audience}, sub {}", claims.subject);
        let condition = trust_condition(&claims);
        let identity = format!("identity      {who}");
        let trust = format!("trusted by    a role's trust policy with the Condition {condition}");
        [identity, trust].into_iter().chain(self.session_note()).collect()
    }

    /// What a session may not, or may, because a policy for exactly this release is too long.
    fn session_note(&self) -> Option<String> {
        self.scope.as_ref()?;
        let limit = boltseal_aws::MAX_SESSION_POLICY;
        match self.policy.as_ref().map(|it| it.posture) {
            Some(PosturePart::Included) => None,
            Some(PosturePart::LeftOut) => Some(format!(
                "session       without the posture checks: its policy would exceed {limit} characters"
            )),
            None => Some(format!(
                "session       as wide as the role: a policy for this release alone would exceed \
                 {limit} characters"
            )),
        }
    }

    /// What runs, by the token that AWS has taken for the role.
    pub(crate) fn workflow(&self) -> Option<BuildWorkflow> {
        let claims = self.session.get().and_then(Session::claims)?;
        let Workflow { repository, reference } = Workflow::of(&claims)?;
        Some(BuildWorkflow { repository, reference })
    }

    /// The control plane of a repository, where it is one of ECR and there are credentials.
    pub(crate) fn ecr(&self, repository: &Repository) -> Result<Option<EcrRegistry>, Failure> {
        let Some(host) = EcrHost::parse(repository.host()) else { return Ok(None) };
        let set = |name: &&str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
        if self.args.role.is_none() && !CREDENTIALS.iter().any(set) {
            return Ok(None);
        }
        let session = self.session(Some(&host.region))?;
        Ok(Some(EcrRegistry::new(session, &host, repository.path())))
    }

    /// The documents of a repository's account, where it is a repository of ECR.
    pub(crate) fn posture(&self, repository: &Repository) -> Result<Option<LivePosture>, Failure> {
        let Some(host) = EcrHost::parse(repository.host()) else { return Ok(None) };
        let session = self.session(Some(&host.region))?;
        Ok(Some(LivePosture::new(session, &host)))
    }

    /// Makes sure that there are credentials, and that the account is an allowed one.
    pub(crate) async fn identify(&self, repository: &Repository) -> Result<(), Failure> {
        let near = EcrHost::parse(repository.host()).map(|host| host.region);
        self.check_account(near.as_ref()).await
    }

    async fn check_account(&self, near: Option<&Region>) -> Result<(), Failure> {
        let allowed = self.args.allowed_accounts.iter().map(|text| account(text));
        let allowed: Vec<AccountId> = allowed.collect::<Result<_, _>>()?;
        self.session(near)?.guard(&allowed).await.map_err(Reason::from)?;
        Ok(())
    }

    /// The role that is assumed.
    pub(crate) fn role(&self) -> Option<&str> {
        self.args.role.as_deref()
    }

    /// A key in KMS.
    pub(crate) fn key(&self, uri: &str) -> Result<KmsSigner, Failure> {
        let uri = key_uri(uri)?;
        self.aws()?;
        let near = uri.region();
        let region = self.region(near.as_ref())?;
        let session = self.session(near.as_ref())?;
        Ok(KmsSigner::new(session, &uri, Some(&region)).map_err(Reason::from)?)
    }

    /// A signing profile of AWS Signer.
    pub(crate) fn signer(&self, profile: &str, near: &Location) -> Result<AwsSigner, Failure> {
        let arn = self.profile(profile, near)?;
        let region: Option<Region> = arn.region.parse().ok();
        let session = self.session(region.as_ref())?;
        Ok(AwsSigner::new(session, &arn).map_err(Reason::from)?)
    }

    /// A profile that is named alone is in the registry's account and region.
    fn profile(&self, text: &str, near: &Location) -> Result<Arn, Failure> {
        let refuse = |found: String| {
            usage(
                "signer-profile-invalid",
                "arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME, or the NAME of a profile in \
                 the account of a registry of Amazon ECR",
                found,
                "give the arn that `aws signer get-signing-profile --profile-name NAME` prints",
            )
        };
        if text.starts_with("arn:") {
            return text.parse().map_err(|error| refuse(format!("{text}: {error}")));
        }
        let host = ecr_host(near).ok_or_else(|| refuse(format!("{text}, for {near}")))?;
        let region = self.region(Some(&host.region))?;
        let (partition, account) = (region.partition(), &host.account);
        let arn = format!("arn:{partition}:signer:{region}:{account}:/signing-profiles/{text}");
        arn.parse().map_err(|error| refuse(format!("{text}: {error}")))
    }

    /// What a registry of ECR signs by itself.
    pub(crate) fn managed_signing(
        &self,
        destination: &Location,
    ) -> Result<Option<ManagedSigning>, Failure> {
        let Location::Registry(repository) = destination else { return Ok(None) };
        let Some(registry) = self.ecr(repository)? else { return Ok(None) };
        Ok(Some(ManagedSigning::new(self.session(None)?, &registry)))
    }

    /// Who knows what AWS Signer has revoked; nobody offline. No session is begun before there is
    /// a question.
    pub(crate) fn revocation(&self) -> Option<&dyn RevocationAuthority> {
        (self.network == Network::Allowed).then_some(self)
    }

    /// The scanning services that are asked about an image in `destination`.
    pub(crate) fn scanners(
        &self,
        scans: &[ScanSource],
        destination: &Location,
    ) -> Result<Vec<Box<dyn Scanner>>, Failure> {
        let mut scanners: Vec<Box<dyn Scanner>> = Vec::new();
        for scan in scans {
            match scan {
                ScanSource::Ecr => scanners.push(Box::new(self.ecr_scanner(destination)?)),
                ScanSource::Inspector => {
                    let near = ecr_host(destination).map(|host| host.region);
                    let region = self.region(near.as_ref())?;
                    let session = self.session(Some(&region))?;
                    scanners.push(Box::new(InspectorScanner::new(session, &region)));
                }
                ScanSource::File(_) | ScanSource::None => {}
            }
        }
        Ok(scanners)
    }

    fn ecr_scanner(&self, destination: &Location) -> Result<EcrScanner, Failure> {
        let registry = match destination {
            Location::Registry(repository) => self.ecr(repository)?,
            _ => None,
        };
        let registry = registry.ok_or_else(|| {
            usage(
                "scan-elsewhere",
                "--scan ecr with a private repository of Amazon ECR and credentials for it",
                destination.to_string(),
                "give --role, or a report with --scan FILE",
            )
        })?;
        Ok(EcrScanner::new(self.session(None)?, &registry))
    }

    /// The session; `near` is the region of what needs it first.
    fn session(&self, near: Option<&Region>) -> Result<&Session, Failure> {
        if let Some(session) = self.session.get() {
            return Ok(session);
        }
        let session = self.begin(near)?;
        Ok(self.session.get_or_init(|| session))
    }

    fn begin(&self, near: Option<&Region>) -> Result<Session, Failure> {
        let region = self.region(near)?;
        let aws = self.aws()?;
        let Some(role) = &self.args.role else { return Ok(Session::ordinary(aws, &region)) };
        let variable = |name: &str| std::env::var(name).ok();
        let identity = health::identity()?;
        let label = boltseal_ci::Run::detect(variable).and_then(|run| run.label());
        let request = RoleRequest {
            role: arn(role)?,
            audience: self.args.audience.clone(),
            name: session_name(label.as_deref()),
            policy: self.policy.as_ref().map(|it| it.json.clone()),
            lifetime: LIFETIME,
        };
        let session = Session::of_role(aws, &region, Arc::from(identity), request);
        Ok(session.map_err(Reason::from)?)
    }

    fn aws(&self) -> Result<&Aws, Failure> {
        if self.network == Network::Offline {
            return Err(usage(
                "offline",
                "keys and registries that are on this machine",
                "one that is at AWS, and --offline or a command that opens no socket",
                "give the public key as a file, or leave --offline out",
            ));
        }
        if let Some(aws) = self.aws.get() {
            return Ok(aws);
        }
        let aws = Aws::new(AwsOptions {
            environment: environment()?,
            user_agent: concat!("boltseal/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: self.patience,
            clock: Arc::new(SystemClock),
        });
        let aws = aws.map_err(Reason::from)?;
        Ok(self.aws.get_or_init(|| aws))
    }

    fn region(&self, near: Option<&Region>) -> Result<Region, Failure> {
        let near = near.or(self.near.as_ref());
        let given = self.given_region()?.or_else(|| near.cloned());
        match given {
            Some(region) => Ok(region),
            None => environment()?.region.ok_or_else(|| {
                usage(
                    "region-missing",
                    "a region",
                    "no --region, no AWS_REGION, and nothing that names one",
                    "give --region, or set AWS_REGION",
                )
            }),
        }
    }

    fn given_region(&self) -> Result<Option<Region>, Failure> {
        let Some(text) = &self.args.region else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            usage(
                "region-invalid",
                "a region such as eu-central-1",
                text.clone(),
                "correct --region",
            )
        })
    }
}

#[async_trait]
impl RevocationAuthority for Cloud {
    async fn revoked(&self, signature: &SignatureJob) -> Result<Vec<String>, String> {
        let arn: Option<Arn> = signature.profile_version.parse().ok();
        let near: Option<Region> = arn.and_then(|it| it.region.parse().ok());
        let session = self.session(near.as_ref()).map_err(|failure| {
            let reasons = failure.reasons().iter();
            reasons.map(|it| format!("{}; {}", it.found, it.fix)).collect::<Vec<_>>().join("; ")
        })?;
        SignerRevocation::new(session).revoked(signature).await
    }
}

impl Meter for Cloud {
    fn traffic(&self) -> Traffic {
        self.aws.get().map(Aws::traffic).unwrap_or_default()
    }
}

fn environment() -> Result<AwsEnvironment, Failure> {
    let environment = AwsEnvironment::of(|name| std::env::var(name).ok());
    Ok(environment.map_err(|error: AwsError| Reason::from(error))?)
}

fn ecr_host(location: &Location) -> Option<EcrHost> {
    match location {
        Location::Registry(repository) => EcrHost::parse(repository.host()),
        _ => None,
    }
}

/// The repository of the same registry that the image comes from.
fn beside(destination: &Repository, source: Option<&Location>) -> Vec<String> {
    match source {
        Some(Location::Registry(it)) if it.host() == destination.host() && it != destination => {
            vec![it.path().to_owned()]
        }
        _ => Vec::new(),
    }
}

fn arn(text: &str) -> Result<Arn, Failure> {
    text.parse().map_err(|error: boltseal_aws::ArnError| {
        usage(
            "role-invalid",
            "the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME",
            format!("{text}: {error}"),
            "correct --role",
        )
    })
}

fn account(text: &str) -> Result<AccountId, Failure> {
    text.parse().map_err(|_| {
        usage("account-invalid", "an account id of 12 digits", text, "correct --allowed-account")
    })
}

fn key_uri(text: &str) -> Result<KeyUri, Failure> {
    text.parse().map_err(|error: boltseal_aws::KeyUriError| {
        usage(
            "key-uri-invalid",
            "awskms:///alias/NAME, awskms:///ARN or awskms://HOST:PORT/...",
            format!("{text}: {error}"),
            "correct the key's URI",
        )
    })
}

const fn access(scan: &ScanSource) -> Option<ScanAccess> {
    match scan {
        ScanSource::Ecr => Some(ScanAccess::Ecr),
        ScanSource::Inspector => Some(ScanAccess::Inspector),
        ScanSource::File(_) | ScanSource::None => None,
    }
}
