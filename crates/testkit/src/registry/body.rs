//! Answers on their way out.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::header::CONTENT_LENGTH;
use hyper::{Method, Response, StatusCode};

use super::answer::Answer;
use super::record::Entry;

/// The body of a response.
pub(super) type Outgoing = UnsyncBoxBody<Bytes, io::Error>;

/// How much of a body leaves, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Half,
    Stalled(Duration),
    Whole,
}

/// How long the first half of a body has to leave before the connection ends. The loopback needs
/// microseconds; hyper only has to be given the chance to flush.
const FLUSH: Duration = Duration::from_millis(20);

/// Makes an HTTP response of an answer, whose body bytes are counted in `entry`.
pub(super) fn respond(
    answer: Answer,
    method: &Method,
    delivery: Delivery,
    entry: Arc<Entry>,
) -> Response<Outgoing> {
    let length = answer.length();
    let bodiless = *method == Method::HEAD || answer.status == StatusCode::NO_CONTENT;
    let pieces = if bodiless { stream::empty().boxed() } else { pieces(&answer, delivery) };
    let counted = pieces.inspect_ok(move |piece| {
        let sent = piece.len() as u64;
        entry.bytes_out.fetch_add(sent, Ordering::Relaxed);
    });
    let body = StreamBody::new(counted.map_ok(Frame::data)).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    response.headers_mut().extend(answer.headers);
    if answer.status != StatusCode::NO_CONTENT {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

fn pieces(answer: &Answer, delivery: Delivery) -> BoxStream<'static, io::Result<Bytes>> {
    let range = answer.range.clone();
    let middle = range.start + answer.length() / 2;
    match delivery {
        Delivery::Whole => answer.content.stream(range),
        Delivery::Half => {
            let end = stream::once(async {
                tokio::time::sleep(FLUSH).await;
                Err(io::Error::other("cut short on purpose"))
            });
            let head = answer.content.stream(range.start..middle);
            head.chain(end).boxed()
        }
        Delivery::Stalled(wait) => {
            let gap = stream::once(async move {
                tokio::time::sleep(wait).await;
                Ok(Bytes::new())
            });
            let head = answer.content.stream(range.start..middle);
            let tail = answer.content.stream(middle..range.end);
            head.chain(gap).chain(tail).boxed()
        }
    }
}
