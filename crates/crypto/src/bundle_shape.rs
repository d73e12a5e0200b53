//! The outer form of a bundle: members, bounds, and what each version demands.

use boltseal_core::json::{self, JsonError};
use serde_json::{Map, Value};
use sigstore_types::bundle::{VerificationMaterial, VerificationMaterialContent};

use crate::{BundleError, BundleVersion};

/// A bundle or envelope that is larger is refused: SBOM statements are the largest, and stay
/// below this.
pub const MAX_BUNDLE_BYTES: usize = 64 * 1024 * 1024;
/// A bundle of more JSON values is refused: with all log entries and timestamps it has fewer than
/// 10,000, while 64 MiB could hold millions, each in ten times the memory.
const MAX_VALUES: usize = 100_000;
/// A bundle with more log entries is refused, as sigstore-go does.
pub const MAX_LOG_ENTRIES: usize = 32;
/// A bundle with more timestamps is refused, as sigstore-go does.
pub const MAX_TIMESTAMPS: usize = 32;

const CONTENTS: [&str; 2] = ["dsseEnvelope", "messageSignature"];
const MATERIALS: [&str; 3] = ["publicKey", "certificate", "x509CertificateChain"];

/// A bundle taken apart, its members not yet read.
pub(crate) struct Shape {
    pub(crate) version: BundleVersion,
    pub(crate) material: VerificationMaterial,
    /// The name and the value of the one content member.
    pub(crate) content: (String, Value),
}

impl Shape {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge { limit: MAX_BUNDLE_BYTES, found: bytes.len() });
        }
        let mut members = object(
            json::parse_within(bytes, MAX_VALUES).map_err(BundleError::Unreadable)?,
            "bundle",
        )?;
        let version = read_version(members.remove("mediaType").as_ref())?;
        let material = members.remove("verificationMaterial");
        let content = exactly_one(&mut members, &CONTENTS, "dsseEnvelope, messageSignature")?;
        refuse_others(&members)?;
        Ok(Self {
            version,
            material: read_material(material.unwrap_or_default(), version)?,
            content,
        })
    }
}

fn read_version(media_type: Option<&Value>) -> Result<BundleVersion, BundleError> {
    let text = media_type.and_then(Value::as_str);
    let text = text.unwrap_or_default();
    BundleVersion::of_media_type(text)
        .ok_or_else(|| BundleError::MediaType { found: text.chars().take(160).collect() })
}

fn read_material(
    value: Value,
    version: BundleVersion,
) -> Result<VerificationMaterial, BundleError> {
    let mut members = object(value, "verificationMaterial")?;
    let entries = list(members.get("tlogEntries"));
    bound("log entries", MAX_LOG_ENTRIES, entries)?;
    let stamps =
        members.get("timestampVerificationData").and_then(|data| data.get("rfc3161Timestamps"));
    bound("timestamps", MAX_TIMESTAMPS, list(stamps))?;

    let kept = ["tlogEntries", "timestampVerificationData"].map(|name| {
        let value = members.remove(name).filter(|value| !value.is_null());
        value.map(|value| (name.to_owned(), value))
    });
    let one =
        exactly_one(&mut members, &MATERIALS, "publicKey, certificate, x509CertificateChain")?;
    refuse_others(&members)?;
    let read: Map<_, _> = kept.into_iter().flatten().chain([one]).collect();
    let material: VerificationMaterial =
        serde_json::from_value(read.into()).map_err(|error| unreadable(error.to_string()))?;
    check_certificate(&material, version)?;
    check_entries(&material, version)?;
    check_duplicates(&material)?;
    Ok(material)
}

/// Bundles v0.3 carry the leaf alone; v0.1 and v0.2 a chain that begins with it.
fn check_certificate(
    material: &VerificationMaterial,
    version: BundleVersion,
) -> Result<(), BundleError> {
    let found = match &material.content {
        VerificationMaterialContent::X509CertificateChain { certificates } => {
            if certificates.is_empty() {
                "an empty chain"
            } else if version == BundleVersion::V03 {
                "x509CertificateChain"
            } else {
                return Ok(());
            }
        }
        _ => return Ok(()),
    };
    Err(BundleError::Certificate { version, found })
}

/// Every entry, not only one of them, carries what the version demands; an entry with neither
/// promise nor proof would otherwise pass for a logged one.
fn check_entries(
    material: &VerificationMaterial,
    version: BundleVersion,
) -> Result<(), BundleError> {
    let expected = match version {
        BundleVersion::V01 => "an inclusion promise",
        BundleVersion::V02 | BundleVersion::V03 => "an inclusion proof with a checkpoint",
    };
    for entry in &material.tlog_entries {
        let proof = entry.inclusion_proof.as_ref();
        let satisfied = match version {
            BundleVersion::V01 => entry.inclusion_promise.is_some(),
            _ => proof.is_some_and(|proof| !proof.checkpoint.is_empty()),
        };
        if !satisfied {
            return Err(BundleError::LogEntry { expected, version });
        }
    }
    Ok(())
}

fn check_duplicates(material: &VerificationMaterial) -> Result<(), BundleError> {
    let entries = &material.tlog_entries;
    let same_entry = |at: usize| {
        entries[..at].iter().any(|earlier| {
            earlier.log_id == entries[at].log_id && earlier.log_index == entries[at].log_index
        })
    };
    if (0..entries.len()).any(same_entry) {
        return Err(BundleError::Duplicate { what: "log entries" });
    }
    let stamps = &material.timestamp_verification_data.rfc3161_timestamps;
    if (0..stamps.len()).any(|at| stamps[..at].contains(&stamps[at])) {
        return Err(BundleError::Duplicate { what: "timestamps" });
    }
    Ok(())
}

/// Takes out the one member of `names` that is there. A null counts as absent, as protobuf says.
fn exactly_one(
    members: &mut Map<String, Value>,
    names: &[&str],
    expected: &'static str,
) -> Result<(String, Value), BundleError> {
    let mut found: Vec<_> = names
        .iter()
        .filter_map(|name| members.remove_entry(*name))
        .filter(|(_, value)| !value.is_null())
        .collect();
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (last, others) => {
            Err(BundleError::OneOf { expected, found: others + usize::from(last.is_some()) })
        }
    }
}

fn refuse_others(members: &Map<String, Value>) -> Result<(), BundleError> {
    match members.keys().next() {
        None => Ok(()),
        Some(member) => {
            Err(BundleError::UnknownMember { member: member.chars().take(80).collect() })
        }
    }
}

fn list(value: Option<&Value>) -> usize {
    value.and_then(Value::as_array).map_or(0, Vec::len)
}

fn bound(what: &'static str, limit: usize, found: usize) -> Result<(), BundleError> {
    if found > limit {
        return Err(BundleError::TooMany { what, limit, found });
    }
    Ok(())
}

fn object(value: Value, what: &str) -> Result<Map<String, Value>, BundleError> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(unreadable(format!("no object where the {what} should be"))),
    }
}

pub(crate) fn unreadable(message: String) -> BundleError {
    BundleError::Unreadable(JsonError { message })
}
