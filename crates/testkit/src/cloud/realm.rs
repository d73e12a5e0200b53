use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;

use super::account::Account;
use super::ecr::{EcrRegistry, EcrRepository, LoginLife, Logins};
use super::iam::{Authority, Context, Kind, MalformedPolicy, Policy, Question};
use super::ledger::{Ledger, Used};
use super::sts::{Session, Sessions};
use super::trouble::Troubles;
use super::{Options, Role};
use crate::lock::locked;

/// All that the services of one account share.
#[derive(Debug)]
pub(crate) struct Realm {
    pub(crate) account: Account,
    pub(crate) roles: Vec<Role>,
    pub(crate) session_lifetime: Option<SignedDuration>,
    pub(crate) repositories: Vec<EcrRepository>,
    pub(crate) registry: EcrRegistry,
    pub(crate) login_life: LoginLife,
    pub(crate) sessions: Sessions,
    pub(crate) logins: Logins,
    pub(crate) ledger: Ledger,
    pub(crate) troubles: Troubles,
    /// Who pushed last, by repository.
    pushers: Mutex<BTreeMap<String, Arc<Session>>>,
    /// What each role may do.
    identities: BTreeMap<String, Vec<Policy>>,
    repository_policies: BTreeMap<String, Policy>,
}

/// A permission that a call needs.
#[derive(Clone, Debug)]
pub(crate) struct Need<'a> {
    /// `SERVICE:Name`.
    pub(crate) action: &'a str,
    /// An ARN, or `*`.
    pub(crate) resource: &'a str,
    /// Condition keys beside those that every call has.
    pub(crate) context: Context,
    /// The policy of the resource.
    pub(crate) policy: Option<&'a Policy>,
    /// Whether the account's own policies count without the resource's.
    pub(crate) stands_alone: bool,
}

impl<'a> Need<'a> {
    /// A permission on something without a policy of its own.
    pub(crate) fn new(action: &'a str, resource: &'a str) -> Self {
        let context = Context::default();
        Self { action, resource, context, policy: None, stands_alone: true }
    }
}

impl Realm {
    /// Reads all policies.
    pub(crate) fn new(options: &Options) -> Result<Self, MalformedPolicy> {
        let mut identities = BTreeMap::new();
        for role in &options.roles {
            Policy::of(&role.trust, Kind::Trust)?;
            let policies = role.policies.iter().map(|it| Policy::of(it, Kind::Identity));
            identities.insert(role.name.clone(), policies.collect::<Result<_, _>>()?);
        }
        let mut repository_policies = BTreeMap::new();
        for repository in &options.repositories {
            if let Some(policy) = &repository.policy {
                let policy = Policy::of(policy, Kind::Repository)?;
                repository_policies.insert(repository.name.clone(), policy);
            }
        }
        let lifetime = options.session_lifetime;
        Ok(Self {
            account: options.account(),
            roles: options.roles.clone(),
            session_lifetime: lifetime.and_then(|it| SignedDuration::try_from(it).ok()),
            repositories: options.repositories.clone(),
            registry: options.registry.clone(),
            login_life: options.login_life,
            sessions: Sessions::default(),
            logins: Logins::default(),
            ledger: Ledger::default(),
            troubles: Troubles::default(),
            pushers: Mutex::default(),
            identities,
            repository_policies,
        })
    }

    /// Lets a session do something, or says why not in the words of AWS. Both are noted.
    pub(crate) fn permit(&self, session: &Session, need: Need<'_>) -> Result<(), String> {
        let question = Question {
            caller: session.caller(),
            action: need.action,
            resource: need.resource,
            context: need
                .context
                .with("aws:PrincipalArn", &*session.role_arn)
                .with("aws:PrincipalAccount", &*self.account.id)
                .with("aws:RequestedRegion", &*self.account.region)
                .with("aws:userid", session.user_id()),
        };
        let authority = Authority {
            identity: self.identities.get(&session.role).map_or(&[], Vec::as_slice),
            session: session.policy.as_ref(),
            resource: need.policy,
            stands_alone: need.stands_alone,
        };
        let decision = authority.decide(&question);
        self.ledger.add_use(Used {
            action: need.action.to_owned(),
            resource: need.resource.to_owned(),
            session: session.arn.clone(),
            allowed: decision.is_ok(),
        });
        decision.map_err(|denial| denial.sentence(&question))
    }

    /// The same for something done to a repository, whose policy has a say.
    pub(crate) fn permit_on_repository(
        &self,
        session: &Session,
        action: &str,
        repository: &str,
    ) -> Result<(), String> {
        let resource = self.account.repository_arn(repository);
        let policy = self.repository_policies.get(repository);
        self.permit(session, Need { policy, ..Need::new(action, &resource) })
    }

    /// Who pushed last to a repository.
    pub(crate) fn pusher(&self, repository: &str) -> Option<Arc<Session>> {
        locked(&self.pushers).get(repository).cloned()
    }

    pub(crate) fn note_pusher(&self, repository: &str, session: Arc<Session>) {
        locked(&self.pushers).insert(repository.to_owned(), session);
    }

    /// A repository by its name.
    pub(crate) fn repository(&self, name: &str) -> Option<&EcrRepository> {
        self.repositories.iter().find(|it| it.name == name)
    }
}
