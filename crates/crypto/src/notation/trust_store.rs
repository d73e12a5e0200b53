//! Trust stores: named sets of certificates that somebody chose.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::certificate::Certificate;
use super::signed_attributes::cut;

/// More than anybody's store: what lies in one is read for every signature.
const MAX_CERTIFICATES: usize = 1000;

/// The kinds of trust stores (trust store and policy specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreKind {
    /// `ca`: for signatures by publishers.
    Ca,
    /// `signingAuthority`: for signatures by services such as AWS Signer.
    SigningAuthority,
    /// `tsa`: for timestamps.
    Tsa,
}

impl StoreKind {
    /// Its name, which is also the folder's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ca => "ca",
            Self::SigningAuthority => "signingAuthority",
            Self::Tsa => "tsa",
        }
    }
}

/// A trust store's name: `ca:acme`. The CLI keeps it as a folder `truststore/x509/ca/acme`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreName {
    kind: StoreKind,
    name: String,
}

impl StoreName {
    /// The kind of store.
    pub const fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The name alone: letters, digits, `_`, `.` and `-`, and never `.` or `..`, so that it may
    /// be a folder's.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.name)
    }
}

impl FromStr for StoreName {
    type Err = StoreNameError;

    fn from_str(text: &str) -> Result<Self, StoreNameError> {
        let refuse = || StoreNameError { found: cut(text) };
        let (kind, name) = text.split_once(':').ok_or_else(refuse)?;
        let kinds = [StoreKind::Ca, StoreKind::SigningAuthority, StoreKind::Tsa];
        let kind = kinds.into_iter().find(|it| it.name() == kind).ok_or_else(refuse)?;
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"_.-".contains(&letter);
        if name.is_empty() || name.len() > 255 || !name.bytes().all(allowed) {
            return Err(refuse());
        }
        if matches!(name, "." | "..") {
            return Err(refuse());
        }
        Ok(Self { kind, name: name.to_owned() })
    }
}

/// A name that is no trust store's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected ca:NAME, signingAuthority:NAME or tsa:NAME, the name of letters, digits, \"_\", \".\" \
     and \"-\", found {found:?}"
)]
pub struct StoreNameError {
    /// The name, cut at 160 characters.
    pub found: String,
}

/// The trust stores at hand. Their certificates are trusted because the caller says so.
#[derive(Clone, Debug, Default)]
pub struct TrustStores {
    stores: BTreeMap<StoreName, Vec<Certificate>>,
}

impl TrustStores {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds certificates to a store.
    ///
    /// # Errors
    /// As notation does, it refuses certificates that are neither a CA's nor self-signed, and for
    /// timestamps those that are not self-signed; also an empty list, and more than 1,000.
    pub fn add(
        &mut self,
        name: &StoreName,
        certificates: Vec<Certificate>,
    ) -> Result<(), TrustStoreError> {
        let refuse = |certificate: &Certificate| TrustStoreError::Unsuitable {
            store: name.clone(),
            subject: certificate.subject(),
        };
        if certificates.is_empty() {
            return Err(TrustStoreError::Empty { store: name.clone() });
        }
        if let Some(other) = certificates.iter().find(|it| !is_suitable(name.kind, it)) {
            return Err(refuse(other));
        }
        let store = self.stores.entry(name.clone()).or_default();
        store.extend(certificates);
        if store.len() > MAX_CERTIFICATES {
            return Err(TrustStoreError::TooMany { store: name.clone(), limit: MAX_CERTIFICATES });
        }
        Ok(())
    }

    pub(super) fn find(&self, name: &StoreName) -> Option<&[Certificate]> {
        self.stores.get(name).map(Vec::as_slice)
    }
}

fn is_suitable(kind: StoreKind, certificate: &Certificate) -> bool {
    let is_authority =
        matches!(certificate.basic_constraints(), Ok(Some((_, constraints))) if constraints.ca);
    match kind {
        StoreKind::Tsa => is_authority && certificate.is_self_signed(),
        StoreKind::Ca | StoreKind::SigningAuthority => is_authority || certificate.is_self_signed(),
    }
}

/// Certificates that do not belong in a trust store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustStoreError {
    /// No certificates.
    #[error("expected certificates for the trust store {store}, found none")]
    Empty {
        /// The store.
        store: StoreName,
    },
    /// Too many.
    #[error("expected at most {limit} certificates in the trust store {store}, found more")]
    TooMany {
        /// The store.
        store: StoreName,
        /// The bound.
        limit: usize,
    },
    /// A certificate of another kind.
    #[error(
        "expected certificates of CAs or self-signed ones in the trust store {store} (both, for \
         timestamps), found {subject:?}"
    )]
    Unsuitable {
        /// The store.
        store: StoreName,
        /// The certificate.
        subject: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_can_be_folders() {
        for text in ["ca:acme", "signingAuthority:aws-signer-ts", "tsa:a_B.9"] {
            assert_eq!(text.parse::<StoreName>().unwrap().to_string(), text);
        }
        for text in ["", "ca", "ca:", "CA:a", "x509:a", "ca:a/b", "ca:..", "ca:.", "ca:a:b", "ca:é"]
        {
            assert!(text.parse::<StoreName>().is_err(), "{text}");
        }
    }
}
