//! Listing referrers, and the fallback tag.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boltseal_core::{Descriptor, Digest, RawManifest, media_type};
use boltseal_ports::{Absence, Registry as _, RegistryErrorKind};
use boltseal_testkit::registry::{
    ImmutableTags, NotFoundBody, Odd, Options, Referrers, SubjectHeader, What, When,
};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::rig::{NAME, Rig, anonymous, client, content, evidence, on, push_evidence, push_image};
use crate::scripted::{Scripted, answer};

const MISSING: [Referrers; 5] = [
    Referrers::None404 { body: NotFoundBody::Empty },
    Referrers::None404 { body: NotFoundBody::Plain },
    Referrers::None404 { body: NotFoundBody::Xml },
    Referrers::None405,
    Referrers::None501,
];
const ODD: [Odd; 5] =
    [Odd::BadRequest400, Odd::Empty200, Odd::Html200, Odd::NotAcceptable406, Odd::WrongType200];

fn without_api() -> Options {
    Options { referrers: MISSING[1], ..Options::default() }
}

async fn subject(rig: &Rig) -> RawManifest {
    let subject = push_image(&rig.registry, &content(1, 100)).await;
    rig.server.reset_recording();
    subject
}

fn digests(descriptors: &[Descriptor]) -> Vec<Digest> {
    let mut digests: Vec<_> = descriptors.iter().map(|it| it.digest.clone()).collect();
    digests.sort();
    digests
}

/// What the client lists, which must be known to be all.
async fn listed(rig: &Rig, subject: &RawManifest) -> Vec<Descriptor> {
    let referrers = rig.registry.referrers(subject.digest()).await.unwrap();
    assert!(matches!(referrers.absence, Absence::Proven), "{:?}", referrers.absence);
    referrers.descriptors
}

/// The fallback index as it is stored.
fn fallback(rig: &Rig, subject: &Digest) -> Option<Value> {
    let store = rig.server.store();
    let digest = store.tag(NAME, &subject.as_tag())?;
    Some(serde_json::from_slice(&store.manifest(NAME, &digest).unwrap()).unwrap())
}

fn set_fallback(rig: &Rig, subject: &Digest, index: &Value) {
    let bytes = Bytes::from(index.to_string());
    let digest = rig.server.store().put_manifest(NAME, bytes, media_type::OCI_INDEX);
    rig.server.store().set_tag(NAME, &subject.as_tag(), &digest);
}

fn index_of(manifests: &[Value]) -> Value {
    json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": manifests})
}

#[tokio::test]
async fn the_api_is_enough_for_one_that_has_referrers() {
    for header in [SubjectHeader::WithApi, SubjectHeader::Never] {
        let rig = Rig::with(Options { oci_subject_header: header, ..Options::default() });
        let subject = subject(&rig).await;
        let pieces = push_evidence(&rig.registry, &subject, 0..3).await;
        rig.server.reset_recording();
        let found = listed(&rig, &subject).await;
        assert_eq!(digests(&found), digests(&pieces));
        assert_eq!(found[0].artifact_type.as_deref(), Some(media_type::BUNDLE_V03));
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
        assert_eq!(rig.requests(), ["GET Referrers 200"]);
        assert_eq!(fallback(&rig, subject.digest()), None);
    }
}

#[tokio::test]
async fn an_empty_list_is_proven_by_both() {
    let rig = Rig::new();
    let subject = subject(&rig).await;
    assert!(listed(&rig, &subject).await.is_empty());
    assert_eq!(rig.requests(), ["GET Referrers 200", "GET Manifest 404"]);
}

#[tokio::test]
async fn an_api_that_keeps_silent_about_the_tag_is_read_with_it() {
    let rig = Rig::new();
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..2).await;
    for piece in &pieces {
        rig.server.store().hide_referrer(NAME, &piece.digest);
    }
    set_fallback(&rig, subject.digest(), &index_of(&[json!(pieces[0])]));
    assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces[..1]));
    rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces));
}

/// A whole page of referrers, and where the next one is.
fn page(entries: &[Value], links: &[String]) -> What {
    let index = ("Content-Type".to_owned(), media_type::OCI_INDEX.to_owned());
    let links = links.iter().map(|it| ("Link".to_owned(), it.clone()));
    let headers = std::iter::once(index).chain(links).collect();
    What::Status { code: 200, headers, body: index_of(entries).to_string().into() }
}

