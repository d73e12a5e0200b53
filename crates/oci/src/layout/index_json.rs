//! `index.json`: the entry point of an image layout (image-spec, `image-layout.md`).
//!
//! The document may hold entries and members that boltseal knows nothing of. They are kept as
//! they are, so it is worked on as JSON, beside a checked view of every entry.

use boltseal_core::{Descriptor, Tag, json, media_type};
use boltseal_ports::RegistryError;
use serde_json::{Map, Value, json};

use super::files::{self, Files};
use super::trouble;

/// The file's name.
pub(crate) const INDEX_JSON: &str = "index.json";
/// The annotation that gives an entry its name.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The annotation in which Docker and containerd keep the full name.
const FULL_NAME: &str = "io.containerd.image.name";
/// The largest `index.json`, in bytes. It bounds the number of entries too.
const LIMIT: u64 = 4 * 1024 * 1024;

/// The document.
#[derive(Clone, Debug)]
pub(crate) struct IndexJson {
    document: Map<String, Value>,
    entries: Vec<Entry>,
}

/// One of its entries.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    value: Map<String, Value>,
    descriptor: Descriptor,
}

impl IndexJson {
    /// Reads the document. A layout without one, or with one that is broken, is a contradiction.
    pub(crate) fn read(files: &dyn Files) -> Result<Self, RegistryError> {
        let place = files.place(INDEX_JSON);
        let refuse = |found: String| trouble::contradiction(&place, "an OCI image index", found);
        let bytes = files::read(files, INDEX_JSON, LIMIT)?;
        let bytes = bytes.ok_or_else(|| refuse("no file".to_owned()))?;
        Self::parse(&bytes).map_err(refuse)
    }

    /// A document without entries.
    pub(crate) fn empty() -> Self {
        let Value::Object(document) =
            json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX})
        else {
            unreachable!("an object literal is an object")
        };
        Self { document, entries: Vec::new() }
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value = json::parse(bytes).map_err(|error| error.to_string())?;
        let Value::Object(mut document) = value else {
            return Err("JSON that is no object".to_owned());
        };
        if document.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
            return Err(format!("schemaVersion {:?}", document.get("schemaVersion")));
        }
        // Go writes an empty list as null.
        let entries = match document.remove("manifests") {
            Some(Value::Array(entries)) => entries,
            Some(Value::Null) => Vec::new(),
            _ => return Err("no list \"manifests\"".to_owned()),
        };
        let entries = entries.into_iter().enumerate();
        let entries = entries.map(|(at, entry)| Entry::parse(at, entry));
        Ok(Self { document, entries: entries.collect::<Result<_, _>>()? })
    }

    /// The document's bytes: compact JSON.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let entries = self.entries.iter().map(|it| Value::Object(it.value.clone()));
        let mut document = self.document.clone();
        document.insert("manifests".to_owned(), entries.collect());
        serde_json::to_vec(&document).expect("a JSON value always serialises")
    }

    /// What the entries say, in their order.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        self.entries.iter().map(|entry| &entry.descriptor)
    }

    /// The descriptors whose name is `tag`: by the layout's own name, else by the full name that
    /// Docker keeps, of which `docker.io/library/` may be left out.
    pub(crate) fn named(&self, tag: &Tag) -> Vec<&Descriptor> {
        let by_name: Vec<_> =
            self.descriptors().filter(|it| name_of(it) == Some(tag.as_str())).collect();
        if !by_name.is_empty() {
            return by_name;
        }
        self.descriptors().filter(|it| is_full_name(it, tag.as_str())).collect()
    }

    /// Makes sure that `descriptor`'s digest is listed, without giving it a name.
    pub(crate) fn list(&mut self, descriptor: &Descriptor) {
        if !self.descriptors().any(|it| it.digest == descriptor.digest) {
            self.entries.push(Entry::new(descriptor, None));
        }
    }

    /// Gives `descriptor` the name `tag` and takes it from every other entry. What loses its only
    /// name stays listed, so that its content is kept; except under the reserved names, whose old
    /// targets are no images. A digest that has a name has no nameless entry.
    pub(crate) fn name(&mut self, tag: &Tag, descriptor: &Descriptor) {
        self.take_name(tag, descriptor);
        let is_ours = |entry: &Entry| entry.descriptor.digest == descriptor.digest;
        let named = |entry: &Entry| entry.name() == Some(tag.as_str());
        if !self.entries.iter().any(|it| is_ours(it) && named(it)) {
            let nameless = self.entries.iter_mut();
            let nameless = nameless.into_iter().find(|it| is_ours(it) && it.name().is_none());
            match nameless {
                Some(entry) => entry.set_name(Some(tag)),
                None => self.entries.push(Entry::new(descriptor, Some(tag))),
            }
        }
        self.entries.retain(|it| !is_ours(it) || it.name().is_some());
    }

    fn take_name(&mut self, tag: &Tag, from_all_but: &Descriptor) {
        let loses = |entry: &Entry| {
            entry.name() == Some(tag.as_str()) && entry.descriptor.digest != from_all_but.digest
        };
        let (nameless, kept): (Vec<_>, Vec<_>) = self.entries.drain(..).partition(loses);
        self.entries = kept;
        for mut entry in nameless {
            let known = self.descriptors().any(|it| it.digest == entry.descriptor.digest);
            if !known && !tag.is_reserved() {
                entry.set_name(None);
                self.entries.push(entry);
            }
        }
    }
}

