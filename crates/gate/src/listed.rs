/// The packages that a report lists, found vulnerable or not: what the scanner saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The format lists only findings, or the scanner was asked for no more.
    NotListed,
    /// Everything the scanner saw; empty where it saw nothing.
    Packages(Vec<ListedPackage>),
}

/// A package that a scanner saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPackage {
    /// The purl type, such as `deb`; empty where the report does not tell the kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The version, or empty.
    pub version: String,
}

impl ListedPackage {
    /// A package with the purl `purl`; [`None`] for a text that is no purl.
    pub(crate) fn of_purl(purl: &str, name: &str, version: &str) -> Option<Self> {
        let (kind, _) = purl.strip_prefix("pkg:")?.split_once('/')?;
        Some(Self {
            kind: kind.to_ascii_lowercase(),
            name: name.to_owned(),
            version: version.to_owned(),
        })
    }
}
