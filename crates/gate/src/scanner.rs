use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Who scanned, as the report says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScannerFacts {
    /// The scanner's name.
    pub name: String,
    /// Its version, where the report says.
    pub version: Option<String>,
    /// Its database, where the report says.
    pub database: Option<DatabaseFacts>,
}

/// What a scanner knew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DatabaseFacts {
    /// Its name or URI, or empty.
    pub name: String,
    /// Its version or checksum, where the report says.
    pub version: Option<String>,
    /// When it was built or last updated, where the report says.
    #[serde(serialize_with = "time_or_null")]
    pub built: Option<Timestamp>,
}

/// Writes a time as RFC 3339 in UTC.
#[expect(clippy::ref_option, reason = "the signature that serialize_with wants")]
pub(crate) fn time_or_null<S: Serializer>(
    time: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}
