use serde_json::{Value, json};

use super::page::{Page, with_token};
use super::{found, repository};
use crate::cloud::call::Call;
use crate::cloud::service_error::ServiceError;
use crate::registry::ImmutableTags;

/// A repository and its settings.
#[derive(Clone, Debug)]
pub struct EcrRepository {
    /// Its name.
    pub name: String,
    /// Which of its tags may move.
    pub mutability: Mutability,
    /// Its policy.
    pub policy: Option<Value>,
    /// Its lifecycle policy.
    pub lifecycle: Option<Value>,
    /// Whether images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// The key that it is encrypted with; AWS's own where there is none.
    pub kms_key: Option<String>,
}

/// Which tags may move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// None.
    Immutable,
    /// Only those that match one of the filters, in which `*` stands for any text.
    ImmutableExcept(Vec<String>),
    /// All.
    Mutable,
    /// All but those that match one of the filters.
    MutableExcept(Vec<String>),
}

impl EcrRepository {
    /// A repository with AWS's own settings: tags may move, nothing is scanned, and there is no
    /// policy.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            mutability: Mutability::Mutable,
            policy: None,
            lifecycle: None,
            scan_on_push: false,
            kms_key: None,
        }
    }

    fn document(&self, call: &Call<'_>) -> Value {
        let account = &call.realm.account;
        let (mode, filters) = match &self.mutability {
            Mutability::Immutable => ("IMMUTABLE", &[][..]),
            Mutability::ImmutableExcept(filters) => ("IMMUTABLE_WITH_EXCLUSION", &filters[..]),
            Mutability::Mutable => ("MUTABLE", &[][..]),
            Mutability::MutableExcept(filters) => ("MUTABLE_WITH_EXCLUSION", &filters[..]),
        };
        let encryption = match &self.kms_key {
            Some(key) => json!({"encryptionType": "KMS", "kmsKey": key}),
            None => json!({"encryptionType": "AES256"}),
        };
        let mut document = json!({
            "repositoryArn": account.repository_arn(&self.name),
            "registryId": account.id,
            "repositoryName": self.name,
            "repositoryUri": format!("{}/{}", account.registry_host(), self.name),
            "createdAt": 1_750_000_000.123,
            "imageTagMutability": mode,
            "imageScanningConfiguration": {"scanOnPush": self.scan_on_push},
            "encryptionConfiguration": encryption,
        });
        if !filters.is_empty() {
            let filter = |it: &String| json!({"filterType": "WILDCARD", "filter": it});
            let filters: Vec<_> = filters.iter().map(filter).collect();
            document["imageTagMutabilityExclusionFilters"] = filters.into();
        }
        document
    }
}

impl From<&Mutability> for ImmutableTags {
    fn from(mutability: &Mutability) -> Self {
        match mutability {
            Mutability::Immutable => Self::All,
            Mutability::ImmutableExcept(filters) => Self::Except(filters.clone()),
            Mutability::Mutable => Self::None,
            Mutability::MutableExcept(filters) => Self::Only(filters.clone()),
        }
    }
}

/// `DescribeRepositories`.
pub(super) fn describe(call: &Call<'_>) -> Result<Value, ServiceError> {
    let action = call.operation.action();
    let repositories = if let Some(names) = call.input["repositoryNames"].as_array() {
        let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
        for name in &names {
            call.permitted_on_repository(&action, name)?;
        }
        names.into_iter().map(|name| found(call, name)).collect::<Result<Vec<_>, _>>()?
    } else {
        call.permitted_on_repository(&action, "*")?;
        call.realm.repositories.iter().collect()
    };
    let page = Page::of(repositories, &call.input, 100, 1000)?;
    let documents: Vec<_> = page.items.iter().map(|it| it.document(call)).collect();
    Ok(with_token(json!({"repositories": documents}), page.next))
}

/// `GetRepositoryPolicy`.
pub(super) fn policy(call: &Call<'_>) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let policy = repository.policy.as_ref().ok_or_else(|| {
        let what = "Repository policy does not exist for the repository with name";
        absent(call, "RepositoryPolicyNotFoundException", what, &repository.name)
    })?;
    Ok(json!({"registryId": call.realm.account.id, "repositoryName": repository.name,
        "policyText": policy.to_string()}))
}

/// `GetLifecyclePolicy`.
pub(super) fn lifecycle_policy(call: &Call<'_>) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let policy = repository.lifecycle.as_ref().ok_or_else(|| {
        let what = "Lifecycle policy does not exist for the repository with name";
        absent(call, "LifecyclePolicyNotFoundException", what, &repository.name)
    })?;
    Ok(json!({"registryId": call.realm.account.id, "repositoryName": repository.name,
        "lifecyclePolicyText": policy.to_string(), "lastEvaluatedAt": 1_760_000_000}))
}

fn absent(call: &Call<'_>, code: &str, what: &str, name: &str) -> ServiceError {
    let id = &call.realm.account.id;
    ServiceError::new(code, format!("{what} '{name}' in the registry with id '{id}'"))
}
