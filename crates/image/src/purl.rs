//! Package URLs (ECMA-427, <https://github.com/package-url/purl-spec>).

use std::collections::BTreeMap;
use std::fmt;

use boltseal_core::{Ecosystem, OsRelease};

use crate::record::Installed;

/// A package URL. Everything but unreserved characters is percent-encoded.
pub(crate) struct Purl {
    kind: &'static str,
    /// Parts parted by `/`, or empty.
    namespace: String,
    name: String,
    version: String,
    qualifiers: BTreeMap<&'static str, String>,
}

impl Purl {
    pub(crate) fn new(kind: &'static str, name: &str, version: &str) -> Self {
        Self {
            kind,
            namespace: String::new(),
            name: name.to_owned(),
            version: version.to_owned(),
            qualifiers: BTreeMap::new(),
        }
    }

    /// The URL of a package in an image whose operating system is `os`.
    pub(crate) fn of(package: &Installed, os: Option<&OsRelease>) -> Self {
        let kind = package.ecosystem.purl_type();
        match package.ecosystem {
            Ecosystem::Apk => Self::of_distribution(package, "alpine", os),
            Ecosystem::Deb => Self::of_distribution(package, "debian", os),
            Ecosystem::Golang => {
                let path = package.name.to_lowercase();
                // What Go says of a module that was built from a working tree.
                let version = Some(&*package.version).filter(|it| *it != "(devel)");
                Self::new(kind, "", version.unwrap_or_default()).with_path(&path)
            }
            Ecosystem::Npm => Self::new(kind, "", &package.version).with_path(&package.name),
            Ecosystem::Pypi => Self::new(kind, &normal_python(&package.name), &package.version),
            _ => Self::new(kind, &package.name, &package.version),
        }
    }

    /// A package of an operating system, which is `family` unless the image says otherwise.
    fn of_distribution(package: &Installed, family: &str, os: Option<&OsRelease>) -> Self {
        let (epoch, version) = match package.version.split_once(':') {
            Some((epoch, version)) if package.ecosystem == Ecosystem::Deb => (epoch, version),
            _ => ("", &*package.version),
        };
        let kind = package.ecosystem.purl_type();
        let mut purl = Self::new(kind, &package.name.to_lowercase(), version);
        purl.namespace = os.map_or(family, |os| &os.id).to_lowercase();
        purl.with("arch", package.architecture.as_deref().unwrap_or_default())
            .with("distro", &os.map(distribution).unwrap_or_default())
            .with("epoch", epoch)
            .with("upstream", &upstream(package).unwrap_or_default())
    }

    /// Adds a qualifier; an empty one is none.
    #[must_use]
    pub(crate) fn with(mut self, key: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.qualifiers.insert(key, value.to_owned());
        }
        self
    }

    /// Takes the last part of `path` as the name and those before it as the namespace.
    fn with_path(mut self, path: &str) -> Self {
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        namespace.clone_into(&mut self.namespace);
        name.clone_into(&mut self.name);
        self
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.kind)?;
        for part in self.namespace.split('/').filter(|part| !part.is_empty()) {
            write!(f, "/{}", Encoded(part))?;
        }
        write!(f, "/{}", Encoded(&self.name))?;
        if !self.version.is_empty() {
            write!(f, "@{}", Encoded(&self.version))?;
        }
        for (at, (key, value)) in self.qualifiers.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            write!(f, "{mark}{key}={}", Encoded(value))?;
        }
        Ok(())
    }
}

/// `debian-12`, or `arch` where there are no versions.
fn distribution(os: &OsRelease) -> String {
    if os.version_id.is_empty() { os.id.clone() } else { format!("{}-{}", os.id, os.version_id) }
}

/// The source package, where it is another one: advisories of distributions name source packages.
fn upstream(package: &Installed) -> Option<String> {
    let (source, version) = package.source.as_ref()?;
    if *version == package.version {
        (*source != package.name).then(|| source.clone())
    } else {
        Some(format!("{source}@{version}"))
    }
}

/// The normal form of a Python project's name (PEP 503).
fn normal_python(name: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// Text with every byte percent-encoded that RFC 3986 does not call unreserved.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debian() -> OsRelease {
        OsRelease { id: "debian".into(), version_id: "12".into(), pretty_name: String::new() }
    }

    fn purl(ecosystem: Ecosystem, name: &str, version: &str) -> String {
        let package = Installed::new(ecosystem, name, version);
        Purl::of(&package, Some(&debian())).to_string()
    }

    #[test]
    fn debian_has_arch_distro_epoch_and_source() {
        let mut login = Installed::new(Ecosystem::Deb, "login", "1:4.13+dfsg1-1+b1");
        login.architecture = Some("amd64".into());
        login.source = Some(("shadow".into(), "1:4.13+dfsg1-1".into()));
        assert_eq!(
            Purl::of(&login, Some(&debian())).to_string(),
            "pkg:deb/debian/login@4.13%2Bdfsg1-1%2Bb1?arch=amd64&distro=debian-12&epoch=1\
             &upstream=shadow%401%3A4.13%2Bdfsg1-1"
        );
        login.source = Some(("login".into(), login.version.clone()));
        assert_eq!(
            Purl::of(&login, None).to_string(),
            "pkg:deb/debian/login@4.13%2Bdfsg1-1%2Bb1?arch=amd64&epoch=1"
        );
    }

    #[test]
    fn each_ecosystem_follows_its_own_rules() {
        for (ecosystem, name, version, expected) in [
            (Ecosystem::Npm, "@angular/core", "1.0.0", "pkg:npm/%40angular/core@1.0.0"),
            (Ecosystem::Npm, "JSONStream", "1.0.0", "pkg:npm/JSONStream@1.0.0"),
            (Ecosystem::Pypi, "Zope._interface", "5", "pkg:pypi/zope-interface@5"),
            (Ecosystem::Cargo, "serde_json", "1.0.0+a", "pkg:cargo/serde_json@1.0.0%2Ba"),
            (
                Ecosystem::Golang,
                "github.com/Masterminds/semver",
                "v1.5.0+incompatible",
                "pkg:golang/github.com/masterminds/semver@v1.5.0%2Bincompatible",
            ),
            (Ecosystem::Golang, "example.com/app", "(devel)", "pkg:golang/example.com/app"),
            (Ecosystem::Golang, "stdlib", "1.22.3", "pkg:golang/stdlib@1.22.3"),
        ] {
            assert_eq!(purl(ecosystem, name, version), expected);
        }
    }
}
