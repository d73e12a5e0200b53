//! What a cloud does for its own registry: it issues logins, and tells of many blobs at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use boltseal_core::Digest;
use boltseal_oci::http::{Credentials, HttpOptions, Issuer};
use boltseal_ports::{
    Blob, BlobPresence, IssuedLogin, Probe, Pushed, Registry as _, RegistryError,
    RegistryErrorKind, RegistryLogin,
};
use boltseal_testkit::registry::{Auth, Options};
use bytes::Bytes;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::rig::{NAME, PASSWORD, Rig, USER, anonymous, client, layer, push};

/// Issues a password, and counts how often.
struct Cloud {
    issued: AtomicUsize,
    refusal: Option<RegistryError>,
}

impl Cloud {
    fn new(refusal: Option<RegistryError>) -> Arc<Self> {
        Arc::new(Self { issued: AtomicUsize::new(0), refusal })
    }
}

#[async_trait]
impl RegistryLogin for Cloud {
    async fn login(&self) -> Result<IssuedLogin, RegistryError> {
        self.issued.fetch_add(1, Ordering::Relaxed);
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        Ok(IssuedLogin {
            username: USER.to_owned(),
            password: Zeroizing::new(PASSWORD.to_owned()),
            expires: Timestamp::MAX,
        })
    }
}

fn issued_by(cloud: &Arc<Cloud>) -> Rig {
    let source: Arc<dyn RegistryLogin> = cloud.clone();
    let credentials = Credentials::Issued(Issuer::new(source));
    let options = HttpOptions { credentials, ..anonymous() };
    let auth = Auth::basic(USER, PASSWORD);
    Rig::client(Options { auth, ..Options::default() }, &options)
}

#[tokio::test]
async fn a_login_is_issued_once_and_shown_nowhere() {
    let cloud = Cloud::new(None);
    let rig = issued_by(&cloud);
    for content in ["one", "two"] {
        push(&rig.registry, &Bytes::from(content)).await.unwrap();
    }
    assert_eq!(cloud.issued.load(Ordering::Relaxed), 1);
    let source: Arc<dyn RegistryLogin> = cloud;
    let shown = format!("{:?}", Credentials::Issued(Issuer::new(source)));
    assert_eq!(shown, "Issued(Issuer { .. })");
}

#[tokio::test]
async fn why_no_login_is_issued_is_told_as_it_is() {
    let refusal = RegistryError::new(RegistryErrorKind::Throttled, "GetAuthorizationToken")
        .expected("a token")
        .found("throttled");
    let rig = issued_by(&Cloud::new(Some(refusal.clone())));
    let error = push(&rig.registry, &Bytes::from("one")).await.unwrap_err();
    assert_eq!(error, refusal);
}

/// Knows of some blobs, and counts the questions.
struct Holding(BTreeSet<Digest>, AtomicUsize);

#[async_trait]
impl BlobPresence for Holding {
    async fn present(&self, digests: &[Digest]) -> Result<BTreeSet<Digest>, RegistryError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(digests.iter().filter(|it| self.0.contains(it)).cloned().collect())
    }
}

#[tokio::test]
async fn announced_blobs_are_looked_for_together() {
    let rig = Rig::new();
    let (old, new) = (Bytes::from("old"), Bytes::from("new"));
    push(&rig.registry, &old).await.unwrap();
    rig.requests();
    let known = BTreeSet::from([layer(&old).digest]);
    let source = Arc::new(Holding(known, AtomicUsize::new(0)));
    let registry = client(&rig.server, NAME, &anonymous()).with_presence(source.clone());
    registry.announce(&[layer(&old), layer(&new)]).await.unwrap();
    let pushed = |bytes: Bytes| {
        let registry = &registry;
        async move {
            let (descriptor, probe) = (&layer(&bytes), Probe::First);
            let blob = Blob { descriptor, source: &bytes, mount_from: None, probe };
            registry.push_blob(blob).await.unwrap()
        }
    };
    assert_eq!(pushed(old).await, Pushed::Existed);
    assert_eq!(pushed(new.clone()).await, Pushed::Uploaded);
    assert_eq!(rig.requests(), ["POST Upload 202", "PUT Upload 201"]);
    assert_eq!(source.1.load(Ordering::Relaxed), 1);
    assert_eq!(pushed(new).await, Pushed::Existed, "what was answered is old by now: a HEAD");
    assert_eq!(rig.requests().len(), 1);
}
