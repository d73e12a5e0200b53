//! AWS's own SDK for Python understands every answer of the account.

use boltseal_core::Digest;
use boltseal_testkit::cloud::{Claims, Cloud};
use boltseal_testkit::image::debian_like;
use serde_json::{Value, json};

use crate::account::{ACCOUNT, REGION, options};
use crate::python::{call, calls};

/// A call, and what stands where in its answer.
struct Question(&'static str, &'static str, Value, &'static str, Value);

#[test]
fn a_token_is_exchanged_for_a_session() {
    let cloud = Cloud::start(options()).expect("good policies");
    let assume = |claims: Claims| {
        let token = cloud.github().token(&claims.audience("sts.amazonaws.com"));
        let input = json!({"RoleArn": cloud.role_arn("release"), "RoleSessionName": "sdk",
            "WebIdentityToken": token});
        call(&cloud.variables(), "sts", "assume_role_with_web_identity", input)
    };
    let expired = assume(Claims::github("acme/app", "main").expired());
    assert_eq!(expired["error"]["Code"], "ExpiredTokenException", "{expired}");
    let denied = assume(Claims::github("acme/other", "main"));
    assert_eq!(denied["error"]["Code"], "AccessDenied", "{denied}");
    let given = assume(Claims::github("acme/app", "main"));
    let mut variables = cloud.variables();
    for (name, member) in [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ] {
        let value = given["Credentials"][member].as_str().unwrap_or_else(|| panic!("{given}"));
        variables.push((name.to_owned(), value.to_owned()));
    }
    let me = call(&variables, "sts", "get_caller_identity", json!({}));
    assert_eq!(me["Arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/release/sdk"), "{me}");
}

#[test]
fn every_service_is_understood() {
    let cloud = Cloud::start(options()).expect("good policies");
    let image = debian_like().push_into(cloud.registry(), "team/app", Some("1.0"));
    let login = json!(format!("https://{}", cloud.registry_host()));
    let mut asked = vec![Question(
        "ecr",
        "get_authorization_token",
        json!({}),
        "/authorizationData/0/proxyEndpoint",
        login,
    )];
    asked.extend(about_an_image(&image));
    asked.extend(about_a_registry());
    asked.extend(of_signer(&cloud.profile_arn("release")));
    asked.extend(of_others());
    let requests: Vec<_> = asked.iter().map(|it| (it.0, it.1, it.2.clone())).collect();
    let answers = calls(&cloud.session_variables("release", 3600), &requests);
    assert_eq!(answers.len(), asked.len());
    for (answer, Question(service, name, _, pointer, value)) in answers.iter().zip(&asked) {
        assert_eq!(answer.pointer(pointer), Some(value), "{service} {name}: {answer}");
    }
}

fn about_an_image(image: &Digest) -> Vec<Question> {
    let app = |name: &str, value: Value| json!({"repositoryName": "team/app", name: value});
    let it = || app("imageId", json!({"imageDigest": image}));
    let ecr = |name, input, pointer, value| Question("ecr", name, input, pointer, value);
    let subject = app("subjectId", json!({"imageDigest": image}));
    let layers = app("layerDigests", json!([image]));
    let tagged = app("imageIds", json!([{"imageTag": "1.0"}]));
    vec![
        ecr("describe_images", tagged, "/imageDetails/0/imageDigest", json!(image)),
        ecr(
            "batch_check_layer_availability",
            layers,
            "/layers/0/layerAvailability",
            json!("UNAVAILABLE"),
        ),
        ecr("describe_image_scan_findings", it(), "/error/Code", json!("ScanNotFoundException")),
        ecr("start_image_scan", it(), "/imageScanStatus/status", json!("IN_PROGRESS")),
        ecr("describe_image_scan_findings", it(), "/imageScanStatus/status", json!("COMPLETE")),
        ecr("describe_image_signing_status", it(), "/signingStatuses", json!([])),
        ecr("list_image_referrers", subject, "/referrers", json!([])),
    ]
}

fn about_a_registry() -> Vec<Question> {
    let ecr = |name, input, pointer, value| Question("ecr", name, input, pointer, value);
    let app = json!({"repositoryName": "team/app"});
    let absent = |name: &str| json!(format!("{name}NotFoundException"));
    vec![
        ecr(
            "describe_repositories",
            json!({}),
            "/repositories/0/repositoryName",
            json!("team/app"),
        ),
        ecr("get_repository_policy", app.clone(), "/error/Code", absent("RepositoryPolicy")),
        ecr("get_lifecycle_policy", app, "/error/Code", absent("LifecyclePolicy")),
        ecr("get_registry_policy", json!({}), "/error/Code", absent("RegistryPolicy")),
        ecr("get_signing_configuration", json!({}), "/error/Code", absent("SigningConfiguration")),
        ecr(
            "get_registry_scanning_configuration",
            json!({}),
            "/scanningConfiguration/scanType",
            json!("BASIC"),
        ),
        ecr(
            "batch_get_repository_scanning_configuration",
            json!({"repositoryNames": ["team/app"]}),
            "/scanningConfigurations/0/scanFrequency",
            json!("MANUAL"),
        ),
        ecr("get_account_setting", json!({"name": "BLOB_MOUNTING"}), "/value", json!("ENABLED")),
        ecr("describe_registry", json!({}), "/registryId", json!(ACCOUNT)),
        ecr("describe_pull_through_cache_rules", json!({}), "/pullThroughCacheRules", json!([])),
    ]
}

fn of_signer(profile: &str) -> Vec<Question> {
    let signer = |name, input, pointer, value| Question("signer", name, input, pointer, value);
    let payload = "eyJ0YXJnZXRBcnRpZmFjdCI6e319";
    vec![
        signer("get_signing_profile", json!({"profileName": "release"}), "/arn", json!(profile)),
        signer(
            "sign_payload",
            json!({"profileName": "release", "payload": {"base64": payload},
                "payloadFormat": "application/vnd.cncf.notary.payload.v1+json"}),
            "/jobOwner",
            json!(ACCOUNT),
        ),
        signer(
            "get_revocation_status",
            json!({"signatureTimestamp": 1_760_000_000, "platformId": "Notation-OCI-SHA384-ECDSA",
                "profileVersionArn": format!("{profile}/v"), "certificateHashes": ["ab".repeat(96)],
                "jobArn": format!("arn:aws:signer:{REGION}:{ACCOUNT}:/signing-jobs/1")}),
            "/revokedEntities",
            json!([]),
        ),
    ]
}

fn of_others() -> Vec<Question> {
    let scan = |sbom: Value| json!({"outputFormat": "CYCLONE_DX_1_5", "sbom": sbom});
    let empty = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []});
    let role = json!({"RoleName": "release"});
    let key = json!({"KeyId": "alias/none"});
    let version = "/Role/AssumeRolePolicyDocument/Version";
    let invalid = json!("ValidationException");
    vec![
        Question("iam", "get_role", role, version, json!("2012-10-17")),
        Question("inspector-scan", "scan_sbom", scan(empty), "/sbom/specVersion", json!("1.5")),
        Question("inspector-scan", "scan_sbom", scan(json!({})), "/error/Code", invalid),
        Question("kms", "describe_key", key, "/error/Code", json!("NotFoundException")),
    ]
}
