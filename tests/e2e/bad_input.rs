//! Bad input: an error that says what and where in all its parts, its exit code, and nothing
//! pushed, signed or tagged, in a registry or in a layout.

use std::fs;
use std::path::PathBuf;

use boltseal_core::Severity;
use boltseal_testkit::image::{
    BuiltImage, ImageBuilder, LayerBuilder, RawEntry, debian_like, index,
};
use boltseal_testkit::registry::{Options, Server};
use boltseal_testkit::report::{Scan, trivy};
use serde_json::{Value, json};

use crate::harness::{Run, Sandbox, codes};

const NAME: &str = "team/app";

/// An image that is to be released with a clean report, and both kinds of destination.
struct Case {
    sandbox: Sandbox,
    server: Server,
    image: BuiltImage,
}

/// What a reason must say.
struct Said<'a> {
    exit: i32,
    code: &'a str,
    expected: &'a str,
    found: &'a str,
    place: &'a str,
}

impl Case {
    fn of(image: BuiltImage) -> Self {
        let sandbox = Sandbox::new();
        sandbox.key_pair("k");
        image.write_layout(&sandbox.path("image"), Some("1")).expect("a layout");
        if image.platform.is_some() {
            sandbox.write("clean.json", trivy(&image, &[]));
        }
        Self { sandbox, server: Server::start_blocking(Options::default()), image }
    }

    fn usual() -> Self {
        Self::of(debian_like())
    }

    fn release(&self, to: &str, more: &[&str]) -> Run {
        let words = ["release", "oci:image:1", "--to", to, "--key", "k.key", "--format", "json"];
        self.sandbox.boltseal(&[&words[..], more].concat())
    }

    /// Both kinds of destination.
    fn destinations(&self) -> [String; 2] {
        [format!("{}:1.0", self.server.repository(NAME)), "oci:out:1.0".to_owned()]
    }

