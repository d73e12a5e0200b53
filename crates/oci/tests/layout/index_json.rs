use boltseal_ports::TagWriter as _;
use bytes::Bytes;
use serde_json::json;

use crate::sample::{Sample, image, tag};

#[tokio::test]
async fn foreign_members_and_entries_are_kept() {
    let sample = Sample::new();
    sample.push(&Bytes::from_static(b"made by this")).await.unwrap();
    let image = image("a");
    let foreign = json!({
        "mediaType": "application/xml",
        "digest": image.digest(),
        "size": 3,
        "urls": ["https://example.com/"],
        "annotations": {"org.freedesktop.specifications.metainfo.type": "appstream"},
        "x-mine": {"deep": [1, 2.5, null]},
    });
    let mut other = foreign.clone();
    other["digest"] = json!(boltseal_core::Digest::sha256_of(b"other"));
    sample.write_index(&json!({
        "schemaVersion": 2,
        "manifests": [foreign, other],
        "annotations": {"who": "me"},
        "x-top": true,
    }));
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    let index = sample.index();
    assert_eq!(index["annotations"], json!({"who": "me"}));
    assert_eq!(index["x-top"], json!(true));
    assert_eq!(index["manifests"][1], other);
    let mut named = foreign;
    named["annotations"]["org.opencontainers.image.ref.name"] = json!("1");
    assert_eq!(index["manifests"][0], named);
}

#[tokio::test]
async fn nothing_is_written_where_nothing_changes() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    let spaced = serde_json::to_string_pretty(&sample.index()).unwrap();
    let file = sample.path().join("index.json");
    std::fs::write(&file, &spaced).unwrap();
    sample.push_image("a").await;
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), spaced);
}
