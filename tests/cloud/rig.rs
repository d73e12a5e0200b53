//! The rig itself: the emulators run as they should, and clients of others speak to the account
//! as to AWS. Only then does it count what boltseal does there.

use std::collections::BTreeSet;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_testkit::cloud::{Cloud, Options, Service, Upstream};
use boltseal_testkit::image::debian_like;
use serde_json::json;

use crate::account::{ACCOUNT, REGION, options};
use crate::cosign::Cosign;
use crate::emulator::Emulator;
use crate::key::Key;
use crate::openssl;
use crate::program::Program;
use crate::python::{call, calls};

/// Nobody else on the network may reach what has no locks.
#[test]
fn the_emulators_listen_on_the_loopback_only() {
    for process in [Emulator::ministack().process(), Emulator::moto().process()] {
        let open = listening(process);
        assert!(!open.is_empty(), "nothing is listened on");
        let elsewhere: Vec<_> = open.iter().filter(|it| !it.starts_with("0100007F:")).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
    }
}

/// The addresses on which a process listens, as Linux shows them: `0100007F` is 127.0.0.1.
fn listening(process: u32) -> Vec<String> {
    let sockets =
        fs::read_dir(format!("/proc/{process}/fd")).expect("Linux, and a process of ours");
    let link = |entry: std::io::Result<fs::DirEntry>| fs::read_link(entry.ok()?.path()).ok();
    let names = sockets.filter_map(link).map(|it| it.display().to_string());
    let own: BTreeSet<String> = names
        .filter_map(|it| Some(it.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let tables = ["tcp", "tcp6"].map(|it| fs::read_to_string(format!("/proc/net/{it}")));
    let lines: Vec<String> = tables
        .into_iter()
        .flatten()
        .flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.get(3) == Some(&"0A"))
        .filter(|columns| columns.get(9).is_some_and(|it| own.contains(*it)))
        .map(|columns| columns[1].to_owned())
        .collect()
}

/// What the emulator signs is a signature, by openssl's word, and over that message only.
#[test]
fn openssl_takes_what_the_emulator_signs() {
    let cloud = Cloud::start(options()).expect("good policies");
    let variables = cloud.session_variables("release", 3600);
    for (spec, algorithm, hash) in [
        ("ECC_NIST_P256", "ECDSA_SHA_256", "-sha256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384", "-sha384"),
        ("ECC_NIST_P521", "ECDSA_SHA_512", "-sha512"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "-sha256"),
    ] {
        let key = Key::new(spec, "SIGN_VERIFY");
        let message = b"a message";
        let digest = STANDARD.encode(digest(hash, message));
        let input = json!({"KeyId": key.alias, "Message": {"base64": digest},
            "MessageType": "DIGEST", "SigningAlgorithm": algorithm});
        let answer = call(&variables, "kms", "sign", input);
        let text = answer["Signature"]["base64"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let signature = STANDARD.decode(text).expect("base64");
        let public = key.public();
        assert!(openssl::verifies(&public, hash, message, &signature), "{spec}");
        assert!(!openssl::verifies(&public, hash, b"another", &signature), "{spec}");
        assert!(!openssl::verifies(
            &Key::new(spec, "SIGN_VERIFY").public(),
            hash,
            message,
            &signature
        ));
    }
}

fn digest(hash: &str, message: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("message"), message).expect("a file in a folder of our own");
    let words = ["dgst", hash, "-binary", "-out", "digest", "message"];
    Program::on_path("openssl").run(folder.path(), &[], &words).exits(0);
    fs::read(folder.path().join("digest")).expect("openssl wrote it")
}

/// What moto serves is asked of moto, once it is permitted.
#[test]
fn settings_come_from_an_emulator_where_one_serves_them() {
    let moto = Emulator::moto();
    let admin = Upstream::new(&moto.origin());
    for (operation, input) in [
        ("CreateRepository", json!({"repositoryName": "team/app"})),
        (
            "SetRepositoryPolicy",
            json!({"repositoryName": "team/app", "policyText": json!({
            "Version": "2012-10-17", "Statement": [{"Sid": "Pull", "Effect": "Allow",
                "Principal": "*", "Action": "ecr:BatchGetImage"}]}).to_string()}),
        ),
    ] {
        let answer = admin.call((ACCOUNT, REGION), (Service::Ecr, operation), &input);
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    let served = ["GetRepositoryPolicy", "DescribeRegistry"];
    let upstreams = vec![moto.upstream().serving(Service::Ecr, &served)];
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "ecr:GetRepositoryPolicy", "Resource": "*"}]});
    let options = Options { upstreams, ..options() }.release_may(vec![policy]);
    let cloud = Cloud::start(options).expect("good policies");
    let variables = cloud.session_variables("release", 3600);
    let answers = calls(
        &variables,
        &[
            ("ecr", "get_repository_policy", json!({"repositoryName": "team/app"})),
            ("ecr", "describe_registry", json!({})),
        ],
    );
    let text = answers[0]["policyText"].as_str().unwrap_or_default();
    assert!(text.contains(r#""Sid": "Pull""#) || text.contains(r#""Sid":"Pull""#), "{answers:?}");
    assert_eq!(answers[1]["error"]["Code"], "AccessDeniedException");
}

/// cosign, which speaks to KMS with AWS's SDK for Go, signs and verifies with a key of the
/// account, into its registry, and not without permission.
#[test]
fn cosign_uses_a_key_of_the_account() {
    let (key, other) = (Key::p256(), Key::p256());
    let cloud = Cloud::start(options()).expect("good policies");
    let image = debian_like().push_into(cloud.registry(), "team/app", None);
    let cosign = Cosign::new(&cloud);
    cosign.sign(&key, "team/app", &image).exits(0);
    cosign.verify(&key, "team/app", &image).exits(0);
    let refused = cosign.verify(&other, "team/app", &image);
    assert!(refused.code != 0 && !refused.stderr.contains("not authorized"), "{refused:?}");

    let registry_only = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "ecr:*", "Resource": "*"}]});
    let cloud = Cloud::start(options().release_may(vec![registry_only])).expect("good policies");
    let image = debian_like().push_into(cloud.registry(), "team/app", None);
    let denied = Cosign::new(&cloud).sign(&key, "team/app", &image);
    assert!(denied.code != 0 && denied.stderr.contains("is not authorized"), "{denied:?}");
}
