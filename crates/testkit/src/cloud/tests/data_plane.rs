//! The registry behind the control plane.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, media_type};
use serde_json::{Value, json};

use super::client::{Credentials, call, session};
use crate::cloud::http::{Outbound, Reply};
use crate::cloud::{Cloud, EcrRepository, LoginLife, Mutability, Options, Service};

fn login(cloud: &Cloud, credentials: &Credentials) -> String {
    let answer = call(cloud, credentials, (Service::Ecr, "GetAuthorizationToken"), &json!({}));
    let data = answer.json()["authorizationData"][0].clone();
    assert_eq!(data["proxyEndpoint"], "https://111122223333.dkr.ecr.us-east-1.amazonaws.com");
    format!("Basic {}", data["authorizationToken"].as_str().unwrap())
}

fn ask(cloud: &Cloud, login: &str, method: &str, target: &str) -> Reply {
    put(cloud, login, (method, target), "application/octet-stream", b"")
}

fn put(cloud: &Cloud, login: &str, to: (&str, &str), kind: &str, body: &[u8]) -> Reply {
    let headers = [("Authorization", login), ("Content-Type", kind)];
    let (method, target) = to;
    let request = Outbound { method, target, headers: &headers, body };
    request.send(&format!("http://{}", cloud.registry().host())).unwrap()
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

const UPLOADS: &str = "/v2/team/app/blobs/uploads/";

#[test]
fn only_a_login_that_was_given_out_opens_the_registry() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let mine = login(&cloud, &session(&cloud, None));
    assert_eq!(ask(&cloud, &mine, "GET", "/v2/").status, 200);
    assert_eq!(ask(&cloud, &mine, "POST", UPLOADS).status, 202);
    let guess = format!("Basic {}", STANDARD.encode("AWS:guess"));
    for wrong in ["", &guess, "Bearer x"] {
        assert_eq!(ask(&cloud, wrong, "GET", "/v2/").status, 401, "{wrong}");
    }
    let missing = ask(&cloud, &mine, "POST", "/v2/team/other/blobs/uploads/");
    assert_eq!(missing.status, 404);
    assert!(text(&missing).contains("NAME_UNKNOWN"));
    assert!(cloud.secrets().iter().any(|it| mine.contains(&STANDARD.encode(format!("AWS:{it}")))));
}

