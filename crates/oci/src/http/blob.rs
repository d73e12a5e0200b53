//! Reads blobs (distribution-spec, "Pulling blobs").

use std::sync::Arc;
use std::time::Duration;

use boltseal_core::Descriptor;
use boltseal_ports::{BlobReader, RegistryError, RegistryErrorKind};
use bytes::Bytes;
use reqwest::StatusCode;

use super::answer::{self, Answer};
use super::download::{Download, contradiction, get};
use super::exchange::Exchange;
use super::failure::{Cause, Failure, Trouble};
use super::manifest::is_absence;
use super::patience::Series;
use super::transport::Reply;

/// The slowest line for which the time to fetch a blob is made longer, in bytes a second.
const SLOW_LINE: u64 = 256 * 1024;

/// A blob, whole and verified.
pub(super) async fn fetch(
    exchange: &Exchange,
    descriptor: &Descriptor,
    limit: u64,
) -> Result<Option<Bytes>, RegistryError> {
    let request = get(exchange, descriptor);
    if descriptor.size > limit {
        return Err(RegistryError::new(RegistryErrorKind::Malformed, request.place())
            .expected(format!("a blob of at most {limit} bytes"))
            .found(format!("a descriptor that promises {}", descriptor.size))
            .fix("nothing in it can be used; have the content made smaller"));
    }
    let time = Duration::from_secs(descriptor.size / SLOW_LINE);
    // All of it is read, also where a descriptor promises less: only the digest tells whether
    // the content was changed, or the descriptor was made up.
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let request = request.limit(limit).extra_time(time);
    let mut series = Series::call(&exchange.transport.patience, time);
    loop {
        let attempt = async { verified(&exchange.once(&request).await?, descriptor) };
        match series.attempt(&request.place(), attempt).await {
            Ok(blob) => return Ok(blob),
            Err(failure) => series.pause(failure).await?,
        }
    }
}

/// A blob as it arrives, not verified. A connection that breaks is taken up again.
pub(super) async fn open(
    exchange: &Arc<Exchange>,
    descriptor: &Descriptor,
) -> Result<Option<BlobReader>, RegistryError> {
    let request = get(exchange, descriptor);
    let mut series = Series::call(&exchange.transport.patience, Duration::ZERO);
    loop {
        let attempt = async { begun(exchange, exchange.open(&request).await?, descriptor).await };
        match series.attempt(&request.place(), attempt).await {
            Ok(reply) => return Ok(reply.map(|it| Download::start(exchange, descriptor, it))),
            Err(failure) => series.pause(failure).await?,
        }
    }
}

fn verified(answer: &Answer, descriptor: &Descriptor) -> Result<Option<Bytes>, Failure> {
    if is_absence(answer) {
        return Ok(None);
    }
    let expected = format!("the blob {}", descriptor.digest);
    if answer.status != StatusCode::OK {
        return Err(answer.unreadable(&expected).into());
    }
    let length = answer.body.len() as u64;
    let digest = descriptor.digest.of_same_kind(&answer.body);
    let is_it = digest == descriptor.digest && !answer.overflows;
    if is_it && length == descriptor.size {
        return Ok(Some(answer.body.clone()));
    }
    if is_it || answer.overflows {
        let found = if is_it { length.to_string() } else { format!("more than {length}") };
        return Err(answer
            .error(RegistryErrorKind::Malformed)
            .expected(format!("{} bytes, as its descriptor says", descriptor.size))
            .found(found)
            .fix("find out who pushed a manifest that says so; push it again with the right size")
            .into());
    }
    if answer.is_html() || length == 0 && descriptor.size > 0 {
        let found =
            format!("{} with {length} bytes of type {:?}", answer.status, answer.content_type());
        return Err(answer.unreadable(&expected).found(found).into());
    }
    // An answer that is whole by its own length is what is stored; any other may be cut off.
    if length < descriptor.size && answer.content_length() != Some(length) {
        let found = format!("{length} of {} bytes", descriptor.size);
        return Err(Trouble::new(Cause::Server, &answer.place, found).into());
    }
    let found = format!("{length} bytes with digest {digest}");
    Err(contradiction(&answer.place, descriptor, found).into())
}

/// An answer that begins with the blob's first byte; `None` where there is no such blob.
async fn begun(
    exchange: &Exchange,
    mut reply: Reply,
    descriptor: &Descriptor,
) -> Result<Option<Reply>, Failure> {
    let promised = answer::content_length(reply.headers());
    let fits = promised.is_none_or(|it| it == descriptor.size);
    if reply.status() == StatusCode::OK && fits {
        reply.release();
        return Ok(Some(reply));
    }
    if reply.status() == StatusCode::OK && !answer::is_html(reply.headers()) {
        let found = format!("{} bytes", promised.unwrap_or_default());
        return Err(contradiction(&reply.place, descriptor, found).into());
    }
    let answer = exchange.read(reply, 0).await?;
    if is_absence(&answer) {
        return Ok(None);
    }
    let expected = format!("the blob {}", descriptor.digest);
    Err(answer.unreadable(&expected).into())
}
