use std::sync::Arc;

use boltseal_core::Severity;

use super::ecr::{Ecr, ManagedSigning, ScanStep, Scans};
use super::gateway::Gateway;
use super::http::Listener;
use super::iam::MalformedPolicy;
use super::inspector::{Inspector, Known};
use super::kms::Kms;
use super::oidc::{GITHUB, GITLAB};
use super::realm::Realm;
use super::service::Operation;
use super::service_error::ServiceError;
use super::signer::{Signer, SigningProfile, Spoiling};
use super::sts::Provider;
use super::trouble::throttled;
use super::upstream::Upstream;
use super::{Algorithm, Called, Issuer, Options, Service, Used};
use crate::lock::locked;
use crate::registry::{self, Auth, Dialect, Mounts, Repositories, Server};

/// An AWS account with its services, its registry, and the CI systems it trusts, all on free
/// ports of the loopback. Everything stops when this is dropped.
#[derive(Debug)]
pub struct Cloud {
    pub(super) realm: Arc<Realm>,
    registry: Server,
    gateway: Listener,
    pub(super) github: Issuer,
    pub(super) gitlab: Issuer,
    ecr: Arc<Ecr>,
    inspector: Arc<Inspector>,
    signer: Arc<Signer>,
}

/// Life.
impl Cloud {
    /// Starts everything.
    ///
    /// # Errors
    /// One of the policies is none that IAM would take.
    ///
    /// # Panics
    /// There is no free port on the loopback, or no thread to be had.
    pub fn start(options: Options) -> Result<Self, MalformedPolicy> {
        let realm = Arc::new(Realm::new(&options)?);
        let registry = Server::start_blocking(data_plane(&options, &realm));
        let github = Issuer::start(GITHUB, options.github, Algorithm::Rs256);
        let gitlab = Issuer::start(GITLAB, options.gitlab, Algorithm::Es256);
        let provider = |issuer: &Issuer| Provider {
            issuer: issuer.url().to_owned(),
            audiences: options.audiences.clone(),
            origin: issuer.origin().to_owned(),
            keys: std::sync::Mutex::default(),
        };
        let signer = Arc::new(Signer::new(&options.region, options.profiles));
        let ecr = Arc::new(Ecr {
            store: registry.store(),
            scans: Scans::default(),
            signing: ManagedSigning::new(Arc::clone(&signer)),
        });
        let inspector = Arc::new(Inspector::default());
        let served = Gateway {
            realm: Arc::clone(&realm),
            providers: vec![provider(&github), provider(&gitlab)],
            ecr: Arc::clone(&ecr),
            inspector: Arc::clone(&inspector),
            kms: Kms { upstream: options.kms.as_deref().map(Upstream::new) },
            signer: Arc::clone(&signer),
            upstreams: options.upstreams,
        };
        let gateway = Listener::start(move |request| served.answer(&request));
        Ok(Self { realm, registry, gateway, github, gitlab, ecr, inspector, signer })
    }

    /// Ends every session and, where they hang on them, the logins of the registry.
    pub fn expire_sessions(&self) {
        self.realm.sessions.expire();
    }

    /// Ends every login of the registry.
    pub fn expire_logins(&self) {
        self.realm.logins.expire();
    }

    /// The next `times` calls of an operation are told that they come too often.
    pub fn throttle(&self, service: Service, operation: &str, times: u64) {
        let operation = Operation { service, name: operation.to_owned() };
        self.realm.troubles.set(operation, times, throttled(service));
    }

    /// The next `times` calls of an operation fail with this status and code.
    pub fn fail(&self, operation: (Service, &str), times: u64, error: (u16, &str)) {
        let operation = Operation { service: operation.0, name: operation.1.to_owned() };
        let error = ServiceError::new(error.1, "trouble on purpose").with_status(error.0);
        self.realm.troubles.set(operation, times, error);
    }
}

/// What the services find, sign and revoke.
impl Cloud {
    /// What a repository answers to the question for the findings of each image from now on.
    pub fn script_scan(&self, repository: &str, steps: Vec<ScanStep>) {
        self.ecr.scans.set(repository, steps);
    }

