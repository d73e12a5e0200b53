//! JWS envelopes: flattened JSON with an `x5c` header (JWS envelope specification).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use boltseal_core::json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::envelope::{Envelope, Format};
use super::envelope_error::EnvelopeError;
use super::signed_attributes::{
    AUTHENTIC_SIGNING_TIME, EXPIRY, Header, SIGNING_SCHEME, SIGNING_TIME, cut,
};

pub(super) fn parse(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    let wire: Wire = json::parse_as(bytes)?;
    let protected = base64_url("protected", &wire.protected)?;
    let header = read_header(json::parse(&protected)?)?;
    let base64 = |text: &String| {
        let expected = "padded standard base64";
        STANDARD.decode(text).map_err(|_| EnvelopeError::Member { name: "header", expected })
    };
    Ok(Envelope {
        format: Format::Jws,
        algorithm: header.algorithm,
        signed: signing_input(&wire.protected, &wire.payload),
        signature: base64_url("signature", &wire.signature)?,
        chain: wire.header.x5c.iter().map(base64).collect::<Result<_, _>>()?,
        attributes: header.attributes()?,
        payload: base64_url("payload", &wire.payload)?,
        agent: wire.header.agent,
        timestamp: wire.header.timestamp.as_ref().map(base64).transpose()?,
    })
}

/// What is signed: the two texts as they stand, with a dot between them (RFC 7515, 5.1).
pub(super) fn signing_input(protected: &str, payload: &str) -> Vec<u8> {
    format!("{protected}.{payload}").into_bytes()
}

/// The text of a part that is signed.
pub(super) fn part(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(content)
}

/// The whole envelope. `signed` is what [`signing_input`] made.
///
/// # Panics
/// When `signed` is something else.
pub(super) fn write(signed: &[u8], signature: &[u8], chain: &[&[u8]], agent: &str) -> Vec<u8> {
    let signed = std::str::from_utf8(signed).expect("a signing input is base64url and a dot");
    let (protected, payload) = signed.split_once('.').expect("a signing input has a dot");
    let wire = Wire {
        payload: payload.to_owned(),
        protected: protected.to_owned(),
        header: Unprotected {
            timestamp: None,
            x5c: chain.iter().map(|certificate| STANDARD.encode(certificate)).collect(),
            agent: Some(agent.to_owned()),
        },
        signature: part(signature),
    };
    serde_json::to_vec(&wire).expect("strings always serialise")
}

fn base64_url(name: &'static str, text: &str) -> Result<Vec<u8>, EnvelopeError> {
    let expected = "base64url without padding";
    URL_SAFE_NO_PAD.decode(text).map_err(|_| EnvelopeError::Member { name, expected })
}

fn read_header(header: Value) -> Result<Header, EnvelopeError> {
    let Value::Object(mut members) = header else {
        return Err(EnvelopeError::Member { name: "protected", expected: "a JSON object" });
    };
    let name = text(&mut members, "alg")?;
    let algorithm =
        Algorithm::named(&name).ok_or_else(|| EnvelopeError::Algorithm { found: cut(&name) })?;
    Ok(Header {
        algorithm,
        content_type: text(&mut members, "cty")?,
        critical: critical(&mut members)?,
        scheme: text(&mut members, SIGNING_SCHEME)?,
        signing_time: time(&mut members, SIGNING_TIME)?,
        authentic_signing_time: time(&mut members, AUTHENTIC_SIGNING_TIME)?,
        expiry: time(&mut members, EXPIRY)?,
        extended: members
            .into_iter()
            .map(|(name, value)| (name, value.as_str().map(str::to_owned)))
            .collect(),
    })
}

fn text(members: &mut Map<String, Value>, name: &'static str) -> Result<String, EnvelopeError> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(EnvelopeError::Member { name, expected: "a text" }),
    }
}

fn critical(members: &mut Map<String, Value>) -> Result<Vec<String>, EnvelopeError> {
    let list = members.remove("crit").and_then(|list| serde_json::from_value(list).ok());
    list.ok_or(EnvelopeError::Member { name: "crit", expected: "a list of texts" })
}

fn time(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, EnvelopeError> {
    let Some(value) = members.remove(name) else { return Ok(None) };
    let read = |text: &str| {
        // RFC 3339 with its `T`; what jiff reads besides is not for envelopes.
        (text.as_bytes().get(10) == Some(&b'T')).then(|| text.parse().ok()).flatten()
    };
    let time = value.as_str().and_then(read);
    time.map(Some).ok_or(EnvelopeError::Member { name, expected: "a time as in RFC 3339" })
}

#[derive(Serialize, Deserialize)]
struct Wire {
    payload: String,
    protected: String,
    header: Unprotected,
    signature: String,
}

#[derive(Serialize, Deserialize)]
struct Unprotected {
    #[serde(
        rename = "io.cncf.notary.timestampSignature",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    timestamp: Option<String>,
    x5c: Vec<String>,
    #[serde(
        rename = "io.cncf.notary.signingAgent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    agent: Option<String>,
}
