//! What refers to a manifest (distribution-spec, "Listing Referrers").

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use boltseal_core::{Descriptor, Digest, Index, json, media_type};
use boltseal_ports::{Absence, Referrers, RegistryError, RegistryErrorKind};
use reqwest::header::{ACCEPT, LINK};
use reqwest::{Method, StatusCode, Url};

use super::access::Access;
use super::answer::Answer;
use super::exchange::{Exchange, Request};
use super::fallback::{self, MAX_REFERRERS, Tagged};
use super::link;

const MAX_PAGES: usize = 100;
const PAGE_LIMIT: usize = 4 * 1024 * 1024;

/// How this registry lists referrers, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Listing {
    support: Mutex<Support>,
    /// What [`Listing::link`] read after the last write; the next [`Listing::list`] takes it.
    read: Mutex<Option<(Digest, Referrers)>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Support {
    /// By the Referrers API.
    Api,
    /// By the API, but it keeps silent about what the fallback tag lists: both are read, and
    /// the tag is written.
    Silent,
    /// By the fallback tag alone.
    Tag,
    /// Nothing was asked yet, or nothing was listed so far, which many things may mean.
    #[default]
    Unknown,
}

impl Listing {
    /// The referrers of `subject`. That there is no API is asked once in a run.
    ///
    /// An API that lists nothing is believed only when the fallback tag lists nothing either:
    /// there are registries whose API is empty for ever (GHCR was one).
    pub(super) async fn list(
        &self,
        exchange: &Exchange,
        subject: &Digest,
    ) -> Result<Referrers, RegistryError> {
        if let Some(read) = self.take(subject) {
            return Ok(read);
        }
        let known = self.known();
        if known == Support::Tag {
            return from_tag(exchange, subject, Absence::Proven).await;
        }
        let listed = match ask(exchange, subject).await? {
            Api::Listed(listed) => listed,
            Api::Missing => {
                self.learn(Support::Tag);
                return from_tag(exchange, subject, Absence::Proven).await;
            }
            Api::Odd(error) => {
                return from_tag(exchange, subject, Absence::Undetermined(error)).await;
            }
        };
        if !listed.is_empty() && known != Support::Silent {
            self.learn(Support::Api);
            return Ok(proven(listed));
        }
        // The API has answered; what stands under the tag and is no list takes nothing from it.
        let tagged = match fallback::list(exchange, subject).await? {
            Tagged::Listed(tagged) => tagged,
            Tagged::NoIndex(_) => Vec::new(),
        };
        if tagged.iter().any(|it| !lists(&listed, it)) {
            self.learn(Support::Silent);
        }
        Ok(proven(united(listed, tagged)))
    }

    /// Makes sure that `added` is listed. Whether the API lists what is stored is looked up once
    /// in a run: one that was empty before may be empty for ever.
    pub(super) async fn link(
        &self,
        exchange: &Exchange,
        subject: &Digest,
        added: &[Descriptor],
    ) -> Result<(), RegistryError> {
        if added.is_empty() {
            return Ok(());
        }
        drop(self.take(subject));
        if self.known() == Support::Unknown {
            let listed = self.list(exchange, subject).await?;
            self.learn_from(subject, listed, added);
        }
        if self.known() == Support::Api {
            return Ok(());
        }
        fallback::link(exchange, subject, added).await
    }

    /// Learns from a list that was read after `added` was stored. An odd answer teaches nothing;
    /// the tag is then written, which harms nobody.
    fn learn_from(&self, subject: &Digest, listed: Referrers, added: &[Descriptor]) {
        if self.known() == Support::Tag || matches!(listed.absence, Absence::Undetermined(_)) {
            return;
        }
        let silent = added.iter().any(|it| !lists(&listed.descriptors, it));
        self.learn(if silent { Support::Silent } else { Support::Api });
        if self.known() == Support::Api {
            self.keep(subject, listed);
        }
    }

    fn keep(&self, subject: &Digest, listed: Referrers) {
        let read = Some((subject.clone(), listed));
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = read;
    }

    fn take(&self, subject: &Digest) -> Option<Referrers> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.take_if(|(of, _)| of == subject).map(|(_, listed)| listed)
    }

    fn known(&self) -> Support {
        *self.support.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was once seen to be silent stays so.
    fn learn(&self, support: Support) {
        let mut known = self.support.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != Support::Silent {
            *known = support;
        }
    }
}

/// What the Referrers API answered.
pub(super) enum Api {
    Listed(Vec<Descriptor>),
    /// 404, 405 or 501: there is none. Nothing else says so.
    Missing,
    /// Neither: a page, another type, an empty body, 400, 406.
    Odd(RegistryError),
}

