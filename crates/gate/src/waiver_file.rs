//! The waiver file: TOML with `[[waiver]]` tables.

use std::ops::Range;

use boltseal_core::{Exit, Reason};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::shown::Shown;
use crate::{WaivedPackage, Waiver, Waivers};

/// The largest waiver file that is read: 1 MiB.
pub const MAX_WAIVER_BYTES: usize = 1 << 20;

const KEYS: [&str; 6] = ["id", "package", "version", "reason", "owner", "expires"];

impl Waivers {
    /// Reads a waiver file:
    ///
    /// ```
    /// let text = r#"
    /// [[waiver]]
    /// id = "CVE-2026-0001"
    /// package = "zlib1g"        # or "*"
    /// version = "1:1.3.1"       # optional
    /// reason = "minizip is not called"
    /// owner = "platform@example.com"
    /// expires = 2026-12-31      # the last day it applies, in UTC
    /// "#;
    /// let waivers = boltseal_gate::Waivers::parse("waivers.toml", text).unwrap();
    /// assert_eq!(waivers.entries.len(), 1);
    /// ```
    ///
    /// # Errors
    /// [`WaiverError`] with the line, for anything that is not exactly that: an unknown key, one
    /// that is missing or empty, an `id` of `*`, a waiver written twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, WaiverError> {
        let at = |(offset, problem): Found| WaiverError {
            file: file.to_owned(),
            line: line_of(text, offset),
            problem,
        };
        let entries = read(text).map_err(at)?;
        let entries = entries
            .into_iter()
            .map(|(offset, waiver)| Waiver { line: line_of(text, offset), ..waiver })
            .collect();
        Ok(Self { file: file.to_owned(), entries })
    }
}

/// A problem, and the byte it is at.
type Found = (usize, WaiverProblem);

fn read(text: &str) -> Result<Vec<(usize, Waiver)>, Found> {
    if text.len() > MAX_WAIVER_BYTES {
        let found = text.len();
        return Err((0, WaiverProblem::TooLarge { found }));
    }
    let document = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let found = error.message().to_owned();
        (offset, WaiverProblem::NotToml { found })
    })?;
    let mut waivers: Vec<(usize, Waiver)> = Vec::new();
    for (key, value) in document.get_ref() {
        if key.get_ref() != "waiver" {
            return Err(unknown_key(key.get_ref(), &key.span(), &["waiver"]));
        }
        let offset = value.span().start;
        let tables = value.get_ref().as_array();
        let tables = tables.ok_or((offset, WaiverProblem::NotTables))?;
        for table in tables {
            let waiver = waiver(table)?;
            if waivers.iter().any(|(_, known)| is_same(known, &waiver)) {
                return Err((table.span().start, WaiverProblem::Twice { id: waiver.id }));
            }
            waivers.push((table.span().start, waiver));
        }
    }
    Ok(waivers)
}

fn is_same(one: &Waiver, other: &Waiver) -> bool {
    one.id.eq_ignore_ascii_case(&other.id)
        && one.package == other.package
        && one.version == other.version
}

fn waiver(value: &Spanned<DeValue<'_>>) -> Result<Waiver, Found> {
    let start = value.span().start;
    let table = value.get_ref().as_table();
    let table = table.ok_or((start, WaiverProblem::NotTables))?;
    for key in table.keys() {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            return Err(unknown_key(key.get_ref(), &key.span(), &KEYS));
        }
    }
    let needed =
        |key: &'static str| text(table, key)?.ok_or((start, WaiverProblem::Missing { key }));
    let id = needed("id")?;
    if id == "*" {
        return Err((start, WaiverProblem::EveryId));
    }
    let package = match needed("package")? {
        name if name == "*" => WaivedPackage::Every,
        name => WaivedPackage::Named(name),
    };
    Ok(Waiver {
        id,
        package,
        version: text(table, "version")?,
        reason: needed("reason")?,
        owner: needed("owner")?,
        expires: expires(table, start)?,
        line: 0,
    })
}

