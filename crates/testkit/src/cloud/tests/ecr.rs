//! The settings that the control plane shows.

use serde_json::{Value, json};

use super::client::{Answer, call, session};
use crate::cloud::{Cloud, EcrRegistry, EcrRepository, Options, ScanType, Service};

fn asking(options: Options) -> (Cloud, impl Fn(&Cloud, &str, Value) -> Answer) {
    let cloud = Cloud::start(options).unwrap();
    let credentials = session(&cloud, None);
    let ask = move |cloud: &Cloud, operation: &str, input: Value| {
        call(cloud, &credentials, (Service::Ecr, operation), &input)
    };
    (cloud, ask)
}

#[test]
fn what_is_not_set_is_told_as_aws_tells_it() {
    let (cloud, ask) = asking(Options::default());
    let app = || json!({"repositoryName": "team/app"});
    for (operation, input, code) in [
        ("GetRepositoryPolicy", app(), "RepositoryPolicyNotFoundException"),
        ("GetLifecyclePolicy", app(), "LifecyclePolicyNotFoundException"),
        ("GetRegistryPolicy", json!({}), "RegistryPolicyNotFoundException"),
        ("GetSigningConfiguration", json!({}), "SigningConfigurationNotFoundException"),
        ("GetRepositoryPolicy", json!({"repositoryName": "x"}), "RepositoryNotFoundException"),
        ("DescribeRepositories", json!({"repositoryNames": ["x"]}), "RepositoryNotFoundException"),
        (
            "GetRepositoryPolicy",
            json!({"repositoryName": "team/app", "registryId": "999922223333"}),
            "RepositoryNotFoundException",
        ),
        ("GetRepositoryPolicy", json!({}), "InvalidParameterException"),
        ("GetAccountSetting", json!({"name": "x"}), "InvalidParameterException"),
    ] {
        assert_eq!(ask(&cloud, operation, input).code(), code, "{operation}");
    }
}

#[test]
fn what_is_set_is_shown() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]});
    let repository = EcrRepository {
        policy: Some(policy.clone()),
        lifecycle: Some(json!({"rules": []})),
        scan_on_push: true,
        ..EcrRepository::new("team/app")
    };
    let registry = EcrRegistry {
        scan_type: ScanType::Enhanced,
        scanning_rules: vec![json!({
            "scanFrequency": "CONTINUOUS_SCAN",
            "repositoryFilters": [{"filter": "team/*", "filterType": "WILDCARD"}],
        })],
        signing_rules: vec![json!({"signingProfileArn": "arn"})],
        replication: vec![json!({"destinations": []})],
        blob_mounting: false,
        ..EcrRegistry::default()
    };
    let options = Options { repositories: vec![repository], registry, ..Options::default() };
    let (cloud, ask) = asking(options);
    let app = || json!({"repositoryName": "team/app"});
    let text = ask(&cloud, "GetRepositoryPolicy", app()).json()["policyText"].clone();
    assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), policy);
    let lifecycle = ask(&cloud, "GetLifecyclePolicy", app()).json();
    assert_eq!(lifecycle["lifecyclePolicyText"], r#"{"rules":[]}"#);
    for (operation, input, pointer, value) in [
        (
            "GetSigningConfiguration",
            json!({}),
            "/signingConfiguration/rules/0/signingProfileArn",
            json!("arn"),
        ),
        (
            "GetRegistryScanningConfiguration",
            json!({}),
            "/scanningConfiguration/scanType",
            json!("ENHANCED"),
        ),
        (
            "DescribeRegistry",
            json!({}),
            "/replicationConfiguration/rules/0/destinations",
            json!([]),
        ),
        ("DescribePullThroughCacheRules", json!({}), "/pullThroughCacheRules", json!([])),
        ("GetAccountSetting", json!({"name": "BLOB_MOUNTING"}), "/value", json!("DISABLED")),
        (
            "BatchGetRepositoryScanningConfiguration",
            json!({"repositoryNames": ["team/app", "x"]}),
            "/scanningConfigurations/0/scanFrequency",
            json!("CONTINUOUS_SCAN"),
        ),
        (
            "DescribeRepositories",
            json!({"repositoryNames": ["team/app"]}),
            "/repositories/0/imageScanningConfiguration/scanOnPush",
            json!(true),
        ),
    ] {
        let found = ask(&cloud, operation, input).json();
        assert_eq!(found.pointer(pointer), Some(&value), "{operation}: {found}");
    }
}
