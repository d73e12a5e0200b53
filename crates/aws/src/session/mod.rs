//! Credentials for a run: a role that trusts the CI system's token, or the ordinary chain.

mod caller;
mod chain;
mod held;
mod name;
mod policy;
mod role;
#[cfg(test)]
mod tests;
mod trust;

use std::fmt;
use std::sync::{Arc, Mutex as Lock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use boltseal_ports::{IdClaims, IdentityProvider};
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::call::Call;
use crate::fault::{Fault, FaultClass};
use crate::service::Service;
use crate::{AccountId, Aws, AwsError, AwsErrorKind, Hosts, Region};
use held::Held;
use role::Role;

pub use caller::Caller;
pub use name::session_name;
pub use policy::{
    IamPolicy, KeyResource, MAX_SESSION_POLICY, PosturePart, ReleaseScope, ScanAccess,
    SessionPolicy, SessionPolicyError, posture_policy, release_policy, session_policy,
};
pub use role::{DEFAULT_AUDIENCE, RoleRequest};
pub(crate) use trust::provider_host;
pub use trust::{provider_arn, trust_condition};

/// Credentials that are had when they are first needed, and had anew before they end: with less
/// than five minutes left (or a third of a life shorter than 15 minutes), and when a service says
/// that they have expired. Clones share them.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    aws: Aws,
    region: Region,
    source: Source,
    held: Mutex<Option<Held>>,
    claims: Lock<Option<IdClaims>>,
}

enum Source {
    Role(Box<Role>),
    Chain,
}

impl Session {
    /// The session of a role, for a run that `identity` vouches for. Nothing is asked for yet.
    ///
    /// # Errors
    /// Where `request.role` is no role's ARN.
    pub fn of_role(
        aws: &Aws,
        region: &Region,
        identity: Arc<dyn IdentityProvider>,
        request: RoleRequest,
    ) -> Result<Self, AwsError> {
        let role = Role::new(aws, region, identity, request)?;
        Ok(Self::new(aws, region, Source::Role(Box::new(role))))
    }

    /// Whatever credentials the environment, the profile, the container or the machine has.
    pub fn ordinary(aws: &Aws, region: &Region) -> Self {
        Self::new(aws, region, Source::Chain)
    }

    fn new(aws: &Aws, region: &Region, source: Source) -> Self {
        Self(Arc::new(Inner {
            aws: aws.clone(),
            region: region.clone(),
            source,
            held: Mutex::new(None),
            claims: Lock::new(None),
        }))
    }

    /// The way to AWS.
    pub fn aws(&self) -> &Aws {
        &self.0.aws
    }

    /// What the last token said: `iss`, `aud`, `sub` and the rest. None with the ordinary chain,
    /// and before the first call.
    pub fn claims(&self) -> Option<IdClaims> {
        self.0.claims.lock().ok()?.clone()
    }

    /// Makes sure that the account is one of `allowed`, before anything is written. Without any
    /// in the list only tells who calls.
    ///
    /// # Errors
    /// [`AwsErrorKind::ForeignAccount`] for another account; else what kept it from finding out.
    pub async fn guard(&self, allowed: &[AccountId]) -> Result<Caller, AwsError> {
        if let Source::Role(role) = &self.0.source {
            check(role.account(), allowed)?;
        }
        let caller = self.caller().await?;
        check(&caller.account, allowed)?;
        Ok(caller)
    }

    /// Who calls: from the answer that gave the credentials, else by `GetCallerIdentity`, which
    /// needs no permission.
    pub async fn caller(&self) -> Result<Caller, AwsError> {
        let held = self.held().await?;
        if let Some(caller) = held.caller {
            return Ok(caller);
        }
        let call = Call::new(Service::Sts, "GetCallerIdentity", &self.0.region);
        let client = aws_sdk_sts::Client::new(&self.config(Service::Sts, Hosts::default()));
        let answer = self.send(Service::Sts, || client.get_caller_identity().send()).await;
        let answer = answer.map_err(|fault| fault.into_error(&call))?;
        let caller = answer.arn().and_then(Caller::of_arn).ok_or_else(|| {
            AwsError::new(AwsErrorKind::Unreadable, call.to_string())
                .expected("the caller's ARN")
                .found("none")
                .fix("look at what answers there: a proxy, or the address in AWS_ENDPOINT_URL_STS")
        })?;
        if let Some(held) = self.0.held.lock().await.as_mut() {
            held.caller = Some(caller.clone());
        }
        Ok(caller)
    }

