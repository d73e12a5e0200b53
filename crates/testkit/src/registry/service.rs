//! One request, from arrival to answer.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, StatusCode};

use super::answer::{Answer, header};
use super::body::{Delivery, Outgoing, respond};
use super::call::Call;
use super::fault::What;
use super::halt::Pass;
use super::options::Repositories;
use super::received::Received;
use super::record::Entry;
use super::route::Route;
use super::shared::{Shared, locked};
use super::tag::unknown_name;

/// Which of the two listeners a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Registry,
    Storage,
}

/// A request with what the server notes about it.
struct Arrival {
    call: Call,
    door: Door,
    entry: Arc<Entry>,
}

impl Arrival {
    /// The storage is opened by the signature in the query, the token endpoint by its own rules.
    fn needs_login(&self) -> bool {
        self.door == Door::Registry && !matches!(self.call.route, Ok(Route::Token))
    }
}

/// The connection is to be cut instead of an answer.
#[derive(Debug)]
pub(super) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Dropped {}

impl Shared {
    /// Serves one request.
    pub(super) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        door: Door,
    ) -> Result<Response<Outgoing>, Dropped> {
        let (parts, body) = request.into_parts();
        let arrival = Arrival { call: Call::new(&parts), door, entry: self.log.open(&parts) };
        let fault = self.strike(&parts, &arrival.entry);
        let answer = self.answer(&arrival, body, fault.as_ref()).await?;
        let (answer, delivery) = spoiled(answer, fault.as_ref()).await?;
        arrival.entry.set_status(answer.status.as_u16());
        Ok(respond(answer, &parts.method, delivery, arrival.entry))
    }

    fn strike(&self, parts: &Parts, entry: &Entry) -> Option<What> {
        let path_and_query = parts.uri.path_and_query();
        let target = path_and_query.map(PathAndQuery::as_str).unwrap_or_default();
        locked(&self.faults).strike(&parts.method, target, entry.is_write())
    }

    async fn answer(
        &self,
        arrival: &Arrival,
        body: Incoming,
        fault: Option<&What>,
    ) -> Result<Answer, Dropped> {
        if matches!(fault, Some(What::Reset)) || locked(&self.halt).is_stopped() {
            return Err(Dropped);
        }
        if let Some(latency) = self.options.latency {
            tokio::time::sleep(latency).await;
        }
        let blob_dir = self.options.blob_dir.as_deref();
        let received = Received::read(body, blob_dir, &arrival.entry.bytes_in).await;
        let received = received.map_err(|_| Dropped)?;
        if let Some(instead) = fault.and_then(What::instead) {
            return Ok(instead);
        }
        if arrival.needs_login()
            && let Err(refusal) = self.admit(&arrival.call)
        {
            return Ok(refusal);
        }
        self.act(arrival, received)
    }

    /// Does what is asked; writes one at a time, and only while the server is not stopped.
    fn act(&self, arrival: &Arrival, body: Received) -> Result<Answer, Dropped> {
        let mut halt = locked(&self.halt);
        if !arrival.entry.is_write() {
            let stopped = halt.is_stopped();
            drop(halt);
            let answer = (!stopped).then(|| self.route(arrival, body));
            return answer.ok_or(Dropped);
        }
        let pass = halt.pass();
        let answer = (pass != Pass::No).then(|| self.route(arrival, body));
        halt.settle();
        answer.filter(|_| pass == Pass::Go).ok_or(Dropped)
    }

    fn route(&self, arrival: &Arrival, body: Received) -> Answer {
        let call = &arrival.call;
        let route = match &call.route {
            Ok(route) => route,
            Err(astray) => return (*astray).into(),
        };
        let is_storage = matches!(route, Route::Signed(..));
        if is_storage != (arrival.door == Door::Storage) {
            return Answer::empty(StatusCode::NOT_FOUND);
        }
        if let (Some(name), Repositories::Listed(known)) =
            (route.repository(), &self.options.repositories)
            && !known.iter().any(|it| it == name)
        {
            return unknown_name();
        }
        if matches!(call.method, Method::GET | Method::HEAD) {
            self.read(call, route, &body)
        } else {
            self.write(call, route, body)
        }
    }

    fn read(&self, call: &Call, route: &Route, body: &Received) -> Answer {
        match route {
            Route::Base => Answer::new(StatusCode::OK, bytes::Bytes::from("{}"))
                .with(hyper::header::CONTENT_TYPE, "application/json")
                .with(header::API_VERSION, "registry/2.0"),
            Route::Blob(name, digest) => self.blob(call, name, digest),
            Route::Manifest(name, picked) => self.manifest(call, name, picked),
            Route::Referrers(name, subject) => self.referrers(call, name, subject),
            Route::Signed(name, digest) => self.signed_blob(call, name, digest),
            Route::Tags(name) => self.tag_list(call, name),
            Route::Token => self.token(call, body),
            Route::Upload(name, session) => self.upload_status(name, session),
            Route::Uploads(_) => unsupported(),
        }
    }

    fn write(&self, call: &Call, route: &Route, body: Received) -> Answer {
        match (call.method.as_str(), route) {
            ("POST", Route::Token) => self.token(call, &body),
            ("POST", Route::Uploads(name)) => self.open_upload(call, name, body),
            ("PATCH", Route::Upload(name, session)) => self.patch_upload(call, name, session, body),
            ("PUT", Route::Upload(name, session)) => self.put_upload(call, name, session, body),
            ("DELETE", Route::Upload(name, session)) => self.cancel_upload(name, session),
            ("DELETE", Route::Blob(name, digest)) => self.delete_blob(name, digest),
            ("PUT", Route::Manifest(name, picked)) => self.put_manifest(call, name, picked, &body),
            ("DELETE", Route::Manifest(name, picked)) => self.delete_manifest(name, picked),
            _ => unsupported(),
        }
    }
}

fn unsupported() -> Answer {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    Answer::error(status, "UNSUPPORTED", "the operation is unsupported")
}

/// The answer as the fault leaves it.
async fn spoiled(mut answer: Answer, fault: Option<&What>) -> Result<(Answer, Delivery), Dropped> {
    match fault {
        Some(What::ResetAfterStore) => Err(Dropped),
        Some(What::Truncate) if answer.length() == 0 => Err(Dropped),
        Some(What::Truncate) => Ok((answer, Delivery::Half)),
        Some(What::Stall(wait)) => Ok((answer, Delivery::Stalled(*wait))),
        Some(What::Slow(wait)) => {
            tokio::time::sleep(*wait).await;
            Ok((answer, Delivery::Whole))
        }
        Some(What::Tamper(change)) => {
            let sent = answer.content.slice(answer.range.clone());
            let changed = change(sent.map_err(|_| Dropped)?);
            answer.range = 0..changed.len() as u64;
            answer.content = changed.into();
            Ok((answer, Delivery::Whole))
        }
        _ => Ok((answer, Delivery::Whole)),
    }
}
