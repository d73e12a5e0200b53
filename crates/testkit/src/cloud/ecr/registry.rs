use serde_json::{Value, json};

use super::{found, of_registry};
use crate::cloud::call::Call;
use crate::cloud::iam::matches;
use crate::cloud::service_error::ServiceError;

/// The settings of an account's registry, as the service's own documents.
#[derive(Clone, Debug)]
pub struct EcrRegistry {
    /// Whether a blob may be mounted from another repository.
    pub blob_mounting: bool,
    /// Its policy.
    pub policy: Option<Value>,
    /// `pullThroughCacheRules`.
    pub pull_through: Vec<Value>,
    /// The rules of `replicationConfiguration`.
    pub replication: Vec<Value>,
    /// Which scanner looks at images.
    pub scan_type: ScanType,
    /// The rules of its scanning configuration.
    pub scanning_rules: Vec<Value>,
    /// The rules of its signing configuration; there is none where this is empty.
    pub signing_rules: Vec<Value>,
}

/// Which scanner looks at images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanType {
    /// ECR's own.
    Basic,
    /// Inspector.
    Enhanced,
}

impl Default for EcrRegistry {
    fn default() -> Self {
        Self {
            blob_mounting: true,
            policy: None,
            pull_through: Vec::new(),
            replication: Vec::new(),
            scan_type: ScanType::Basic,
            scanning_rules: Vec::new(),
            signing_rules: Vec::new(),
        }
    }
}

impl ScanType {
    const fn name(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::Enhanced => "ENHANCED",
        }
    }
}

/// `DescribeRegistry`.
pub(super) fn describe(call: &Call<'_>) -> Result<Value, ServiceError> {
    let rules = &call.realm.registry.replication;
    of_registry(call, json!({"replicationConfiguration": {"rules": rules}}))
}

/// `GetRegistryPolicy`.
pub(super) fn policy(call: &Call<'_>) -> Result<Value, ServiceError> {
    let Some(policy) = &call.realm.registry.policy else {
        call.permitted_on("*")?;
        let id = &call.realm.account.id;
        let message = format!("Registry policy does not exist in the registry with id '{id}'");
        return Err(ServiceError::new("RegistryPolicyNotFoundException", message));
    };
    of_registry(call, json!({"policyText": policy.to_string()}))
}

/// `GetRegistryScanningConfiguration`.
pub(super) fn scanning(call: &Call<'_>) -> Result<Value, ServiceError> {
    let registry = &call.realm.registry;
    let configuration =
        json!({"scanType": registry.scan_type.name(), "rules": registry.scanning_rules});
    of_registry(call, json!({"scanningConfiguration": configuration}))
}

/// `GetSigningConfiguration`.
pub(super) fn signing(call: &Call<'_>) -> Result<Value, ServiceError> {
    let rules = &call.realm.registry.signing_rules;
    if rules.is_empty() {
        call.permitted_on("*")?;
        let id = &call.realm.account.id;
        let message = format!("Signing configuration not found for registry {id}");
        return Err(ServiceError::new("SigningConfigurationNotFoundException", message));
    }
    of_registry(call, json!({"signingConfiguration": {"rules": rules}}))
}

/// `DescribePullThroughCacheRules`.
pub(super) fn pull_through_rules(call: &Call<'_>) -> Result<Value, ServiceError> {
    call.permitted_on("*")?;
    Ok(json!({"pullThroughCacheRules": call.realm.registry.pull_through}))
}

/// `GetAccountSetting`.
pub(super) fn account_setting(call: &Call<'_>) -> Result<Value, ServiceError> {
    call.permitted_on("*")?;
    let registry = &call.realm.registry;
    let value = match call.text("name")? {
        "BASIC_SCAN_TYPE_VERSION" => "AWS_NATIVE",
        "BLOB_MOUNTING" if registry.blob_mounting => "ENABLED",
        "BLOB_MOUNTING" => "DISABLED",
        "REGISTRY_POLICY_SCOPE" => "V2",
        other => return Err(ServiceError::invalid(format!("no setting is called {other}"))),
    };
    Ok(json!({"name": call.text("name")?, "value": value}))
}

impl EcrRegistry {
    /// By the first of the rules that covers the repository: its own setting counts for nothing.
    fn enhanced_frequency(&self, repository: &str) -> String {
        let covers = |rule: &&Value| {
            let filters = rule["repositoryFilters"].as_array().into_iter().flatten();
            let mut patterns = filters.filter_map(|it| it["filter"].as_str());
            patterns.any(|pattern| matches(pattern, repository))
        };
        let rule = self.scanning_rules.iter().find(covers);
        rule.and_then(|it| it["scanFrequency"].as_str()).unwrap_or("MANUAL").to_owned()
    }
}

/// `BatchGetRepositoryScanningConfiguration`.
pub(super) fn repository_scanning(call: &Call<'_>) -> Result<Value, ServiceError> {
    let names = call.input["repositoryNames"].as_array().cloned().unwrap_or_default();
    let (mut configurations, mut failures) = (Vec::new(), Vec::new());
    for name in names.iter().filter_map(Value::as_str) {
        call.permitted_on_repository(&call.operation.action(), name)?;
        let Ok(repository) = found(call, name) else {
            failures.push(json!({"repositoryName": name, "failureCode": "REPOSITORY_NOT_FOUND",
                "failureReason": "The repository does not exist"}));
            continue;
        };
        let frequency = match (call.realm.registry.scan_type, repository.scan_on_push) {
            (ScanType::Enhanced, _) => call.realm.registry.enhanced_frequency(name),
            (ScanType::Basic, true) => "SCAN_ON_PUSH".to_owned(),
            (ScanType::Basic, false) => "MANUAL".to_owned(),
        };
        configurations.push(json!({
            "repositoryArn": call.realm.account.repository_arn(name),
            "repositoryName": name,
            "scanOnPush": repository.scan_on_push,
            "scanFrequency": frequency,
            "appliedScanFilters": [],
        }));
    }
    Ok(json!({"scanningConfigurations": configurations, "failures": failures}))
}