#[test]
fn a_login_reaches_as_far_as_the_session_that_got_it() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let read = json!({"Statement": [{"Effect": "Allow", "Resource": "*",
        "Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]}]});
    let reader = login(&cloud, &session(&cloud, Some(&read)));
    assert_eq!(ask(&cloud, &reader, "GET", "/v2/team/app/manifests/1").status, 404);
    let denied = ask(&cloud, &reader, "POST", UPLOADS);
    assert_eq!(denied.status, 403);
    assert!(text(&denied).contains("ecr:InitiateLayerUpload on resource: arn:aws:ecr"));
    let layer = format!("/v2/team/app/blobs/{}", Digest::sha256_of(b"x"));
    assert_eq!(ask(&cloud, &reader, "HEAD", &layer).status, 403);
    assert_eq!(ask(&cloud, &reader, "GET", "/v2/team/app/tags/list").status, 403);
    assert_eq!(ask(&cloud, &reader, "PUT", "/v2/team/app/manifests/1").status, 403);
    let used: Vec<_> = cloud.permissions().into_iter().filter(|it| !it.allowed).collect();
    let actions: Vec<_> = used.iter().map(|it| it.action.as_str()).collect();
    let expected = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:InitiateLayerUpload",
        "ecr:ListImages",
        "ecr:PutImage",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn a_login_ends_with_its_session_or_after_twelve_hours() {
    for (login_life, status) in [(LoginLife::OfSession, 403), (LoginLife::TwelveHours, 200)] {
        let cloud = Cloud::start(Options { login_life, ..Options::default() }).unwrap();
        let mine = login(&cloud, &session(&cloud, None));
        cloud.expire_sessions();
        let answer = ask(&cloud, &mine, "GET", "/v2/");
        assert_eq!(answer.status, status, "{login_life:?}");
        cloud.expire_logins();
        let answer = ask(&cloud, &mine, "GET", "/v2/");
        assert!(text(&answer).contains("Your authorization token has expired"));
    }
}

/// Pushes a small image, and gives its manifest.
fn push(cloud: &Cloud, login: &str, layer: &str, to: &str) -> (Value, Reply) {
    let blobs =
        ["{}", layer].map(|it| cloud.registry().store().put_blob("team/app", it.to_owned().into()));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": blobs[0], "size": 2},
        "layers": [{"mediaType": media_type::OCI_LAYER, "digest": blobs[1], "size": layer.len()}],
    });
    let target = format!("/v2/team/app/manifests/{to}");
    let body = manifest.to_string();
    let answer = put(cloud, login, ("PUT", &target), media_type::OCI_MANIFEST, body.as_bytes());
    (manifest, answer)
}

#[test]
fn immutable_tags_follow_the_settings_of_the_repository() {
    let filters = vec!["dev-*".to_owned()];
    for (mutability, fixed, moving) in [
        (Mutability::Immutable, Some("dev-1"), None),
        (Mutability::ImmutableExcept(filters.clone()), Some("1.0"), Some("dev-1")),
        (Mutability::Mutable, None, Some("1.0")),
        (Mutability::MutableExcept(filters), Some("dev-1"), Some("1.0")),
    ] {
        let repository = EcrRepository { mutability, ..EcrRepository::new("team/app") };
        let what = format!("{repository:?}");
        let options = Options { repositories: vec![repository], ..Options::default() };
        let cloud = Cloud::start(options).unwrap();
        let mine = login(&cloud, &session(&cloud, None));
        for (tag, status) in [(fixed, 400), (moving, 201)] {
            let Some(tag) = tag else { continue };
            assert_eq!(push(&cloud, &mine, "one", tag).1.status, 201);
            let again = push(&cloud, &mine, "two", tag).1;
            assert_eq!(again.status, status, "{what} {tag}");
            assert_eq!(text(&again).contains("TAG_INVALID"), status == 400);
        }
    }
}

#[test]
fn both_planes_show_the_same_images() {
    let cloud = Cloud::start(Options::default()).unwrap();
    let credentials = session(&cloud, None);
    let mine = login(&cloud, &credentials);
    let (manifest, pushed) = push(&cloud, &mine, "layer", "1.0");
    assert_eq!(pushed.status, 201);
    let digest = Digest::sha256_of(manifest.to_string().as_bytes());
    let ecr = |operation: &str, mut input: Value| {
        input["repositoryName"] = "team/app".into();
        call(&cloud, &credentials, (Service::Ecr, operation), &input)
    };
    let images = ecr("DescribeImages", json!({"imageIds": [{"imageTag": "1.0"}]})).json();
    let detail = &images["imageDetails"][0];
    assert_eq!(detail["imageDigest"], digest.to_string());
    assert_eq!(detail["imageTags"], json!(["1.0"]));
    assert_eq!(detail["imageSizeInBytes"], 7);
    assert!(detail["imagePushedAt"].is_i64());
    let missing = ecr("DescribeImages", json!({"imageIds": [{"imageTag": "2.0"}]}));
    assert_eq!(missing.code(), "ImageNotFoundException");

    let absent = Digest::sha256_of(b"absent");
    let known = &manifest["layers"][0]["digest"];
    let asked = json!({"layerDigests": [known, absent, "sha256:1"]});
    let layers = ecr("BatchCheckLayerAvailability", asked).json();
    assert_eq!(layers["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(layers["layers"][1]["layerAvailability"], "UNAVAILABLE");
    assert_eq!(layers["failures"][0]["failureCode"], "InvalidLayerDigest");

    let referrer = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": "application/x",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json",
            "digest": manifest["config"]["digest"], "size": 2},
        "layers": [],
        "subject": {"mediaType": media_type::OCI_MANIFEST, "digest": digest, "size": 1},
    });
    let body = referrer.to_string();
    let to = format!("/v2/team/app/manifests/{}", Digest::sha256_of(body.as_bytes()));
    let kind = media_type::OCI_MANIFEST;
    assert_eq!(put(&cloud, &mine, ("PUT", &to), kind, body.as_bytes()).status, 201);
    let listed = |types: Value| {
        let subject = json!({"imageDigest": digest});
        let input = json!({"subjectId": subject, "filter": {"artifactTypes": types}});
        let answer = ecr("ListImageReferrers", input).json();
        answer["referrers"].as_array().unwrap().len()
    };
    assert_eq!((listed(json!(["application/x"])), listed(json!(["application/y"]))), (1, 0));
    let image = json!({"imageIds": [{"imageDigest": Digest::sha256_of(body.as_bytes())}]});
    let images = ecr("DescribeImages", image).json();
    assert_eq!(images["imageDetails"][0]["subjectManifestDigest"], digest.to_string());
}
