//! COSE envelopes: a tagged `COSE_Sign1` with an `x5chain` header (COSE envelope specification).

use jiff::Timestamp;

use super::algorithm::Algorithm;
use super::cbor::{self, Item};
use super::envelope::{Envelope, Format};
use super::envelope_error::EnvelopeError;
use super::signed_attributes::{
    AUTHENTIC_SIGNING_TIME, EXPIRY, Header, SIGNING_SCHEME, SIGNING_TIME,
};

const COSE_SIGN1: u64 = 18;
const EPOCH_TIME: u64 = 1;
const ALG: Item<'_> = Item::Integer(1);
const CRIT: Item<'_> = Item::Integer(2);
const CONTENT_TYPE: Item<'_> = Item::Integer(3);
const X5CHAIN: Item<'_> = Item::Integer(33);
const AGENT: Item<'_> = Item::Text("io.cncf.notary.signingAgent");
const TIMESTAMP: Item<'_> = Item::Text("io.cncf.notary.timestampSignature");

pub(super) fn parse(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    let item = cbor::parse(bytes).map_err(|found| EnvelopeError::Cbor { found })?;
    let Some([protected, Item::Map(unprotected), payload, signature]) = sign1(&item) else {
        let found = "something other than tag 18 around four items, the second one a map";
        return Err(EnvelopeError::Cbor { found });
    };
    let raw_header = byte_string("protected header", Some(protected))?;
    let header = read_header(raw_header)?;
    let payload = byte_string("payload", Some(payload))?;
    let timestamp = find(unprotected, &TIMESTAMP).map(|it| byte_string("timestamp", Some(it)));
    Ok(Envelope {
        format: Format::Cose,
        algorithm: header.algorithm,
        signed: cbor::sig_structure(raw_header, payload),
        signature: byte_string("signature", Some(signature))?.to_vec(),
        chain: chain(find(unprotected, &X5CHAIN))?,
        attributes: header.attributes()?,
        payload: payload.to_vec(),
        agent: find(unprotected, &AGENT).and_then(as_text).map(str::to_owned),
        timestamp: timestamp.transpose()?.map(<[u8]>::to_vec),
    })
}

fn sign1<'a, 'b>(item: &'b Item<'a>) -> Option<&'b [Item<'a>; 4]> {
    let Item::Tag(COSE_SIGN1, content) = item else { return None };
    let Item::List(parts) = &**content else { return None };
    parts.as_slice().try_into().ok()
}

/// A list leaf first, or one certificate by itself (RFC 9360, 2).
fn chain(item: Option<&Item<'_>>) -> Result<Vec<Vec<u8>>, EnvelopeError> {
    match item {
        Some(Item::List(certificates)) => certificates
            .iter()
            .map(|certificate| byte_string("x5chain", Some(certificate)).map(<[u8]>::to_vec))
            .collect(),
        single => byte_string("x5chain", single).map(|certificate| vec![certificate.to_vec()]),
    }
}

type Entries<'a> = Vec<(Item<'a>, Item<'a>)>;

fn read_header(raw: &[u8]) -> Result<Header, EnvelopeError> {
    let Item::Map(mut entries) = cbor::parse(raw).map_err(|found| EnvelopeError::Cbor { found })?
    else {
        return Err(EnvelopeError::Member { name: "protected header", expected: "a map" });
    };
    Ok(Header {
        algorithm: algorithm(&mut entries)?,
        content_type: text(&mut entries, &CONTENT_TYPE, "content type")?,
        critical: critical(&mut entries)?,
        scheme: text(&mut entries, &Item::Text(SIGNING_SCHEME), SIGNING_SCHEME)?,
        signing_time: time(&mut entries, SIGNING_TIME)?,
        authentic_signing_time: time(&mut entries, AUTHENTIC_SIGNING_TIME)?,
        expiry: time(&mut entries, EXPIRY)?,
        extended: entries
            .iter()
            .filter_map(|(key, value)| Some((label(key)?, as_text(value).map(str::to_owned))))
            .collect(),
    })
}

fn algorithm(entries: &mut Entries<'_>) -> Result<Algorithm, EnvelopeError> {
    match take(entries, &ALG) {
        Some(Item::Integer(number)) => Algorithm::numbered(number)
            .ok_or_else(|| EnvelopeError::Algorithm { found: number.to_string() }),
        _ => Err(EnvelopeError::Member { name: "alg", expected: "a number" }),
    }
}

fn text(
    entries: &mut Entries<'_>,
    key: &Item<'_>,
    name: &'static str,
) -> Result<String, EnvelopeError> {
    let value = take(entries, key);
    let text = value.as_ref().and_then(as_text).map(str::to_owned);
    text.ok_or(EnvelopeError::Member { name, expected: "a text" })
}

fn critical(entries: &mut Entries<'_>) -> Result<Vec<String>, EnvelopeError> {
    let labels = match take(entries, &CRIT) {
        Some(Item::List(labels)) => labels.iter().map(label).collect(),
        _ => None,
    };
    labels.ok_or(EnvelopeError::Member { name: "crit", expected: "a list of labels" })
}

fn time(entries: &mut Entries<'_>, name: &'static str) -> Result<Option<Timestamp>, EnvelopeError> {
    let Some(value) = take(entries, &Item::Text(name)) else { return Ok(None) };
    let seconds = match value {
        Item::Tag(EPOCH_TIME, time) => match *time {
            Item::Integer(seconds) => i64::try_from(seconds).ok(),
            _ => None,
        },
        _ => None,
    };
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map(Some).ok_or(EnvelopeError::Member { name, expected: "tag 1 and whole seconds" })
}

fn take<'a>(entries: &mut Entries<'a>, key: &Item<'_>) -> Option<Item<'a>> {
    let position = entries.iter().position(|(other, _)| other == key)?;
    Some(entries.remove(position).1)
}

fn find<'a, 'b>(entries: &'b Entries<'a>, key: &Item<'_>) -> Option<&'b Item<'a>> {
    entries.iter().find(|(other, _)| other == key).map(|(_, value)| value)
}

fn label(item: &Item<'_>) -> Option<String> {
    match item {
        Item::Integer(number) => Some(number.to_string()),
        Item::Text(text) => Some((*text).to_owned()),
        _ => None,
    }
}

fn as_text<'a>(item: &Item<'a>) -> Option<&'a str> {
    if let Item::Text(text) = item { Some(text) } else { None }
}

fn byte_string<'a>(name: &'static str, item: Option<&Item<'a>>) -> Result<&'a [u8], EnvelopeError> {
    match item {
        Some(Item::Bytes(bytes)) => Ok(bytes),
        _ => Err(EnvelopeError::Member { name, expected: "a byte string" }),
    }
}