    /// Releases to both, and demands a refusal for exactly these reasons.
    #[track_caller]
    fn refused(&self, more: &[&str], said: &[Said<'_>]) {
        let expected: Vec<&str> = said.iter().map(|it| it.code).collect();
        for to in self.destinations() {
            let document = self.release(&to, more).exits(said[0].exit).json();
            assert_eq!(document["outcome"], "refused", "{document:#}");
            assert_eq!(codes(&document), expected, "{document:#}");
            for (reason, said) in document["reasons"].as_array().into_iter().flatten().zip(said) {
                says(reason, said);
            }
            assert_eq!(document["pushed"], false, "{document:#}");
            assert_eq!(document["tags"], json!([]), "{document:#}");
            assert_eq!(document["evidence"], json!([]), "{document:#}");
            self.is_untouched();
        }
    }

    /// Nothing is pushed, signed or tagged at either destination.
    #[track_caller]
    fn is_untouched(&self) {
        let store = self.server.store();
        assert_eq!(store.tags(NAME).len(), 0, "nothing is tagged");
        assert_eq!(store.manifests(NAME), [], "nothing is pushed or signed");
        assert_eq!(store.blobs(NAME), [], "no blob is complete");
        let out = self.sandbox.path("out");
        let Ok(bytes) = fs::read(out.join("index.json")) else {
            assert!(!out.exists(), "a layout without an index");
            return;
        };
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(document["manifests"], json!([]), "nothing is listed");
        let blobs = fs::read_dir(out.join("blobs/sha256")).map_or(0, Iterator::count);
        assert_eq!(blobs, 0, "no blob is stored");
    }

    /// Where a layer of the image lies.
    fn layer_file(&self, at: usize) -> PathBuf {
        self.sandbox.path(&format!("image/blobs/sha256/{}", self.layer(at)))
    }

    /// The digest of a layer, in hexadecimal.
    fn layer(&self, at: usize) -> String {
        self.image.layers[at].descriptor.digest.hex().to_owned()
    }
}

#[track_caller]
fn says(reason: &Value, said: &Said<'_>) {
    for (part, wanted) in
        [("expected", said.expected), ("found", said.found), ("where", said.place), ("fix", "")]
    {
        let text = reason[part].as_str().unwrap_or_default();
        assert!(!text.trim().is_empty(), "{part} is empty: {reason:#}");
        assert!(text.contains(wanted), "no {wanted:?} in {part}: {reason:#}");
    }
}

fn one(layer: LayerBuilder) -> BuiltImage {
    ImageBuilder::new().layer(layer).build()
}

const CLEAN: [&str; 2] = ["--scan", "clean.json"];

#[test]
fn a_clean_image_passes() {
    let case = Case::usual();
    for to in case.destinations() {
        case.release(&to, &CLEAN).exits(0);
    }
    let store = case.server.store();
    assert_eq!((store.tags(NAME).len(), store.manifests(NAME).len()), (1, 6));
    let blobs = fs::read_dir(case.sandbox.path("out/blobs/sha256")).map_or(0, Iterator::count);
    assert!(blobs > 6, "what is looked at afterwards is where a release goes");
}

#[test]
fn a_layer_that_was_truncated_before_it_was_hashed() {
    let case = Case::of(one(LayerBuilder::new().noise("data", 100_000, 1).truncated(5_000)));
    case.refused(
        &CLEAN,
        &[Said {
            exit: 30,
            code: "layer-compression",
            expected: "gzip data",
            found: "incomplete",
            place: &case.layer(0),
        }],
    );
}

#[test]
fn a_layer_that_was_truncated_where_it_lies() {
    let case = Case::usual();
    let bytes = fs::read(case.layer_file(0)).expect("a layer");
    fs::write(case.layer_file(0), &bytes[..bytes.len() / 2]).expect("a layer");
    case.refused(
        &CLEAN,
        &[Said {
            exit: 30,
            code: "content-contradicts",
            expected: &format!("{} bytes", bytes.len()),
            found: &format!("{} bytes", bytes.len() / 2),
            place: &case.layer(0),
        }],
    );
}

#[test]
fn a_layer_whose_bytes_are_not_its_digest() {
    let case = Case::usual();
    let mut bytes = fs::read(case.layer_file(0)).expect("a layer");
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    fs::write(case.layer_file(0), &bytes).expect("a layer");
    let found = boltseal_core::Digest::sha256_of(&bytes).to_string();
    let (expected, place) = (&*case.layer(0), &*case.layer(0));
    let said = Said { exit: 30, code: "layer-digest", expected, found: &found, place };
    case.refused(&CLEAN, &[said]);
}

#[test]
fn a_layer_whose_content_is_not_its_diff_id() {
    let built = one(LayerBuilder::new().file("a", "a"));
    let other = one(LayerBuilder::new().file("other", "other")).layers[0].diff_id.clone();
    let wrong = other.clone();
    let image = ImageBuilder::new()
        .built_layer(built.layers[0].clone())
        .edit_config(move |it| it["rootfs"]["diff_ids"][0] = json!(wrong))
        .build();
    let case = Case::of(image);
    case.refused(
        &CLEAN,
        &[Said {
            exit: 30,
            code: "layer-diff-id",
            expected: &other.to_string(),
            found: &built.layers[0].diff_id.to_string(),
            place: &case.layer(0),
        }],
    );
}

#[test]
fn a_layer_that_climbs_out_of_its_root() {
    for path in ["../../etc/passwd", "a/../../b"] {
        let case = Case::of(one(LayerBuilder::new().raw(RawEntry::file(path, &b"root"[..]))));
        let (code, expected) = ("layer-path-traversal", "within the image");
        let said = Said { exit: 30, code, expected, found: path, place: &case.layer(0) };
        case.refused(&CLEAN, &[said]);
    }
}

#[test]
fn a_layer_that_inflates_without_measure() {
    let case = Case::of(one(LayerBuilder::new().zeros("zeros", 600 << 20)));
    let (code, expected) = ("layer-too-large", "uncompressed bytes");
    let said = Said { exit: 30, code, expected, found: "more", place: &case.layer(0) };
    case.refused(&CLEAN, &[said]);
}

#[test]
fn an_index_of_indexes() {
    let case = Case::of(index(vec![index(vec![debian_like()])]));
    case.refused(
        &["--scan", "none"],
        &[Said {
            exit: 30,
            code: "image-unsupported",
            expected: "an index of images",
            found: "an index within an index",
            place: case.image.children[0].digest().hex(),
        }],
    );
}

#[test]
fn a_manifest_of_five_megabytes() {
    let long = "x".repeat(5 << 20);
    let image = ImageBuilder::new()
        .layer(LayerBuilder::new().dir("x"))
        .edit_manifest(move |it| it["annotations"] = json!({"long": long}))
        .build();
    let case = Case::of(image);
    case.refused(
        &CLEAN,
        &[Said {
            exit: 30,
            code: "content-malformed",
            expected: "at most 4194304 bytes",
            found: &format!("{} bytes", case.image.manifest.len()),
            place: case.image.digest().hex(),
        }],
    );
}

#[test]
fn an_empty_report() {
    let case = Case::usual();
    for (name, bytes) in [
        ("empty.json", &b""[..]),
        ("blank.json", b" \n"),
        ("braces.json", b"{}"),
        ("list.json", b"[]"),
    ] {
        case.sandbox.write(name, bytes);
        case.refused(
            &["--scan", name],
            &[Said {
                exit: 20,
                code: "report-empty",
                expected: "report",
                found: "empty",
                place: name,
            }],
        );
    }
}

#[test]
fn a_report_of_another_image() {
    let case = Case::usual();
    let other = one(LayerBuilder::new().dir("other"));
    case.sandbox.write("other.json", trivy(&other, &[]));
    let (ours, theirs) = (case.image.digest(), other.digest());
    case.refused(
        &["--scan", "other.json"],
        &[Said {
            exit: 10,
            code: "report-other-image",
            expected: ours.hex(),
            found: theirs.hex(),
            place: "other.json",
        }],
    );
}

#[test]
fn a_severity_that_nobody_knows() {
    let case = Case::usual();
    let scan = Scan::of(&case.image).vulnerability("CVE-2026-1", "libc6", Severity::Low);
    case.sandbox.write("odd.json", scan.labelled("EXTREME").trivy());
    case.refused(
        &["--scan", "odd.json"],
        &[Said {
            exit: 20,
            code: "unknown-severity",
            expected: "Severity",
            found: "EXTREME",
            place: "odd.json",
        }],
    );
}

#[test]
fn a_waiver_that_has_expired() {
    let case = Case::usual();
    let scan = Scan::of(&case.image).vulnerability("CVE-2026-1", "libc6", Severity::Critical);
    case.sandbox.write("bad.json", scan.trivy());
    case.sandbox.write(
        "waivers.toml",
        "[[waiver]]\nid = \"CVE-2026-1\"\npackage = \"libc6\"\nreason = \"r\"\nowner = \"o\"\n\
         expires = 2020-12-31\n",
    );
    case.refused(
        &["--scan", "bad.json", "--waivers", "waivers.toml"],
        &[
            Said {
                exit: 10,
                code: "over-threshold",
                expected: "at most 0 critical",
                found: "CVE-2026-1 in libc6",
                place: "bad.json",
            },
            Said {
                exit: 10,
                code: "waiver-expired",
                expected: "a waiver for CVE-2026-1 in libc6",
                found: "expired on 2020-12-31",
                place: "waivers.toml",
            },
        ],
    );
}

#[test]
fn a_key_that_the_configuration_does_not_have() {
    let case = Case::usual();
    case.sandbox.write("boltseal.toml", "[gate]\n\nmax_hihg = 1\n");
    case.refused(
        &CLEAN,
        &[Said {
            exit: 20,
            code: "config-unknown-key",
            expected: "",
            found: "max_hihg",
            place: "boltseal.toml:3",
        }],
    );
}

#[test]
fn scan_left_out() {
    let case = Case::usual();
    for to in case.destinations() {
        let run = case.release(&to, &[]).exits(2);
        assert_eq!(run.stdout, "");
        let choices = ["--scan", "none", "FILE"];
        choices.into_iter().fold(run, Run::complains);
        case.is_untouched();
    }
}