    /// Makes sure that credentials can be had for all of the time that the run is planned to
    /// take from now on. Only a token that does not renew can be too short.
    ///
    /// # Errors
    /// Names the `timeout` that the job needs.
    pub async fn endures(&self, planned: Duration) -> Result<(), AwsError> {
        let held = self.held().await?;
        let (Source::Role(role), Some(life)) = (&self.0.source, held.life) else {
            return Ok(());
        };
        let claims = self.claims();
        let expires = claims.as_ref().and_then(|it| it.expires);
        let (Some(expires), false) = (expires, role.identity().renews()) else {
            return Ok(());
        };
        let now = self.0.aws.now();
        let end = now.checked_add(planned).unwrap_or(Timestamp::MAX);
        let mut due = life.due();
        while due < end {
            if expires <= due {
                let begun = claims.and_then(|it| it.issued).unwrap_or(now);
                return Err(too_short(role.identity().name(), expires, begun, end));
            }
            due = match due.checked_add(life.step().max(Duration::from_secs(1))) {
                Ok(next) => next,
                Err(_) => return Ok(()),
            };
        }
        Ok(())
    }

    pub(crate) fn config(&self, service: Service, hosts: Hosts) -> SdkConfig {
        self.config_in(service, &self.0.region, hosts)
    }

    /// The configuration of a client in another region than the session's own.
    pub(crate) fn config_in(&self, service: Service, region: &Region, hosts: Hosts) -> SdkConfig {
        let credentials = SharedCredentialsProvider::new(self.clone());
        self.0.aws.config_for(credentials, service, region, hosts)
    }

    /// Makes a call of `service`: again while it fails, within the patience; and once again with
    /// new credentials where the old ones have expired.
    pub(crate) async fn send<T, E, F>(
        &self,
        service: Service,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        T: Send,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        self.persist(service, || {
            let attempt = attempt();
            async { attempt.await.map_err(|error| Fault::of(&error)) }
        })
        .await
    }

    /// The same for calls that the SDK does not make.
    pub(crate) async fn persist<T, F>(
        &self,
        service: Service,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Fault>
    where
        T: Send,
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let generation = self.generation().await;
        let patience = self.0.aws.patience();
        match patience.persist(service, &attempt).await {
            Err(fault) if fault.class == FaultClass::Expired => {
                self.drop_expired(generation).await;
                patience.persist(service, &attempt).await
            }
            other => other,
        }
    }

    /// The number of the credentials that are held, or will be next.
    async fn generation(&self) -> Option<u64> {
        self.0.held.lock().await.as_ref().map(|held| held.generation)
    }

    /// Forgets the credentials of `generation`, unless somebody has renewed them already.
    async fn drop_expired(&self, generation: Option<u64>) {
        let mut held = self.0.held.lock().await;
        if let Some(known) =
            held.as_mut().filter(|it| generation.is_none_or(|old| it.generation <= old))
        {
            let past = Timestamp::UNIX_EPOCH;
            known.life = Some(held::Life { begins: past, ends: past });
        }
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, AwsError> {
        self.held().await.map(|held| held.credentials)
    }

    async fn held(&self) -> Result<Held, AwsError> {
        let mut slot = self.0.held.lock().await;
        let old = slot.as_ref();
        if let Some(held) = old.filter(|it| it.is_fresh(self.0.aws.now())) {
            return Ok(held.clone());
        }
        let generation = old.map_or(0, |it| it.generation + 1);
        let fresh = Held { generation, ..self.obtain().await? };
        *slot = Some(fresh.clone());
        Ok(fresh)
    }

    async fn obtain(&self) -> Result<Held, AwsError> {
        let Source::Role(role) = &self.0.source else {
            return chain::credentials(&self.0.aws, &self.0.region).await;
        };
        let token = role.token(&self.0.aws).await?;
        if let Ok(mut claims) = self.0.claims.lock() {
            *claims = Some(token.claims().clone());
        }
        role.assume(&self.0.aws, &token).await
    }
}

fn check(account: &AccountId, allowed: &[AccountId]) -> Result<(), AwsError> {
    if allowed.is_empty() || allowed.contains(account) {
        return Ok(());
    }
    let names: Vec<_> = allowed.iter().map(AccountId::as_str).collect();
    Err(AwsError::new(AwsErrorKind::ForeignAccount, "--allowed-account")
        .expected(format!("account {}", names.join(" or ")))
        .found(format!("account {account}"))
        .fix("give the role of the right account, or allow this account"))
}

fn too_short(provider: &str, expires: Timestamp, begun: Timestamp, end: Timestamp) -> AwsError {
    let minutes = end.duration_since(begun).as_secs().max(0) / 60 + 5;
    AwsError::new(AwsErrorKind::Expired, provider)
        .expected(format!("an ID token that is valid until {end}, when this run may still need it"))
        .found(format!("one that expires at {expires} and cannot be renewed"))
        .fix(format!(
            "set `timeout: {minutes} minutes` on the job, by which {provider} sets the token's \
             life; or plan a shorter wait (--scan-timeout)"
        ))
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("region", &self.0.region).finish_non_exhaustive()
    }
}
