use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use boltseal_ports::{Clock, Meter, Traffic};

use crate::connector::Connector;
use crate::patience::Patience;
use crate::service::Service;
use crate::{AwsEnvironment, AwsError, AwsErrorKind, Hosts, Region};

/// One attempt; scanning an SBOM takes longest.
const ATTEMPT: Duration = Duration::from_mins(1);

/// The way to AWS that all sessions and adapters of a run share: connections, endpoints, retries,
/// and the count of requests.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connector: Connector,
    environment: AwsEnvironment,
    patience: Patience,
    clock: SharedClock,
}

/// How AWS is reached.
pub struct AwsOptions {
    /// What the environment says.
    pub environment: AwsEnvironment,
    /// Names boltseal and its version.
    pub user_agent: String,
    /// How long one call may fail, over all its attempts.
    pub patience: Duration,
    /// Tells the time, by which requests are signed.
    pub clock: Arc<dyn Clock>,
}

impl Aws {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// For an `AWS_CA_BUNDLE` that cannot be read.
    pub fn new(options: AwsOptions) -> Result<Self, AwsError> {
        let AwsOptions { environment, user_agent, patience, clock } = options;
        let connector = Connector::new(&user_agent, environment.ca_file.as_deref())?;
        let (patience, clock) = (Patience::new(patience), SharedClock(clock));
        Ok(Self(Arc::new(Inner { connector, environment, patience, clock })))
    }

    /// The region of the environment.
    ///
    /// # Errors
    /// Where the environment names none; `needed_by` says what needs it.
    pub(crate) fn region(&self, needed_by: &str) -> Result<Region, AwsError> {
        self.0.environment.region.clone().ok_or_else(|| {
            AwsError::new(AwsErrorKind::Invalid, needed_by.to_owned())
                .expected("a region")
                .found("none in AWS_REGION and AWS_DEFAULT_REGION")
                .fix("give --region or set AWS_REGION; a key's full ARN names its own")
        })
    }

    pub(crate) fn environment(&self) -> &AwsEnvironment {
        &self.0.environment
    }

    pub(crate) fn connector(&self) -> &Connector {
        &self.0.connector
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.0.clock.0.now()
    }

    pub(crate) fn clock(&self) -> SharedClock {
        self.0.clock.clone()
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.0.patience
    }

    /// The configuration of a client of `service`, without credentials.
    pub(crate) fn config(&self, service: Service, region: &Region, hosts: Hosts) -> SdkConfig {
        let own = self.0.environment.hosts;
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(ATTEMPT.min(self.0.patience.total()))
            .build();
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.as_str().to_owned()))
            .http_client(self.0.connector.clone())
            .sleep_impl(TokioSleep::new())
            .time_source(self.0.clock.clone())
            // What fails is tried again by `Patience`, which keeps the reason.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .use_fips(hosts.fips || own.fips)
            .use_dual_stack(hosts.dual_stack || own.dual_stack)
            // Sessions keep credentials themselves: they know when those end.
            .identity_cache(IdentityCache::no_cache());
        builder.set_endpoint_url(self.0.environment.endpoint(service).map(ToOwned::to_owned));
        builder.build()
    }

    /// The same, with credentials.
    pub(crate) fn config_for(
        &self,
        credentials: SharedCredentialsProvider,
        service: Service,
        region: &Region,
        hosts: Hosts,
    ) -> SdkConfig {
        let config = self.config(service, region, hosts);
        config.into_builder().credentials_provider(credentials).build()
    }
}

impl Meter for Aws {
    /// Everything that went to AWS so far, but images and evidence, which go to the registry.
    fn traffic(&self) -> Traffic {
        self.0.connector.traffic()
    }
}

/// The run's clock, as the SDK asks for it.
#[derive(Clone)]
pub(crate) struct SharedClock(pub(crate) Arc<dyn Clock>);

impl fmt::Debug for SharedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedClock")
    }
}

impl TimeSource for SharedClock {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}
