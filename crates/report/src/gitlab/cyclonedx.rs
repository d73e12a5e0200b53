use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::dossier::Dossier;
use crate::table::visible;

/// `artifacts: reports: cyclonedx`: the SBOM with the properties by which GitLab knows that it is
/// about an image. The children of an index are put together in one document. Of an image that
/// was not inspected nothing is listed, and the document says that it is not complete.
pub(crate) fn cyclonedx(dossier: &Dossier<'_>) -> Value {
    let mut documents = dossier.sboms.iter().map(|it| &it.document);
    let mut document = documents.next().cloned().unwrap_or_else(unknown);
    for other in documents {
        merge(&mut document, other);
    }
    let mut properties = vec![property("gitlab:meta:schema_version", "1")];
    let place = dossier.place().unwrap_or_default();
    let reference = dossier.reference();
    let tag = reference.strip_prefix(place).unwrap_or_default().trim_start_matches([':', '@']);
    let digest = dossier.digest().map(ToString::to_string).unwrap_or_default();
    let tag = if tag.is_empty() { &digest } else { tag };
    properties.push(property("gitlab:container_scanning:image:name", place));
    properties.push(property("gitlab:container_scanning:image:tag", tag));
    if let Some((name, version)) = system(&document) {
        properties.push(property("gitlab:container_scanning:operating_system:name", &name));
        properties.push(property("gitlab:container_scanning:operating_system:version", &version));
    }
    let metadata = &mut document["metadata"];
    match metadata["properties"].as_array_mut() {
        Some(own) => own.extend(properties),
        None => metadata["properties"] = properties.into(),
    }
    document
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "value": visible(value)})
}

/// The name and the version of the operating system that a document lists.
pub(super) fn system(document: &Value) -> Option<(String, String)> {
    let components = document["components"].as_array()?;
    let system = components.iter().find(|it| it["type"] == "operating-system")?;
    let text = |key: &str| system[key].as_str().map(visible).unwrap_or_default();
    Some((text("name"), text("version")))
}

/// A document that lists nothing and says that this is not all.
fn unknown() -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {},
        "compositions": [{"aggregate": "unknown"}],
    })
}

/// Adds the components and dependencies of `other` that are not there yet, by their references.
fn merge(document: &mut Value, other: &Value) {
    for (list, key) in [("components", "bom-ref"), ("dependencies", "ref")] {
        let known = document[list].as_array().into_iter().flatten();
        let known: BTreeSet<String> =
            known.filter_map(|it| it[key].as_str()).map(str::to_owned).collect();
        let of_other = other[list].as_array().into_iter().flatten();
        let new = of_other.filter(|it| it[key].as_str().is_none_or(|it| !known.contains(it)));
        let new: Vec<Value> = new.cloned().collect();
        match document[list].as_array_mut() {
            Some(own) => own.extend(new),
            None if new.is_empty() => {}
            None => document[list] = new.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_an_index_are_put_together() {
        let mut document = json!({"components": [{"bom-ref": "a"}]});
        let other = json!({"components": [{"bom-ref": "a"}, {"bom-ref": "b"}],
            "dependencies": [{"ref": "b"}]});
        merge(&mut document, &other);
        assert_eq!(document["components"], json!([{"bom-ref": "a"}, {"bom-ref": "b"}]));
        assert_eq!(document["dependencies"], json!([{"ref": "b"}]));
    }
}