pub(super) async fn ask(exchange: &Exchange, subject: &Digest) -> Result<Api, RegistryError> {
    let mut url = exchange.endpoint.referrers(subject);
    let mut seen = HashSet::new();
    let mut listed = Vec::new();
    while seen.insert(url.clone()) {
        let request = Request::new(Method::GET, url.clone(), Access::Pull)
            .header(ACCEPT, media_type::OCI_INDEX)
            .limit(PAGE_LIMIT);
        let answer = exchange.call(&request).await?;
        let first = seen.len() == 1;
        if first && matches!(answer.status.as_u16(), 404 | 405 | 501) {
            return Ok(Api::Missing);
        }
        match page(&answer)? {
            Ok(entries) => listed = united(listed, entries),
            Err(odd) if first => return Ok(Api::Odd(odd)),
            Err(odd) => return Err(odd),
        }
        if listed.len() > MAX_REFERRERS || seen.len() > MAX_PAGES {
            return Err(too_many(&answer));
        }
        match next_page(exchange, &url, &answer)? {
            Some(next) => url = next,
            None => return Ok(Api::Listed(listed)),
        }
    }
    let place = request_place(&url);
    Err(RegistryError::new(RegistryErrorKind::Unreadable, place)
        .expected("pages of referrers that end")
        .found("a Link to a page that was read before")
        .fix("report it to the registry; its list of referrers goes round in a circle"))
}

/// The entries of one page; within, why it is none. The outer error is a bound that is exceeded.
fn page(answer: &Answer) -> Result<Result<Vec<Descriptor>, RegistryError>, RegistryError> {
    if answer.status == StatusCode::OK && answer.overflows {
        return Err(too_many(answer));
    }
    let expected = "200 OK with an OCI index, or 404 where there is no Referrers API";
    let is_index = answer.content_type() == media_type::OCI_INDEX;
    if answer.status != StatusCode::OK || !is_index {
        let found = match answer.status {
            StatusCode::OK => format!("200 OK with content of type {:?}", answer.content_type()),
            _ => answer.summary(),
        };
        return Ok(Err(answer.unreadable(expected).found(found)));
    }
    let index: Result<Index, _> = json::parse_as(&answer.body);
    Ok(match index {
        Ok(index) if index.manifests.len() > MAX_REFERRERS => return Err(too_many(answer)),
        Ok(index) => Ok(index.manifests),
        Err(error) => Err(answer.unreadable(expected).found(error.to_string())),
    })
}

fn next_page(
    exchange: &Exchange,
    from: &Url,
    answer: &Answer,
) -> Result<Option<Url>, RegistryError> {
    // Several headers of this name are one list (RFC 9110, 5.2).
    let headers = answer.headers.get_all(LINK).iter();
    let headers: Vec<_> = headers.map(|it| String::from_utf8_lossy(it.as_bytes())).collect();
    let headers = headers.join(", ");
    let Some(target) = link::next(&headers) else {
        return Ok(None);
    };
    let next = exchange.endpoint.follow(from, target);
    match next.filter(|it| exchange.endpoint.is_home(it)) {
        Some(next) => Ok(Some(next)),
        None => Err(answer
            .unreadable("a Link to the next page on the same host")
            .found("a Link that leads elsewhere")),
    }
}

/// What the fallback tag lists. Something else under it lists nothing and proves nothing: cosign's
/// own copying puts images there.
async fn from_tag(
    exchange: &Exchange,
    subject: &Digest,
    absence: Absence,
) -> Result<Referrers, RegistryError> {
    Ok(match fallback::list(exchange, subject).await? {
        Tagged::Listed(tagged) => Referrers { descriptors: united(Vec::new(), tagged), absence },
        Tagged::NoIndex(error) => {
            Referrers { descriptors: Vec::new(), absence: Absence::Undetermined(error) }
        }
    })
}

fn proven(descriptors: Vec<Descriptor>) -> Referrers {
    let absence = Absence::Proven;
    Referrers { descriptors, absence }
}

/// Both lists, each digest once.
fn united(mut listed: Vec<Descriptor>, more: Vec<Descriptor>) -> Vec<Descriptor> {
    for entry in more {
        if !lists(&listed, &entry) {
            listed.push(entry);
        }
    }
    listed
}

fn lists(listed: &[Descriptor], entry: &Descriptor) -> bool {
    listed.iter().any(|it| it.digest == entry.digest)
}

fn too_many(answer: &Answer) -> RegistryError {
    answer
        .error(RegistryErrorKind::Malformed)
        .expected(format!(
            "at most {MAX_REFERRERS} referrers, on pages of at most {PAGE_LIMIT} bytes"
        ))
        .found("more")
        .fix("remove referrers of this image that nobody needs")
}

fn request_place(url: &Url) -> String {
    super::place::place(&Method::GET, url)
}
