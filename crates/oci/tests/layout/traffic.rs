use boltseal_core::Descriptor;
use boltseal_ports::{Registry as _, TagWriter as _, Traffic};
use bytes::Bytes;

use crate::sample::{Sample, by_digest, tag};

#[tokio::test]
async fn counts_files_as_if_they_were_requests() {
    let sample = Sample::new();
    let image = sample.push_image("a").await;
    sample.layout.put_tag(&tag("1"), &image).await.unwrap();
    let index = std::fs::metadata(sample.path().join("index.json")).unwrap().len();

    let start = sample.layout.traffic();
    sample.layout.fetch_manifest(&by_digest(&image)).await.unwrap();
    let read = sample.layout.traffic() - start;
    let received = index + image.bytes().len() as u64;
    assert_eq!(read, Traffic { reads: 2, received, ..Traffic::default() });

    let bytes = Bytes::from_static(b"layer");
    let start = sample.layout.traffic();
    sample.push(&bytes).await.unwrap();
    let wrote = sample.layout.traffic() - start;
    assert_eq!(wrote, Traffic { writes: 1, sent: 5, ..Traffic::default() });

    let start = sample.layout.traffic();
    let descriptor = Descriptor::of("a/b", &bytes);
    assert!(sample.layout.open_blob(&descriptor).await.unwrap().is_some());
    let read = sample.layout.traffic() - start;
    assert_eq!(read, Traffic { reads: 1, received: 5, ..Traffic::default() });
}
