//! Annotations: ordered, so that what is written is the same bytes every time.

use std::collections::BTreeMap;

/// The annotations of a manifest, a descriptor or a subject.
pub type Annotations = BTreeMap<String, String>;
