//! Upload sessions: `/v2/NAME/blobs/uploads/`.

use std::io;
use std::sync::atomic::Ordering;

use boltseal_core::{Algorithm, Digest};
use bytes::BytesMut;
use hyper::StatusCode;
use hyper::header::{CONTENT_RANGE, LOCATION, RANGE};

use super::answer::{Answer, header};
use super::call::Call;
use super::content::Content;
use super::options::{Dialect, Locations, Mounts};
use super::received::Received;
use super::repository::Repository;
use super::shared::{Shared, locked};

impl Shared {
    /// POST: a mount, a whole blob at once, or a new session.
    pub(super) fn open_upload(&self, call: &Call, name: &str, body: Received) -> Answer {
        if let Some(answer) = self.mount(call, name) {
            return answer;
        }
        // ECR opens a session all the same.
        if call.query.first("digest").is_some() && self.options.dialect == Dialect::Spec {
            return self.finish_upload(call, name, Vec::new(), body);
        }
        let session = format!("session-{}", self.sessions.fetch_add(1, Ordering::Relaxed));
        let mut repositories = locked(&self.repositories);
        let repository = repositories.entry(name.to_owned()).or_default();
        repository.uploads.insert(session.clone(), Vec::new());
        self.progress(StatusCode::ACCEPTED, name, &session, 0)
    }

    /// PATCH: the next chunk.
    pub(super) fn patch_upload(
        &self,
        call: &Call,
        name: &str,
        session: &str,
        body: Received,
    ) -> Answer {
        let mut repositories = locked(&self.repositories);
        let Some(pieces) = session_of(repositories.get_mut(name), session) else {
            return unknown_session();
        };
        let at = length(pieces);
        match call.header(CONTENT_RANGE).map(chunk_range) {
            Some(None) => return Answer::bad_request("SIZE_INVALID", "Content-Range is malformed"),
            Some(Some((first, _))) if first != at => {
                return self.progress(StatusCode::RANGE_NOT_SATISFIABLE, name, session, at);
            }
            Some(Some((first, last))) if last + 1 - first != body.content.len() => {
                return Answer::bad_request("SIZE_INVALID", "Content-Range contradicts the body");
            }
            _ => {}
        }
        if self.options.dialect == Dialect::Ecr && !pieces.is_empty() {
            // aws/containers-roadmap#2831: said to be taken, and lost.
            return self.progress(StatusCode::CREATED, name, session, at);
        }
        let end = at + body.content.len();
        pieces.push(body);
        let status = match self.options.dialect {
            Dialect::Ecr => StatusCode::CREATED,
            Dialect::Spec => StatusCode::ACCEPTED,
        };
        self.progress(status, name, session, end)
    }

    /// PUT: the last bytes, or all of them, and the digest.
    pub(super) fn put_upload(
        &self,
        call: &Call,
        name: &str,
        session: &str,
        body: Received,
    ) -> Answer {
        let taken = {
            let mut repositories = locked(&self.repositories);
            let repository = repositories.get_mut(name);
            repository.and_then(|it| it.uploads.remove(session))
        };
        match taken {
            Some(pieces) => self.finish_upload(call, name, pieces, body),
            None => unknown_session(),
        }
    }

    /// GET: how far a session is.
    pub(super) fn upload_status(&self, name: &str, session: &str) -> Answer {
        let mut repositories = locked(&self.repositories);
        match session_of(repositories.get_mut(name), session) {
            Some(pieces) => {
                let at = length(pieces);
                self.progress(StatusCode::NO_CONTENT, name, session, at)
            }
            None => unknown_session(),
        }
    }

    /// DELETE: gives a session up.
    pub(super) fn cancel_upload(&self, name: &str, session: &str) -> Answer {
        let mut repositories = locked(&self.repositories);
        let repository = repositories.get_mut(name);
        match repository.and_then(|it| it.uploads.remove(session)) {
            Some(_) => Answer::empty(StatusCode::NO_CONTENT),
            None => unknown_session(),
        }
    }

    /// `None` where nothing is to be mounted, so that a session is opened.
    fn mount(&self, call: &Call, name: &str) -> Option<Answer> {
        let digest: Digest = call.query.first("mount")?.parse().ok()?;
        let from = call.query.first("from")?;
        if self.options.mounts == Mounts::Session202 || !self.may_pull(call, from) {
            return None;
        }
        let mut repositories = locked(&self.repositories);
        let content = repositories.get(from)?.blobs.get(&digest)?.clone();
        store(repositories.entry(name.to_owned()).or_default(), &digest, content);
        Some(created(name, &digest))
    }

    fn finish_upload(
        &self,
        call: &Call,
        name: &str,
        pieces: Vec<Received>,
        body: Received,
    ) -> Answer {
        let named = call.query.first("digest").map(str::parse::<Digest>);
        let Some(Ok(digest)) = named else {
            return Answer::bad_request("DIGEST_INVALID", "a digest is expected in the query");
        };
        let Ok((content, found)) = joined(pieces, body, digest.algorithm()) else {
            return Answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        if found != digest {
            let message = "provided digest did not match uploaded content";
            return Answer::bad_request("DIGEST_INVALID", message);
        }
        let mut repositories = locked(&self.repositories);
        store(repositories.entry(name.to_owned()).or_default(), &digest, content);
        created(name, &digest)
    }

    fn progress(&self, status: StatusCode, name: &str, session: &str, at: u64) -> Answer {
        let path = format!("/v2/{name}/blobs/uploads/{session}");
        let location = match self.options.locations {
            Locations::Absolute => format!("http://{}{path}", self.host),
            Locations::Relative => path,
            Locations::WithQuery => format!("{path}?_state=a%2Bb%3D"),
        };
        Answer::empty(status)
            .with(LOCATION, location)
            .with(RANGE, format!("0-{}", at.saturating_sub(1)))
            .with(header::UPLOAD_UUID, session)
    }
}

fn session_of<'a>(
    repository: Option<&'a mut Repository>,
    session: &str,
) -> Option<&'a mut Vec<Received>> {
    repository?.uploads.get_mut(session)
}

fn length(pieces: &[Received]) -> u64 {
    pieces.iter().map(|piece| piece.content.len()).sum()
}

fn store(repository: &mut Repository, digest: &Digest, content: Content) {
    repository.note_write(digest);
    repository.blobs.insert(digest.clone(), content);
}

fn created(name: &str, digest: &Digest) -> Answer {
    Answer::empty(StatusCode::CREATED)
        .with(LOCATION, format!("/v2/{name}/blobs/{digest}"))
        .with(header::CONTENT_DIGEST, digest.to_string())
}

fn unknown_session() -> Answer {
    Answer::not_found("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
}

/// All pieces as one, with its digest. A blob that came in one piece is not hashed again, so that
/// a client that sends PATCH and an empty PUT waits no longer than one that sends PUT alone.
fn joined(
    mut pieces: Vec<Received>,
    body: Received,
    algorithm: Algorithm,
) -> io::Result<(Content, Digest)> {
    if pieces.is_empty() || body.content.len() > 0 {
        pieces.push(body);
    }
    if let ([only], Algorithm::Sha256) = (pieces.as_slice(), algorithm) {
        return Ok((only.content.clone(), only.sha256.clone()));
    }
    let mut all = BytesMut::new();
    for piece in &pieces {
        all.extend_from_slice(&piece.content.bytes()?);
    }
    let content = Content::Memory(all.freeze());
    let digest = content.digest(algorithm)?;
    Ok((content, digest))
}

/// `FIRST-LAST`, both inclusive.
fn chunk_range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last < u64::MAX).then_some((first, last))
}