impl Entry {
    /// An entry with the annotations that a manifest claims for itself, but none of its names: a
    /// piece of evidence must not be able to take a tag.
    fn new(descriptor: &Descriptor, name: Option<&Tag>) -> Self {
        let mut descriptor = descriptor.clone();
        descriptor.annotations.remove(FULL_NAME);
        let Ok(Value::Object(value)) = serde_json::to_value(&descriptor) else {
            unreachable!("a descriptor serialises as an object")
        };
        let mut entry = Self { value, descriptor };
        entry.set_name(name);
        entry
    }

    fn parse(at: usize, value: Value) -> Result<Self, String> {
        let descriptor: Descriptor = serde_json::from_value(value.clone())
            .map_err(|error| format!("entry {at}: {error}"))?;
        match value {
            Value::Object(value) => Ok(Self { value, descriptor }),
            _ => Err(format!("entry {at}: no object")),
        }
    }

    fn name(&self) -> Option<&str> {
        name_of(&self.descriptor)
    }

    fn set_name(&mut self, name: Option<&Tag>) {
        let annotations = &mut self.descriptor.annotations;
        match name {
            Some(tag) => annotations.insert(REF_NAME.to_owned(), tag.to_string()),
            None => annotations.remove(REF_NAME),
        };
        if annotations.is_empty() {
            self.value.remove("annotations");
        } else {
            self.value.insert("annotations".to_owned(), json!(annotations));
        }
    }
}

/// The name of an entry, where it has one.
pub(crate) fn name_of(descriptor: &Descriptor) -> Option<&str> {
    let name = descriptor.annotations.get(REF_NAME)?;
    Some(name.as_str()).filter(|name| !name.is_empty())
}

fn is_full_name(descriptor: &Descriptor, name: &str) -> bool {
    let Some(full) = descriptor.annotations.get(FULL_NAME) else {
        return false;
    };
    let short = full.strip_prefix("docker.io/").unwrap_or(full);
    [full, short, short.strip_prefix("library/").unwrap_or(short)].contains(&name)
}

#[cfg(test)]
mod tests {
    use boltseal_core::Digest;
    use proptest::prelude::*;

    use super::*;

    /// Moves as a life of a layout has them: images 0 to 3 listed, or named a to c.
    fn moves() -> impl Strategy<Value = Vec<(u8, Option<char>)>> {
        proptest::collection::vec(
            (0_u8..4, proptest::option::of(proptest::char::range('a', 'c'))),
            0..20,
        )
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), entry in ".{0,80}") {
            drop(IndexJson::parse(&bytes));
            let text = format!("{{\"schemaVersion\":2,\"manifests\":[{entry}]}}");
            drop(IndexJson::parse(text.as_bytes()));
        }

        #[test]
        fn holds_every_image_and_every_name_once(moves in moves()) {
            let mut index = IndexJson::empty();
            let mut names = std::collections::BTreeMap::new();
            let mut images = std::collections::BTreeSet::new();
            for (image, name) in moves {
                let descriptor = Descriptor::of(media_type::OCI_MANIFEST, &[image]);
                images.insert(descriptor.digest.clone());
                match name {
                    None => index.list(&descriptor),
                    Some(name) => {
                        index.name(&name.to_string().parse().unwrap(), &descriptor);
                        names.insert(name.to_string(), descriptor.digest);
                    }
                }
                index = IndexJson::parse(&index.to_bytes()).unwrap();
            }
            let listed: std::collections::BTreeSet<Digest> =
                index.descriptors().map(|it| it.digest.clone()).collect();
            prop_assert_eq!(&listed, &images);
            for (name, digest) in &names {
                let named = index.named(&name.parse().unwrap());
                prop_assert_eq!(named.iter().map(|it| &it.digest).collect::<Vec<_>>(), [digest]);
            }
            let nameless = index.descriptors().filter(|it| name_of(it).is_none());
            let nameless: Vec<_> = nameless.map(|it| &it.digest).collect();
            let named: std::collections::BTreeSet<_> = names.values().collect();
            prop_assert_eq!(nameless.len(), images.len() - named.len());
            prop_assert!(nameless.iter().all(|it| !named.contains(it)));
        }
    }
}
