//! Every form of IMAGE, and the platform of an index.

use boltseal_core::Digest;
use boltseal_testkit::image::{BuiltImage, DockerForm, debian_like, index};
use boltseal_testkit::registry::{Options, Server};
use serde_json::Value;

use crate::harness::{Run, Sandbox};

fn sbom(sandbox: &Sandbox, words: &[&str]) -> Run {
    sandbox.boltseal(&[&["sbom"], words].concat())
}

/// The digest of the image that an SBOM is about, and how many packages it names.
#[track_caller]
fn described(run: Run) -> (String, usize) {
    let run = run.exits(0);
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    assert_eq!(document["bomFormat"], "CycloneDX");
    let version = document["metadata"]["component"]["version"].as_str().expect("a digest");
    let components = document["components"].as_array().expect("a list of components");
    let packages = components.iter().filter(|component| component["type"] == "library");
    (version.to_owned(), packages.count())
}

/// A sandbox with one image in every form that holds its manifest.
fn everywhere(image: &BuiltImage) -> Sandbox {
    let sandbox = Sandbox::new();
    image.write_layout(&sandbox.path("layout"), Some("1.0")).unwrap();
    image.write_oci_archive(&sandbox.path("oci.tar"), Some("1.0")).unwrap();
    let saved = |form, file: &str| {
        image.write_docker_archive(&sandbox.path(file), "app:1.0", form).unwrap();
    };
    saved(DockerForm::WithLayout, "docker25.tar");
    saved(DockerForm::Legacy, "docker.tar");
    sandbox
}

#[test]
fn one_image_in_every_place_is_the_same() {
    let image = debian_like();
    let sandbox = everywhere(&image);
    let digest = image.digest();
    let server = Server::start_blocking(Options::default());
    image.push_into(&server, "team/app", None);
    let expected = (digest.to_string(), image.packages().len());
    for form in [
        "oci:layout".to_owned(),
        "oci:layout:1.0".to_owned(),
        format!("oci:layout@{digest}"),
        "oci-archive:oci.tar".to_owned(),
        "oci-archive:oci.tar:1.0".to_owned(),
        "docker-archive:docker25.tar".to_owned(),
        "docker-archive:docker25.tar:app:1.0".to_owned(),
        format!("docker-archive:docker25.tar@{digest}"),
        format!("{}@{digest}", server.repository("team/app")),
    ] {
        assert_eq!(described(sbom(&sandbox, &[&form])), expected, "{form}");
    }
}

#[test]
fn what_older_dockers_saved_is_made_into_an_image_the_same_each_time() {
    let image = debian_like();
    let sandbox = everywhere(&image);
    let made = described(sbom(&sandbox, &["docker-archive:docker.tar"]));
    assert_eq!(made.1, image.packages().len());
    for form in ["docker-archive:docker.tar:app:1.0", "docker-archive:docker.tar"] {
        assert_eq!(described(sbom(&sandbox, &[form])), made, "{form}");
    }
    let pinned = format!("docker-archive:docker.tar@{}", made.0);
    assert_eq!(described(sbom(&sandbox, &[&pinned])), made);
    let other = format!("docker-archive:docker.tar@{}", Digest::sha256_of(b"other"));
    sbom(&sandbox, &[&other]).exits(2);
}

#[test]
fn a_name_that_is_not_there_is_a_wrong_request() {
    let sandbox = everywhere(&debian_like());
    for form in [
        "oci:layout:2.0",
        "oci-archive:oci.tar:2.0",
        "docker-archive:docker25.tar:app:2.0",
        "docker-archive:docker.tar:app:2.0",
    ] {
        let run = sbom(&sandbox, &[form]).exits(2);
        assert_eq!(run.stdout, "", "{form}");
    }
}

#[test]
fn a_layout_with_two_images_needs_a_name() {
    let sandbox = everywhere(&debian_like());
    sandbox.write("app", "#!/bin/sh\n");
    let made = ["--binary", "app", "--platform", "linux/arm64"];
    let key = sandbox.key_pair("k");
    let rest = ["--to", "oci:layout:2.0", "--key", &key.private, "--scan", "none"];
    sandbox.boltseal(&[&["release"], &made[..], &rest[..]].concat()).exits(0);
    let run = sbom(&sandbox, &["oci:layout"]).exits(2);
    run.complains("1.0").complains("2.0");
    sbom(&sandbox, &["oci:layout:2.0"]).exits(0);
}

#[test]
fn an_index_needs_a_platform_and_is_released_whole() {
    let sandbox = Sandbox::new();
    let image = debian_like();
    let both = index(vec![image.clone()]);
    both.write_layout(&sandbox.path("both"), Some("1.0")).unwrap();
    sbom(&sandbox, &["oci:both"]).exits(2).complains("linux/amd64");
    sbom(&sandbox, &["oci:both", "--platform", "linux/s390x"]).exits(2).complains("linux/amd64");
    let (_, count) = described(sbom(&sandbox, &["oci:both", "--platform", "linux/amd64"]));
    assert_eq!(count, image.packages().len());
    let inspect = ["inspect", "oci:both", "--format", "json"];
    let whole = sandbox.boltseal(&inspect).exits(0).json();
    assert_eq!(whole["platforms"][0]["digest"], image.digest().to_string());
    let child = sandbox.boltseal(&[&inspect[..], &["--platform", "linux/amd64"]].concat());
    assert_eq!(child.exits(0).json()["subject"]["digest"], image.digest().to_string());
    let release = ["release", "oci:both", "--platform", "linux/amd64", "--to", "oci:out"];
    let run = sandbox.boltseal(&[&release[..], &["--key", "k", "--scan", "none"]].concat());
    run.exits(2).complains("released whole");
}

#[test]
fn a_directory_and_a_program_become_reproducible_images() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/etc/app.conf", "x = 1\n");
    sandbox.write("app", "#!/bin/sh\n");
    for input in [["--rootfs", "tree"], ["--binary", "app"]] {
        sbom(&sandbox, &input).exits(2).complains("--platform");
        let platform = ["--platform", "linux/arm64/v8", "--spec-version", "1.6"];
        let words = [&input[..], &platform].concat();
        let first = sbom(&sandbox, &words).exits(0);
        assert!(first.stdout.contains("\"specVersion\":\"1.6\""), "{}", first.stdout);
        assert_eq!(sbom(&sandbox, &words).exits(0).stdout, first.stdout);
    }
    sbom(&sandbox, &["--binary", "absent"]).exits(21);
}

#[test]
fn a_failed_sbom_leaves_no_half_document() {
    let sandbox = Sandbox::new();
    let text = sbom(&sandbox, &["oci:absent"]).exits(21);
    assert_eq!(text.stdout, "", "standard output may be a file that others read");
    let json = sbom(&sandbox, &["oci:absent", "--format", "json"]).exits(21).json();
    assert_eq!(json["schema"], "boltseal.sbom/v1");
}

#[test]
fn traffic_for_a_mapped_host_goes_to_its_stand_in() {
    let sandbox = Sandbox::new();
    let image = debian_like();
    let server = Server::start_blocking(Options::default());
    image.push_into(&server, "team/app", None);
    let named = format!("registry.example.com/team/app@{}", image.digest());
    let map = format!("registry.example.com=http://{}", server.host());
    let run = sandbox.boltseal_with(&[("BOLTSEAL_REGISTRY_MAP", &map)], &["sbom", &named]);
    assert_eq!(described(run).0, image.digest().to_string());
    assert!(server.counts().requests() > 0);
}