/// The text `key`, which is not empty.
fn text(table: &DeTable<'_>, key: &'static str) -> Result<Option<String>, Found> {
    let Some(value) = table.get(key) else {
        return Ok(None);
    };
    let text = value.get_ref().as_str().map(str::trim);
    match text {
        Some(text) if !text.is_empty() && !text.contains(char::is_control) => {
            Ok(Some(text.to_owned()))
        }
        _ => {
            let expected = "a text on one line that is not empty";
            Err((value.span().start, WaiverProblem::Value { key, expected }))
        }
    }
}

/// A date of TOML, or the same in quotes.
fn expires(table: &DeTable<'_>, start: usize) -> Result<Date, Found> {
    let key = "expires";
    let value = table.get(key).ok_or((start, WaiverProblem::Missing { key }))?;
    let written = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => String::new(),
    };
    // Ten characters, so that no time of day and no other calendar format gets in.
    let date = Some(written).filter(|text| text.len() == 10);
    let date = date.and_then(|text| text.parse().ok());
    date.ok_or_else(|| {
        let expected = "a date such as 2026-12-31, the last day on which the waiver applies";
        (value.span().start, WaiverProblem::Value { key, expected })
    })
}

fn unknown_key(key: &str, span: &Range<usize>, known: &[&'static str]) -> Found {
    let distance = |known: &&'static str| strsim::damerau_levenshtein(key, known);
    let nearest = known.iter().copied().min_by_key(distance).unwrap_or_default();
    let key = key.to_owned();
    (span.start, WaiverProblem::UnknownKey { key, nearest })
}

/// The line of a byte, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

/// A waiver file that cannot be used, and the line. Its [`Reason`] ends a run with 20.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {problem}", Shown(.file))]
pub struct WaiverError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: WaiverProblem,
}

/// What is wrong with a waiver file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaiverProblem {
    /// A waiver for every vulnerability.
    #[error("expected the id of one vulnerability, found \"*\"")]
    EveryId,
    /// A key that must be there is not.
    #[error("expected the key {key}, found none")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// `waiver` is no list of tables.
    #[error("expected tables [[waiver]], found another value")]
    NotTables,
    /// Not TOML.
    #[error("expected TOML, found: {}", Shown(.found))]
    NotToml {
        /// What the parser says.
        found: String,
    },
    /// More bytes than are read.
    #[error("expected at most {MAX_WAIVER_BYTES} bytes, found {found}")]
    TooLarge {
        /// The size.
        found: usize,
    },
    /// The same waiver twice, so that it would be unclear which one applies.
    #[error("expected one waiver for this package and version, found {} twice", Shown(.id))]
    Twice {
        /// The vulnerability's id.
        id: String,
    },
    /// A key that means nothing.
    #[error("expected the key {nearest}, found {}", Shown(.key))]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest key that means something.
        nearest: &'static str,
    },
    /// A value of the wrong form.
    #[error("expected {expected} as {key}, found another value")]
    Value {
        /// The key.
        key: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

impl From<WaiverError> for Reason {
    fn from(error: WaiverError) -> Self {
        let message = error.problem.to_string();
        let stem = message.strip_prefix("expected ").unwrap_or(&message);
        let (expected, found) = stem.split_once(", found ").unwrap_or((stem, ""));
        let fix = match &error.problem {
            WaiverProblem::UnknownKey { nearest, .. } => {
                format!("write {nearest}, or remove the key")
            }
            WaiverProblem::Missing { key } => format!("add {key} = ... to the waiver"),
            _ => "correct this line of the waiver file".to_owned(),
        };
        Self::new(Exit::Invalid, "waivers-invalid")
            .expected(expected)
            .found(found)
            .place(format!("{}:{}", Shown(&error.file), error.line))
            .fix(fix)
    }
}