    /// How often ECR's own signing of an image is in progress before it is done; once, unless
    /// set.
    pub fn delay_signing(&self, times: u64) {
        *locked(&self.ecr.signing.delay) = times;
    }

    /// Inspector finds this in every package of that name from now on.
    pub fn know(&self, id: &str, package: &str, severity: Severity) {
        let (id, package) = (id.to_owned(), package.to_owned());
        locked(&self.inspector.known).push(Known { id, package, severity });
    }

    /// The root that AWS Signer's certificates lead to here, as PEM.
    pub fn signer_root(&self) -> &str {
        &self.signer.authority.root
    }

    /// The ARN of a signing profile.
    pub fn profile_arn(&self, name: &str) -> String {
        SigningProfile::new(name).arn(&self.realm.account)
    }

    /// Revokes a version of a profile, a job, or a pair of certificate hashes.
    pub fn revoke(&self, entity: &str) {
        locked(&self.signer.revoked).insert(entity.to_owned());
    }

    /// Something is wrong with every envelope that AWS Signer makes from now on.
    pub fn spoil_envelopes(&self, spoiling: Option<Spoiling>) {
        *locked(&self.signer.spoiling) = spoiling;
    }
}

/// Parts.
impl Cloud {
    /// The registry's data plane.
    pub const fn registry(&self) -> &Server {
        &self.registry
    }

    /// The issuer of GitHub's tokens.
    pub const fn github(&self) -> &Issuer {
        &self.github
    }

    /// The issuer of GitHub's tokens, to shut it.
    pub const fn github_mut(&mut self) -> &mut Issuer {
        &mut self.github
    }

    /// The issuer of GitLab's tokens.
    pub const fn gitlab(&self) -> &Issuer {
        &self.gitlab
    }

    /// `http://127.0.0.1:PORT`, where all services answer.
    pub fn endpoint(&self) -> String {
        self.gateway.origin()
    }

    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.
    pub fn registry_host(&self) -> String {
        self.realm.account.registry_host()
    }

    /// `HOST/NAME`, as references to a repository begin.
    pub fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.registry_host())
    }

    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub fn role_arn(&self, name: &str) -> String {
        self.realm.account.role_arn(name)
    }
}

/// Recording.
impl Cloud {
    /// All calls of services since the recording was last reset, in the order of their arrival.
    pub fn calls(&self) -> Vec<Called> {
        self.realm.ledger.calls()
    }

    /// The permissions that were made use of or denied, each once.
    pub fn permissions(&self) -> Vec<Used> {
        self.realm.ledger.uses()
    }

    /// How many requests came: for tokens of jobs, to services, and to the registry.
    pub fn requests(&self) -> u64 {
        let tokens = self.github.asked() + self.gitlab.asked();
        tokens + self.calls().len() as u64 + self.registry.counts().requests()
    }

    /// Forgets the calls and requests so far.
    pub fn reset_recording(&self) {
        self.realm.ledger.reset();
        self.github.reset_asked();
        self.gitlab.reset_asked();
        self.registry.reset_recording();
    }

    /// Everything that must be shown nowhere: tokens, secret keys, passwords.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.github.secrets();
        secrets.extend(self.gitlab.secrets());
        for session in self.realm.sessions.all() {
            secrets.extend([session.secret.clone(), session.token.clone()]);
        }
        secrets.extend(self.realm.logins.all());
        secrets
    }
}

fn data_plane(options: &Options, realm: &Arc<Realm>) -> registry::Options {
    let rules = options.repositories.iter().map(|it| (it.name.clone(), (&it.mutability).into()));
    let names = options.repositories.iter().map(|it| it.name.clone());
    let mounting = options.registry.blob_mounting;
    registry::Options {
        auth: Auth::Kept(Arc::clone(realm) as _),
        dialect: Dialect::Ecr,
        immutable_tags: registry::ImmutableTags::PerRepository(rules.collect()),
        mounts: if mounting { Mounts::Allowed } else { Mounts::Session202 },
        repositories: Repositories::Listed(names.collect()),
        ..registry::Options::default()
    }
}
