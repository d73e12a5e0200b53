//! The Referrers API, and what is in its place elsewhere.

use boltseal_core::{Descriptor, Digest, media_type};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, LINK};
use serde_json::json;

use super::answer::{Answer, header};
use super::call::Call;
use super::options::{NotFoundBody, Odd, Referrers};
use super::page::Page;
use super::shared::{Shared, locked};

impl Shared {
    /// GET of the referrers of a digest.
    pub(super) fn referrers(&self, call: &Call, name: &str, subject: &Digest) -> Answer {
        match self.options.referrers {
            Referrers::Api => self.listed(call, name, subject),
            Referrers::None404 { body } => no_api(body),
            Referrers::None405 => Answer::empty(StatusCode::METHOD_NOT_ALLOWED),
            Referrers::None501 => Answer::empty(StatusCode::NOT_IMPLEMENTED),
            Referrers::Odd(odd) => odd_answer(odd),
        }
    }

    fn listed(&self, call: &Call, name: &str, subject: &Digest) -> Answer {
        let wanted = call.query.first("artifactType");
        let mut all = self.referrers_of(name, subject);
        if let Some(wanted) = wanted {
            all.retain(|it| it.artifact_type.as_deref() == Some(wanted));
        }
        let digest = |it: &Descriptor| it.digest.to_string();
        let page = Page::of(all, digest, call.query.first("last"), self.options.page_size);
        let filter: Vec<_> = wanted.into_iter().map(|it| ("artifactType", it.to_owned())).collect();
        let mut answer = index(&page.items);
        if let Some(link) = page.link(&format!("/v2/{name}/referrers/{subject}"), &filter) {
            answer = answer.with(LINK, link);
        }
        if wanted.is_some() {
            answer = answer.with(header::FILTERS_APPLIED, "artifactType");
        }
        answer
    }

    /// What refers to a digest, in the order of the digests.
    pub(super) fn referrers_of(&self, name: &str, subject: &Digest) -> Vec<Descriptor> {
        let repositories = locked(&self.repositories);
        let manifests = repositories.get(name).into_iter();
        let listings =
            manifests.flat_map(|it| it.manifests.values()).filter_map(|it| it.listing.as_ref());
        listings.filter(|it| it.subject == *subject).map(|it| it.descriptor.clone()).collect()
    }
}

fn index(manifests: &[Descriptor]) -> Answer {
    let document = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": manifests,
    });
    Answer::new(StatusCode::OK, Bytes::from(document.to_string()))
        .with(CONTENT_TYPE, media_type::OCI_INDEX)
}

fn no_api(body: NotFoundBody) -> Answer {
    let (kind, text) = match body {
        NotFoundBody::Empty => return Answer::empty(StatusCode::NOT_FOUND),
        NotFoundBody::Plain => ("text/plain; charset=utf-8", "404 page not found\n"),
        NotFoundBody::Xml => {
            ("application/xml", "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>")
        }
    };
    Answer::new(StatusCode::NOT_FOUND, Bytes::from(text)).with(CONTENT_TYPE, kind)
}

fn odd_answer(odd: Odd) -> Answer {
    match odd {
        Odd::BadRequest400 => Answer::bad_request("UNSUPPORTED", "the operation is unsupported"),
        Odd::Empty200 => Answer::empty(StatusCode::OK).with(CONTENT_TYPE, media_type::OCI_INDEX),
        Odd::Html200 => Answer::new(StatusCode::OK, Bytes::from("<html>Sign in</html>"))
            .with(CONTENT_TYPE, "text/html"),
        Odd::NotAcceptable406 => Answer::empty(StatusCode::NOT_ACCEPTABLE),
        Odd::WrongType200 => index(&[]).with(CONTENT_TYPE, "text/plain"),
    }
}