#[tokio::test]
async fn an_api_that_is_empty_for_ever_is_seen_through_by_the_first_release() {
    for asked_before in [true, false] {
        let rig = Rig::new();
        let subject = subject(&rig).await;
        rig.fault(When::matching("GET", "referrers"), page(&[], &[]));
        if asked_before {
            assert!(listed(&rig, &subject).await.is_empty());
        }
        let pieces = push_evidence(&rig.registry, &subject, 0..2).await;
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
        assert!(fallback(&rig, subject.digest()).is_some(), "{asked_before}");
        assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces));
    }
}

#[tokio::test]
async fn what_linking_reads_is_listed_once() {
    let rig = Rig::new();
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..2).await;
    rig.server.reset_recording();
    rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces));
    assert_eq!(rig.requests(), ["GET Referrers 200"]);
}

#[tokio::test]
async fn a_further_write_makes_old_what_linking_read() {
    let rig = Rig::new();
    let subject = subject(&rig).await;
    for number in 0..2 {
        let pieces = push_evidence(&rig.registry, &subject, number..number + 1).await;
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    }
    assert_eq!(listed(&rig, &subject).await.len(), 2);
}

#[tokio::test]
async fn all_pages_are_read() {
    let rig = Rig::with(Options { page_size: Some(2), ..Options::default() });
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..5).await;
    rig.server.reset_recording();
    assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces));
    assert_eq!(rig.server.counts().referrers, 3);
}

#[tokio::test]
async fn pages_that_go_round_or_elsewhere_are_no_list() {
    for link in ["?n=1", "http://other.invalid/v2/", "http://[broken"] {
        let rig = Rig::new();
        let subject = subject(&rig).await;
        let next = format!("<{link}>; rel=\"next\"");
        rig.fault(When::matching("GET", "referrers"), page(&[], &[next]));
        let error = rig.registry.referrers(subject.digest()).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{link}: {error}");
        assert!(rig.server.counts().referrers <= 2);
    }
}

#[tokio::test]
async fn a_next_page_is_found_wherever_it_is_named() {
    let subject = Digest::sha256_of(b"subject");
    let pieces = [1_u8, 2].map(|it| Descriptor::of(media_type::OCI_MANIFEST, &[it]));
    let previous = ("Link", "</v2/>; rel=\"prev\"; title=\"zur\u{fc}ck\"");
    for before in [vec![], vec![previous]] {
        let pages = pieces.clone().map(|it| index_of(&[json!(it)]).to_string());
        let server = Scripted::plain(move |seen| {
            let kind = ("Content-Type", media_type::OCI_INDEX);
            if seen.target.ends_with("?n=2") {
                return answer("200 OK", &[kind], &pages[1]);
            }
            let host = seen.header("host").unwrap_or_default();
            let next = format!("<http://{host}{}?n=2>; rel=next", seen.target);
            answer("200 OK", &[&[kind], &before[..], &[("Link", &next)]].concat(), &pages[0])
        });
        let found = on(&server.host, &anonymous()).referrers(&subject).await.unwrap();
        assert_eq!(found.descriptors, pieces);
    }
}

#[tokio::test]
async fn a_later_page_that_is_none_is_an_error_and_no_shorter_list() {
    let odd = [What::html(), What::empty(), What::status(400), What::status(404)];
    for what in odd {
        let rig = Rig::with(Options { page_size: Some(2), ..Options::default() });
        let subject = subject(&rig).await;
        push_evidence(&rig.registry, &subject, 0..3).await;
        rig.fault(When::matching("GET", "last="), what.clone());
        let error = rig.registry.referrers(subject.digest()).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{what:?}: {error}");
    }
}

#[tokio::test]
async fn pages_without_end_and_pages_without_measure_are_an_error() {
    let subject = Digest::sha256_of(b"subject");
    let padded = index_of(&[]).to_string() + &" ".repeat(4 * 1024 * 1024);
    for (body, most) in [(index_of(&[]).to_string(), 101), (padded, 1)] {
        let pages = AtomicUsize::new(0);
        let server = Scripted::plain(move |_| {
            let next = format!("<?n={}>; rel=\"next\"", pages.fetch_add(1, Ordering::SeqCst));
            answer("200 OK", &[("Content-Type", media_type::OCI_INDEX), ("Link", &next)], &body)
        });
        let error = on(&server.host, &anonymous()).referrers(&subject).await.unwrap_err();
        assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
        assert!(server.seen().len() <= most, "{}", server.seen().len());
    }
}

