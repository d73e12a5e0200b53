use boltseal_oci::layout::Layout;
use boltseal_ports::{ManifestRole, Registry as _, TagWriter as _};

use crate::sample::{Sample, image, named, referrer, tag};

/// Eight tasks, each with a layout of its own as if in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_when_eight_write_at_once() {
    let sample = Sample::new();
    let subject = sample.push_image("subject").await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (layout, subject) = (Layout::open(sample.path()).unwrap(), subject.clone());
            tokio::spawn(async move {
                for round in 0..5 {
                    let name = format!("{task}-{round}");
                    let piece = referrer(&subject, &name);
                    let role = ManifestRole::Referrer;
                    layout.push_manifest(&piece, role).await.unwrap();
                    layout.put_tag(&tag(&name), &image(&name)).await.unwrap();
                    layout.put_tag(&tag("latest"), &image(&name)).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let found = sample.layout.referrers(subject.digest()).await.unwrap();
    assert_eq!(found.descriptors.len(), 40);
    for task in 0..8 {
        for round in 0..5 {
            let name = format!("{task}-{round}");
            let fetched = sample.layout.fetch_manifest(&named(&name)).await.unwrap();
            assert_eq!(fetched, Some(image(&name)));
        }
    }
    assert!(sample.layout.fetch_manifest(&named("latest")).await.unwrap().is_some());
    // The subject, 40 pieces, 40 names and "latest", each once.
    assert_eq!(sample.entries().len(), 82);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_layout_is_made_by_eight_at_once() {
    let parent = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = parent.path().join(round.to_string());
        let open = || {
            let layout = Layout::open_or_create(&path).unwrap();
            tokio::spawn(
                async move { layout.push_manifest(&image("made"), ManifestRole::Root).await },
            )
        };
        let makers: Vec<_> = (0..8).map(|_| open()).collect();
        for maker in makers {
            maker.await.unwrap().unwrap();
        }
    }
}
