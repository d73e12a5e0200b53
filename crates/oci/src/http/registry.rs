//! A repository of a registry, behind the ports.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Descriptor, Digest, Location, Pick, RawManifest, Repository, Tag};
use boltseal_ports::{
    Blob, BlobPresence, BlobReader, ManifestRole, Probe, Pushed, Referrers, Registry,
    RegistryError, RegistryRules, TagWriter, Traffic,
};
use bytes::Bytes;

use super::endpoint::Endpoint;
use super::exchange::Exchange;
use super::presence::{Known, Presence};
use super::probe::{Abilities, Prober};
use super::referrer::Listing;
use super::{HttpOptions, blob, manifest, tag, upload};

/// One repository of one registry, spoken to over HTTP.
///
/// Requests are tried again within [`HttpOptions::patience`]; at most eight that are not uploads
/// run at once. Credentials are looked up when the registry asks, and sent to it, and to the
/// token service it names, alone.
pub struct HttpRegistry {
    repository: Repository,
    location: Location,
    exchange: Arc<Exchange>,
    listing: Listing,
    presence: Option<Presence>,
}

impl HttpRegistry {
    /// Prepares everything, and sends nothing.
    ///
    /// # Errors
    /// Where the host makes no URL, or the file of authorities cannot be read.
    pub fn new(repository: &Repository, options: &HttpOptions) -> Result<Self, RegistryError> {
        let endpoint = Endpoint::new(repository, options)?;
        Ok(Self {
            repository: repository.clone(),
            location: Location::Registry(repository.clone()),
            exchange: Arc::new(Exchange::new(endpoint, options)?),
            listing: Listing::default(),
            presence: None,
        })
    }

    /// The same, which asks `source` for blobs that are announced, instead of one `HEAD` each.
    #[must_use]
    pub fn with_presence(self, source: Arc<dyn BlobPresence>) -> Self {
        Self { presence: Some(Presence::new(source)), ..self }
    }

    /// The same, which keeps the rules of the service behind it.
    #[must_use]
    pub fn with_rules(self, rules: Arc<dyn RegistryRules>) -> Self {
        self.exchange.rules.get_or_init(|| rules);
        self
    }
}

impl HttpRegistry {
    /// Finds out what the registry can do, by writing small things that hold `mark` and removing
    /// them again as far as it lets anybody. No tag is written.
    ///
    /// # Errors
    /// Where the repository cannot be written to at all.
    pub async fn abilities(&self, mark: &str) -> Result<Abilities, RegistryError> {
        Prober::new(&self.exchange, &self.repository).run(mark).await
    }
}

impl fmt::Debug for HttpRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRegistry").field("repository", &self.repository).finish_non_exhaustive()
    }
}

#[async_trait]
impl Registry for HttpRegistry {
    fn location(&self) -> &Location {
        &self.location
    }

    fn traffic(&self) -> Traffic {
        self.exchange.traffic()
    }

    fn rules(&self) -> Option<&dyn RegistryRules> {
        self.exchange.rules.get().map(AsRef::as_ref)
    }

    async fn fetch_manifest(&self, pick: &Pick) -> Result<Option<RawManifest>, RegistryError> {
        manifest::fetch(&self.exchange, pick).await
    }

    async fn fetch_blob(
        &self,
        descriptor: &Descriptor,
        limit: u64,
    ) -> Result<Option<Bytes>, RegistryError> {
        blob::fetch(&self.exchange, descriptor, limit).await
    }

    async fn open_blob(
        &self,
        descriptor: &Descriptor,
    ) -> Result<Option<BlobReader>, RegistryError> {
        blob::open(&self.exchange, descriptor).await
    }

    async fn announce(&self, blobs: &[Descriptor]) -> Result<(), RegistryError> {
        match &self.presence {
            Some(presence) => presence.look_for(blobs).await,
            None => Ok(()),
        }
    }

    async fn push_blob(&self, blob: Blob<'_>) -> Result<Pushed, RegistryError> {
        let known = self.presence.as_ref().and_then(|it| it.take(&blob.descriptor.digest));
        let probe = match known {
            Some(Known::Present) => return Ok(Pushed::Existed),
            Some(Known::Absent) => Probe::Skip,
            None => blob.probe,
        };
        upload::push(&self.exchange, &self.repository, Blob { probe, ..blob }).await
    }

    async fn push_manifest(
        &self,
        manifest: &RawManifest,
        _role: ManifestRole,
    ) -> Result<(), RegistryError> {
        manifest::push(&self.exchange, manifest).await
    }

    async fn referrers(&self, subject: &Digest) -> Result<Referrers, RegistryError> {
        self.listing.list(&self.exchange, subject).await
    }

    async fn link_referrers(
        &self,
        subject: &Digest,
        added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        self.listing.link(&self.exchange, subject, added).await
    }
}

#[async_trait]
impl TagWriter for HttpRegistry {
    async fn put_tag(&self, tag: &Tag, manifest: &RawManifest) -> Result<(), RegistryError> {
        tag::put(&self.exchange, tag, manifest).await
    }
}