#[tokio::test]
async fn more_than_a_thousand_are_an_error() {
    let entries: Vec<_> = (0..1001_u32)
        .map(|it| json!(Descriptor::of(media_type::OCI_MANIFEST, &it.to_be_bytes())))
        .collect();
    let rig = Rig::new();
    let first = subject(&rig).await;
    rig.fault(When::matching("GET", "referrers"), page(&entries, &[]));
    let error = rig.registry.referrers(first.digest()).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");

    let rig = Rig::with(without_api());
    let second = subject(&rig).await;
    set_fallback(&rig, second.digest(), &index_of(&entries));
    let error = rig.registry.referrers(second.digest()).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
}

#[tokio::test]
async fn without_an_api_the_tag_decides_and_the_api_is_asked_once() {
    for referrers in MISSING {
        let rig = Rig::with(Options { referrers, ..Options::default() });
        let subject = subject(&rig).await;
        assert!(listed(&rig, &subject).await.is_empty());
        let pieces = push_evidence(&rig.registry, &subject, 0..3).await;
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
        assert_eq!(digests(&listed(&rig, &subject).await), digests(&pieces));
        assert_eq!(rig.server.counts().referrers, 1, "{referrers:?}");
    }
}

#[tokio::test]
async fn one_write_links_all_and_a_second_is_not_needed() {
    let rig = Rig::with(without_api());
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..5).await;
    listed(&rig, &subject).await;
    rig.server.reset_recording();
    rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    assert_eq!(rig.requests(), ["GET Manifest 404", "PUT Manifest 201", "GET Manifest 200"]);
    let index = fallback(&rig, subject.digest()).unwrap();
    assert_eq!(index["manifests"][0]["artifactType"], media_type::BUNDLE_V03);
    assert_eq!(index["manifests"][0]["annotations"]["note"], "piece 0");
    rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    assert_eq!(rig.requests(), ["GET Manifest 200"]);
}

