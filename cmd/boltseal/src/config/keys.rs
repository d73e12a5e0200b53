//! Which keys there are, so that a wrong one can be named with its line.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::error::place;

/// Sections and their keys. A test keeps them equal to the structs and to the published schema.
pub(crate) const KEYS: [(&str, &[&str]); 4] = [
    (
        "gate",
        &[
            "max_critical",
            "max_high",
            "max_informational",
            "max_low",
            "max_medium",
            "max_scan_age",
            "max_unknown",
            "waivers",
        ],
    ),
    ("posture", &["allow_public_pull", "allow_push", "attest", "level", "mode"]),
    ("release", &["evidence", "keys", "moving_tags", "scan", "tags", "to"]),
    ("sbom", &["spec_version"]),
];

/// Refuses the first key that is not known.
pub(crate) fn check(path: &Path, text: &str) -> Result<(), ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError::value(path, text, &error))?;
    let sections: Vec<&str> = KEYS.iter().map(|(section, _)| *section).collect();
    for (section, value) in table.get_ref() {
        let name = section.get_ref();
        let Some((_, keys)) = KEYS.iter().find(|(known, _)| known == name) else {
            let at = place(path, text, section.span().start);
            return Err(unknown(at, name, "", &sections));
        };
        check_section(value, keys, |key: &Spanned<_>, found: &str| {
            unknown(place(path, text, key.span().start), found, name, keys)
        })?;
    }
    Ok(())
}

fn check_section<'a>(
    section: &'a Spanned<DeValue<'a>>,
    known: &[&str],
    refuse: impl Fn(&Spanned<std::borrow::Cow<'a, str>>, &str) -> ConfigError,
) -> Result<(), ConfigError> {
    // A section that is no table is refused, with its line, when its value is read.
    let Some(table) = section.get_ref().as_table() else { return Ok(()) };
    match table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
        Some(key) => Err(refuse(key, key.get_ref())),
        None => Ok(()),
    }
}

fn unknown(place: String, found: &str, section: &str, known: &[&str]) -> ConfigError {
    let named = |key: &str| match section {
        "" => format!("[{key}]"),
        section => format!("{key} in [{section}]"),
    };
    let near = |key: &&&str| strsim::damerau_levenshtein(key, found);
    let nearest = known.iter().min_by_key(near).filter(|key| near(key) <= 1 + found.len() / 3);
    ConfigError::UnknownKey {
        place,
        found: named(found),
        nearest: nearest.map(|key| named(key)),
        known: known.iter().map(|key| (*key).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::Config;
    use super::*;

    /// Section to keys.
    type Listed = BTreeMap<String, Vec<String>>;

    fn listed(sections: &Value, keys: impl Fn(&Value) -> Value) -> Listed {
        let sections = sections.as_object().unwrap();
        let names = |section: &Value| {
            let section = keys(section);
            let mut names: Vec<String> = section.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        sections.iter().map(|(name, section)| (name.clone(), names(section))).collect()
    }

    fn known() -> Listed {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        KEYS.iter().map(|(section, keys)| ((*section).to_owned(), owned(keys))).collect()
    }

    #[test]
    fn the_structs_have_the_same_keys() {
        let written = serde_json::to_value(Config::default()).unwrap();
        assert_eq!(listed(&written, Clone::clone), known());
    }

    #[test]
    fn the_published_schema_has_the_same_keys_and_takes_what_we_take() {
        let schema = include_str!("../../../../docs/schemas/boltseal.toml.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let properties = |section: &Value| section["properties"].clone();
        assert_eq!(listed(&schema["properties"], properties), known());
        let validator = jsonschema::validator_for(&schema).unwrap();
        for (text, valid) in [
            ("", true),
            ("[gate]\nmax_high = 3\nmax_low = \"unlimited\"\nmax_scan_age = \"12h\"", true),
            ("[release]\nevidence = [\"bundle\", \"legacy\"]\nscan = [\"none\"]", true),
            ("[sbom]\nspec_version = \"1.6\"", true),
            ("[sbom]\nspec_version = \"2.0\"", false),
            ("[gate]\nmax_high = -1", false),
            ("[gate]\nmax_high = \"many\"", false),
            ("[gate]\nmax_scan_age = \"soon\"", false),
            ("[gate]\nmax_hihg = 1", false),
            ("[release]\nevidence = [\"notation\"]", false),
            ("[posture]\nmode = \"block\"\nlevel = \"high\"\nattest = true", true),
            ("[posture]\nallow_push = [\"111122223333\"]\nallow_public_pull = false", true),
            ("[posture]\nmode = \"loud\"", false),
            ("[posture]\nlevel = \"unknown\"", false),
            ("[posture]\nattest = \"yes\"", false),
            ("[releases]", false),
        ] {
            let ours = Config::parse(Path::new("x"), text).is_ok();
            let value: Value = toml::from_str(text).unwrap();
            assert_eq!((ours, validator.is_valid(&value)), (valid, valid), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\[(gate|release|x)\\]\n)?([a-z_]{1,12} = .{0,20}\n){0,3}") {
            let _ = Config::parse(Path::new("x"), &text);
        }
    }
}
