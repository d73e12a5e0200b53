use std::sync::Arc;

use jiff::SignedDuration;

use super::ecr::Ecr;
use super::gateway::Gateway;
use super::http::Listener;
use super::iam::MalformedPolicy;
use super::kms::Kms;
use super::oidc::{GITHUB, GITLAB};
use super::realm::Realm;
use super::service::Operation;
use super::service_error::ServiceError;
use super::sts::{Beginning, Provider, Session};
use super::trouble::throttled;
use super::upstream::Upstream;
use super::{Algorithm, Called, Claims, Issuer, Options, Service, Used};
use crate::registry::{self, Auth, Dialect, Mounts, Repositories, Server};

/// An AWS account with its services, its registry, and the CI systems it trusts, all on free
/// ports of the loopback. Everything stops when this is dropped.
#[derive(Debug)]
pub struct Cloud {
    realm: Arc<Realm>,
    registry: Server,
    gateway: Listener,
    github: Issuer,
    gitlab: Issuer,
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
        let served = Gateway {
            realm: Arc::clone(&realm),
            providers: vec![provider(&github), provider(&gitlab)],
            ecr: Ecr { store: registry.store() },
            kms: Kms { upstream: options.kms.as_deref().map(Upstream::new) },
            upstreams: options.upstreams.clone(),
        };
        let gateway = Listener::start(move |request| served.answer(&request));
        Ok(Self { realm, registry, gateway, github, gitlab })
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

/// Environments.
impl Cloud {
    /// The variables that lead a program here instead of to AWS.
    pub fn variables(&self) -> Vec<(String, String)> {
        let map = format!("{}=http://{}", self.registry_host(), self.registry.host());
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![
            pair("AWS_ENDPOINT_URL", self.endpoint()),
            pair("BOLTSEAL_REGISTRY_MAP", map),
            // No program is to ask this machine for credentials.
            pair("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Those of a job of GitHub Actions that may ask for tokens.
    pub fn github_job(&self) -> Vec<(String, String)> {
        let known = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_JOB", "release"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REF_TYPE", "branch"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_REPOSITORY_ID", "74"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
            ("GITHUB_WORKFLOW", "release"),
            ("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/release.yml@refs/heads/main"),
        ];
        let mut variables = self.variables();
        variables.extend(known.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.extend(self.github.github_variables());
        variables
    }

    /// Those of a job of GitLab with this token in `BOLTSEAL_ID_TOKEN`.
    pub fn gitlab_job(&self, claims: &Claims) -> Vec<(String, String)> {
        let known = [
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_REF_NAME", "main"),
            ("CI_COMMIT_SHA", "0123456789abcdef0123456789abcdef01234567"),
            ("CI_JOB_ID", "302"),
            ("CI_JOB_URL", "https://gitlab.com/acme/app/-/jobs/302"),
            ("CI_PIPELINE_ID", "301"),
            ("CI_PROJECT_ID", "22"),
            ("CI_PROJECT_PATH", "acme/app"),
            ("CI_PROJECT_URL", "https://gitlab.com/acme/app"),
            ("CI_SERVER_URL", "https://gitlab.com"),
        ];
        let mut variables = self.variables();
        variables.extend(known.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.push(("BOLTSEAL_ID_TOKEN".to_owned(), self.gitlab.token(claims)));
        variables
    }

    /// Those of somebody who has credentials of a role already, for so many seconds.
    pub fn session_variables(&self, role: &str, seconds: i64) -> Vec<(String, String)> {
        let session = self.begin(role, "given", seconds);
        let mut variables = self.variables();
        variables.extend([
            ("AWS_ACCESS_KEY_ID".to_owned(), session.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), session.secret.clone()),
            ("AWS_SESSION_TOKEN".to_owned(), session.token.clone()),
        ]);
        variables
    }

    fn begin(&self, role: &str, name: &str, seconds: i64) -> Arc<Session> {
        self.realm.sessions.begin(Beginning {
            role: role.to_owned(),
            role_arn: self.realm.account.role_arn(role),
            arn: self.realm.account.session_arn(role, name),
            policy: None,
            lifetime: SignedDuration::from_secs(seconds),
        })
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
