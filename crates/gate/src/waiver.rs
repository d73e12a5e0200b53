use boltseal_core::Finding;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A decision of somebody to live with one vulnerability until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The vulnerability's id, as the report spells it (letters of any case).
    pub id: String,
    /// The package.
    pub package: WaivedPackage,
    /// The only version it is about; [`None`] for every version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, in UTC, on which it applies.
    #[serde(serialize_with = "date")]
    pub expires: Date,
    /// The line of the file that it begins in.
    #[serde(skip)]
    pub line: usize,
}

/// Which package a waiver is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaivedPackage {
    /// Every package, and findings that name none; written `*`.
    Every,
    /// The package with this name.
    Named(String),
}

impl WaivedPackage {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Every => "*",
            Self::Named(name) => name,
        }
    }
}

impl Serialize for WaivedPackage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Waiver {
    /// Whether the waiver is over at `now`: the day after `expires` has begun in UTC.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() > self.expires
    }

    /// Whether this is about the `package` in `version` of the vulnerability `id`.
    fn covers(&self, id: &str, package: &str, version: &str) -> bool {
        let is_package = match &self.package {
            WaivedPackage::Every => true,
            WaivedPackage::Named(name) => name == package,
        };
        let is_version = self.version.as_ref().is_none_or(|it| it == version);
        self.id.eq_ignore_ascii_case(id) && is_package && is_version
    }
}

/// The waivers of a run, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waivers {
    /// The file, as it was named; empty where there is none.
    pub file: String,
    /// The waivers.
    pub entries: Vec<Waiver>,
}

impl Waivers {
    /// No waivers.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the waivers do to `finding` at `now`. A finding about several packages (their names
    /// and versions joined by `", "`) is waived only when each of them is.
    pub(crate) fn apply(&self, finding: &Finding, now: Timestamp) -> Applied {
        let mut applied = Applied::default();
        let mut everything = true;
        let versions: Vec<&str> = finding.version.split(", ").collect();
        let packages: Vec<&str> = finding.package.split(", ").collect();
        for (index, package) in packages.iter().enumerate() {
            let version = if versions.len() == packages.len() {
                versions[index]
            } else {
                finding.version.as_str()
            };
            let covers = |waiver: &Waiver| waiver.covers(&finding.id, package, version);
            let (expired, valid) = (0..self.entries.len())
                .filter(|index| covers(&self.entries[*index]))
                .partition::<Vec<_>, _>(|index| self.entries[*index].is_expired(now));
            everything &= !valid.is_empty();
            applied.valid.extend(valid);
            applied.expired.extend(expired);
        }
        applied.waived = everything;
        applied
    }
}

/// What the waivers do to a finding: indices into [`Waivers::entries`].
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Whether the finding does not count.
    pub(crate) waived: bool,
    /// The waivers that are about it and apply.
    pub(crate) valid: Vec<usize>,
    /// Those that would, had they not expired.
    pub(crate) expired: Vec<usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serialize_with wants")]
fn date<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use boltseal_core::Severity;
    use jiff::civil::date;

    fn waiver(package: &str, version: Option<&str>) -> Waiver {
        Waiver {
            id: "CVE-2026-1".to_owned(),
            package: match package {
                "*" => WaivedPackage::Every,
                name => WaivedPackage::Named(name.to_owned()),
            },
            version: version.map(ToOwned::to_owned),
            reason: "not reachable".to_owned(),
            owner: "team@example.com".to_owned(),
            expires: date(2026, 3, 31),
            line: 1,
        }
    }

    fn finding(package: &str, version: &str) -> Finding {
        Finding {
            id: "cve-2026-1".to_owned(),
            package: package.to_owned(),
            version: version.to_owned(),
            place: String::new(),
            severity: Severity::High,
            fixed_in: None,
        }
    }

    fn is_waived(entries: Vec<Waiver>, finding: &Finding, now: &str) -> bool {
        let waivers = Waivers { file: "w.toml".to_owned(), entries };
        waivers.apply(finding, now.parse().unwrap()).waived
    }

    #[test]
    fn applies_through_its_last_day_in_utc() {
        let is = |now| is_waived(vec![waiver("zlib", None)], &finding("zlib", "1"), now);
        assert!(is("2026-03-31T23:59:59Z"));
        assert!(!is("2026-04-01T00:00:00Z"));
    }

    #[test]
    fn needs_the_id_the_package_and_the_version() {
        let now = "2026-01-01T00:00:00Z";
        let one =
            |waiver, package, version| is_waived(vec![waiver], &finding(package, version), now);
        assert!(one(waiver("zlib", Some("1")), "zlib", "1"));
        assert!(!one(waiver("zlib", Some("1")), "zlib", "2"));
        assert!(!one(waiver("zlib", None), "zlib1g", "1"));
        assert!(!one(waiver("zlib", None), "", ""));
        assert!(one(waiver("*", None), "", ""));
        let mut other = waiver("*", None);
        other.id.push('2');
        assert!(!one(other, "zlib", "1"));
    }

    #[test]
    fn a_finding_about_two_packages_needs_both_waived() {
        let now = "2026-01-01T00:00:00Z";
        let both = finding("libcrypto3, libssl3", "3.1, 3.2");
        let ssl = || waiver("libssl3", Some("3.2"));
        assert!(!is_waived(vec![ssl()], &both, now));
        assert!(is_waived(vec![ssl(), waiver("libcrypto3", None)], &both, now));
        let same = finding("libcrypto3, libssl3", "3.2");
        assert!(is_waived(vec![ssl(), waiver("libcrypto3", Some("3.2"))], &same, now));
    }
}
