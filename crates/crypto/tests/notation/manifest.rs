//! Signature manifests.

use boltseal_core::{Annotations, Descriptor, Manifest, RawManifest, media_type};
use boltseal_crypto::KeyAlgorithm;
use boltseal_crypto::notation::{
    Certificate, Format, ManifestForm, Payload, SignatureManifest, SignatureManifestError,
    SignedEnvelope, check_signed_payload,
};
use serde_json::{Value, json};

use crate::authority::Chain;
use crate::judgement::june;
use crate::writer::{PROFILE, aws_header, bytes, jws, payload, subject};

fn envelope() -> SignedEnvelope {
    let answer = bytes(&jws(&aws_header(), &payload(), &Chain::of(KeyAlgorithm::P384)));
    let asked = Payload::new(&subject(), Annotations::new()).unwrap();
    check_signed_payload(&answer, &asked, PROFILE, june().now).unwrap()
}

fn read(manifest: &Value) -> Result<SignatureManifest, SignatureManifestError> {
    let bytes = serde_json::to_vec(manifest).unwrap();
    let Ok(Manifest::Image(image)) = RawManifest::new(bytes.into(), None).unwrap().parse() else {
        panic!("an image manifest is expected");
    };
    SignatureManifest::read(&image)
}

#[test]
fn what_is_written_is_what_the_specification_shows() {
    let envelope = envelope();
    let extra = Annotations::from([("com.amazonaws.signer.x".to_owned(), "y".to_owned())]);
    let mut annotated = subject();
    annotated.annotations = extra.clone();
    let bytes = SignatureManifest::write(&annotated, &envelope, &extra, ManifestForm::ArtifactType)
        .unwrap();
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    let prints: Vec<String> =
        envelope.intact().chain().certificates().iter().map(Certificate::thumbprint).collect();
    assert_eq!(prints.len(), 3);
    let blob = Descriptor::of("application/jose+json", envelope.bytes());
    assert_eq!(
        manifest,
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.cncf.notary.signature",
            "config": {
                "mediaType": "application/vnd.oci.empty.v1+json",
                "digest":
                    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                "size": 2,
            },
            "layers": [blob],
            "subject": subject(),
            "annotations": {
                "com.amazonaws.signer.x": "y",
                "io.cncf.notary.x509chain.thumbprint#S256":
                    serde_json::to_string(&prints).unwrap(),
                "org.opencontainers.image.created": "2026-05-01T00:00:00Z",
            },
        })
    );
    let read = read(&manifest).unwrap();
    assert_eq!((read.subject, read.envelope, read.format), (subject(), blob, Format::Jws));
}

#[test]
fn manifests_that_must_not_be_written_are_refused() {
    let other = Descriptor::of(&subject().media_type, b"another image");
    let error = SignatureManifest::write(
        &other,
        &envelope(),
        &Annotations::new(),
        ManifestForm::ArtifactType,
    )
    .unwrap_err();
    assert_eq!(error, SignatureManifestError::OtherSubject);
    for name in ["io.cncf.notary.x509chain.thumbprint#S256", "org.opencontainers.image.created"] {
        let extra = Annotations::from([(name.to_owned(), String::new())]);
        let error =
            SignatureManifest::write(&subject(), &envelope(), &extra, ManifestForm::ArtifactType)
                .unwrap_err();
        assert!(matches!(error, SignatureManifestError::Reserved { .. }), "{error}");
    }
}

#[test]
fn both_forms_are_read_and_nothing_else() {
    let envelope = envelope();
    let bytes = SignatureManifest::write(
        &subject(),
        &envelope,
        &Annotations::new(),
        ManifestForm::ArtifactType,
    )
    .unwrap();
    let new: Value = serde_json::from_slice(&bytes).unwrap();
    let mut old = new.clone();
    old.as_object_mut().unwrap().remove("artifactType");
    old["config"]["mediaType"] = json!(media_type::NOTATION);
    let none = Annotations::new();
    let written =
        SignatureManifest::write(&subject(), &envelope, &none, ManifestForm::ConfigType).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), old);
    old["layers"][0]["mediaType"] = json!("application/cose");
    assert_eq!(read(&old).unwrap().format, Format::Cose);
    let changed = |from: &Value, pointer: &str, value: Value| {
        let mut manifest = from.clone();
        *manifest.pointer_mut(pointer).unwrap() = value;
        read(&manifest).unwrap_err()
    };
    for (from, pointer, value) in [
        (&new, "/artifactType", "application/x"),
        (&new, "/artifactType", ""),
        (&new, "/config/mediaType", media_type::NOTATION),
        (&old, "/config/mediaType", media_type::OCI_EMPTY),
        (&old, "/config/mediaType", media_type::OCI_CONFIG),
    ] {
        let error = changed(from, pointer, json!(value));
        assert!(matches!(error, SignatureManifestError::Type { .. }), "{pointer} {value}: {error}");
    }
    let error = changed(&new, "/layers", json!([]));
    assert_eq!(error, SignatureManifestError::Layers { found: 0 });
    let two = json!([new["layers"][0], new["layers"][0]]);
    assert_eq!(changed(&new, "/layers", two), SignatureManifestError::Layers { found: 2 });
    let error = changed(&new, "/layers/0/mediaType", json!("application/json"));
    assert!(matches!(error, SignatureManifestError::Format { .. }), "{error}");
    let error = changed(&new, "/layers/0/size", json!(1024 * 1024 + 1));
    assert!(matches!(error, SignatureManifestError::TooLarge { .. }), "{error}");
    assert_eq!(changed(&new, "/subject", Value::Null), SignatureManifestError::NoSubject);
}