#[tokio::test]
async fn entries_of_others_are_kept_as_they_are() {
    let rig = Rig::with(without_api());
    let subject = subject(&rig).await;
    let theirs = json!({
        "mediaType": media_type::OCI_MANIFEST,
        "size": 7,
        "digest": Digest::sha256_of(b"foreign").to_string(),
        "annotations": {"dev.sigstore.bundle.content": "dsse-envelope"},
        "data": "Zm9yZWlnbg==",
        "urls": ["https://example.com"],
    });
    rig.server.store().put_manifest(NAME, Bytes::from_static(b"foreign"), media_type::OCI_MANIFEST);
    set_fallback(&rig, subject.digest(), &index_of(std::slice::from_ref(&theirs)));
    let pieces = push_evidence(&rig.registry, &subject, 0..1).await;
    rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
    let index = fallback(&rig, subject.digest()).unwrap();
    assert_eq!(index["manifests"][0], theirs);
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_at_once_lose_nothing() {
    let rig = Rig::with(without_api());
    let subject = Arc::new(subject(&rig).await);
    let writers = (0..4_usize).map(|number| {
        let registry = client(&rig.server, NAME, &anonymous());
        let subject = Arc::clone(&subject);
        tokio::spawn(async move {
            let range = number * 2..number * 2 + 2;
            let pieces = push_evidence(&registry, &subject, range).await;
            registry.link_referrers(subject.digest(), &pieces).await.map(|()| pieces)
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut promised = Vec::new();
    for writer in writers {
        // A writer that lost says so; one that says nothing has won.
        promised.extend(writer.await.unwrap().unwrap_or_default());
    }
    let mine = digests(&promised);
    assert!(!mine.is_empty());
    // The last to read saw the last write; earlier ones may have been overwritten afterwards,
    // and are repaired by linking again, as a release does after the tag.
    rig.registry.link_referrers(subject.digest(), &promised).await.unwrap();
    let found = digests(&listed(&rig, &subject).await);
    assert!(mine.iter().all(|it| found.contains(it)), "{found:?}");
}

#[tokio::test]
async fn entries_that_get_lost_again_and_again_are_an_error() {
    let rig = Rig::with(without_api());
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..1).await;
    let tag = subject.digest().as_tag();
    // As if another writer's index took the place of each of ours.
    let what = What::Status { code: 201, headers: Vec::new(), body: Bytes::new() };
    rig.fault(When::matching("PUT", &tag), what);
    let error = rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Unreachable, "{error}");
    assert!(error.found.contains("fallback index entries lost"), "{error}");
    assert!(error.found.contains(&pieces[0].digest.to_string()), "{error}");
}

#[tokio::test]
async fn an_odd_answer_leaves_absence_undetermined() {
    for odd in ODD {
        let options = Options { referrers: Referrers::Odd(odd), ..Options::default() };
        let rig = Rig::with(options);
        let subject = subject(&rig).await;
        let empty = rig.registry.referrers(subject.digest()).await.unwrap();
        let Absence::Undetermined(error) = empty.absence else {
            panic!("{odd:?} proves nothing");
        };
        assert_eq!(error.kind, RegistryErrorKind::Unreadable, "{odd:?}");
        assert!(error.place.contains("/referrers/"), "{error}");
        assert!(empty.descriptors.is_empty());

        let pieces = push_evidence(&rig.registry, &subject, 0..2).await;
        rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap();
        let some = rig.registry.referrers(subject.digest()).await.unwrap();
        assert_eq!(digests(&some.descriptors), digests(&pieces), "{odd:?}");
        assert!(matches!(some.absence, Absence::Undetermined(_)), "{odd:?}");
    }
}

#[tokio::test]
async fn refusals_and_failures_are_errors_not_lists() {
    for (what, kind) in [
        (What::unauthorised(), RegistryErrorKind::Unauthorised),
        (What::forbidden(), RegistryErrorKind::Unauthorised),
        (What::status(429), RegistryErrorKind::Throttled),
        (What::status(500), RegistryErrorKind::Unreachable),
    ] {
        let rig = Rig::new();
        let subject = subject(&rig).await;
        rig.fault(When::matching("GET", "referrers"), what.clone());
        let error = rig.registry.referrers(subject.digest()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{what:?}: {error}");
    }
}

#[tokio::test]
async fn a_fallback_tag_that_is_no_index_lists_nothing_and_proves_nothing() {
    let rig = Rig::with(without_api());
    let subject = subject(&rig).await;
    rig.server.store().set_tag(NAME, &subject.digest().as_tag(), subject.digest());
    let listed = rig.registry.referrers(subject.digest()).await.unwrap();
    assert!(listed.descriptors.is_empty(), "{listed:?}");
    let Absence::Undetermined(error) = listed.absence else { panic!("absence is not proven") };
    assert_eq!(error.kind, RegistryErrorKind::Malformed, "{error}");
    let piece = evidence(&subject, 0).1;
    rig.registry.link_referrers(subject.digest(), &[piece]).await.unwrap_err();
    assert_eq!(
        rig.server.store().tag(NAME, &subject.digest().as_tag()).as_ref(),
        Some(subject.digest())
    );
}

#[tokio::test]
async fn a_fallback_tag_that_is_no_index_takes_nothing_from_the_api() {
    let rig = Rig::new();
    let subject = subject(&rig).await;
    rig.server.store().set_tag(NAME, &subject.digest().as_tag(), subject.digest());
    let listed = rig.registry.referrers(subject.digest()).await.unwrap();
    assert!(listed.descriptors.is_empty() && matches!(listed.absence, Absence::Proven));
}

#[tokio::test]
async fn a_fallback_tag_that_may_not_move_says_so() {
    let rig = Rig::with(Options { immutable_tags: ImmutableTags::All, ..without_api() });
    let subject = subject(&rig).await;
    let pieces = push_evidence(&rig.registry, &subject, 0..2).await;
    rig.registry.link_referrers(subject.digest(), &pieces[..1]).await.unwrap();
    let error = rig.registry.link_referrers(subject.digest(), &pieces).await.unwrap_err();
    assert_eq!(error.kind, RegistryErrorKind::Immutable, "{error}");
}
