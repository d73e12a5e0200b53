use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Annotations, Digest};

/// An in-toto `ResourceDescriptor`: something that was used or made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Digests by algorithm name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// The media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
}

impl Resource {
    /// A resource with a URI and a content digest.
    pub fn with_uri(uri: &str, digest: &Digest) -> Self {
        let entry = (digest.algorithm().name().to_owned(), digest.hex().to_owned());
        Self { uri: Some(uri.to_owned()), digest: BTreeMap::from([entry]), ..Self::default() }
    }
}
