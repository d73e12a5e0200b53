//! The control plane of Elastic Container Registry, over the same store as its data plane.

mod finding;
mod image;
mod layer;
mod login;
mod page;
mod referrer;
mod registry;
mod repository;
mod scan;
mod signing;

use serde_json::{Value, json};

pub use finding::{Completed, Finding, Findings};
pub use login::LoginLife;
pub(crate) use login::Logins;
pub use registry::{EcrRegistry, ScanType};
pub use repository::{EcrRepository, Mutability};
pub use scan::ScanStep;
pub(crate) use scan::Scans;
pub(crate) use signing::ManagedSigning;

use super::call::Call;
use super::gateway::unknown;
use super::http::Reply;
use super::service_error::ServiceError;
use crate::registry::Store;

/// The service.
#[derive(Debug)]
pub(crate) struct Ecr {
    pub(crate) store: Store,
    pub(crate) scans: Scans,
    pub(crate) signing: ManagedSigning,
}

impl Ecr {
    /// Answers a call.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, ServiceError> {
        let document = match call.operation.name.as_str() {
            "GetAuthorizationToken" => login::authorization_token(call),
            "BatchCheckLayerAvailability" => layer::availability(call, &self.store),
            "DescribeImageScanFindings" => scan::findings(call, &self.store, &self.scans),
            "DescribeImageSigningStatus" => signing::status(call, &self.store, &self.signing),
            "DescribeImages" => image::describe(call, &self.store),
            "ListImageReferrers" => referrer::list(call, &self.store),
            "DescribeRepositories" => repository::describe(call),
            "GetLifecyclePolicy" => repository::lifecycle_policy(call),
            "GetRepositoryPolicy" => repository::policy(call),
            "BatchGetRepositoryScanningConfiguration" => registry::repository_scanning(call),
            "DescribePullThroughCacheRules" => registry::pull_through_rules(call),
            "DescribeRegistry" => registry::describe(call),
            "GetAccountSetting" => registry::account_setting(call),
            "GetRegistryPolicy" => registry::policy(call),
            "GetRegistryScanningConfiguration" => registry::scanning(call),
            "GetSigningConfiguration" => registry::signing(call),
            "StartImageScan" => scan::start(call, &self.store, &self.scans),
            _ => Err(unknown(call.operation)),
        };
        Ok(Reply::new(200, "application/x-amz-json-1.1", document?.to_string()))
    }
}

/// The repository that a call is about, where the session may do `action` to it and it is there.
/// It need not be there to be told that one may not.
fn repository<'a>(call: &'a Call<'_>, action: &str) -> Result<&'a EcrRepository, ServiceError> {
    let name = call.text("repositoryName")?;
    call.permitted_on_repository(action, name)?;
    found(call, name)
}

/// A repository of the region that the call is signed for.
fn found<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a EcrRepository, ServiceError> {
    let account = &call.realm.account;
    let registry = call.input["registryId"].as_str().unwrap_or(&account.id);
    let is_here = call.region == account.region && registry == account.id;
    call.realm.repository(name).filter(|_| is_here).ok_or_else(|| {
        let message = format!(
            "The repository with name '{name}' does not exist in the registry with id '{registry}'"
        );
        ServiceError::new("RepositoryNotFoundException", message)
    })
}

/// A document about the registry, where the session may see it.
fn of_registry(call: &Call<'_>, members: Value) -> Result<Value, ServiceError> {
    call.permitted_on("*")?;
    let mut document = json!({"registryId": call.realm.account.id});
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    Ok(document)
}
