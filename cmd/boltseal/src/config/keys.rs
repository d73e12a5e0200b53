//! Which keys there are, so that a wrong one can be named with its line.

use std::borrow::Cow;
use std::path::Path;

use boltseal_gate::Limit;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::place;
use super::{ConfigError, FileKind};
use crate::argument::Limits;

/// The keys that a file may have.
pub(crate) struct Known {
    /// Those outside of a section.
    pub(crate) top: &'static [&'static str],
    /// Sections, or lists of sections, and their keys.
    pub(crate) sections: &'static [(&'static str, &'static [&'static str])],
}

/// The keys of `boltseal.toml`.
pub(crate) const KNOWN: Known = Known { top: &[], sections: &KEYS };

/// Sections and their keys. A test keeps them equal to the structs and to the published schema.
const KEYS: [(&str, &[&str]); 4] = [
    (
        "gate",
        &[
            "baseline",
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
    (
        "release",
        &[
            "certificate_chain",
            "evidence",
            "keys",
            "moving_tags",
            "scan",
            "signer_profile",
            "tags",
            "to",
        ],
    ),
    ("sbom", &["spec_version"]),
];

/// Refuses the first key that is not known, and the first limit that is none: what is flattened
/// into its section would be refused without its line.
pub(crate) fn check(
    kind: FileKind,
    path: &Path,
    text: &str,
    known: &Known,
) -> Result<(), ConfigError> {
    let table =
        DeTable::parse(text).map_err(|error| ConfigError::value(kind, path, text, &error))?;
    let unknown = |key: &Spanned<Cow<'_, str>>, section: &str, known: &[&str]| {
        unknown(kind, place(path, text, key.span().start), (key.get_ref(), section), known)
    };
    let sections = known.sections.iter().map(|(section, _)| *section);
    let at_top: Vec<&str> = known.top.iter().copied().chain(sections).collect();
    for (key, value) in table.get_ref() {
        let name = key.get_ref();
        if known.top.iter().any(|it| it == name) {
            continue;
        }
        let Some((_, keys)) = known.sections.iter().find(|(section, _)| section == name) else {
            return Err(unknown(key, "", &at_top));
        };
        for table in tables(value.get_ref()) {
            if let Some(key) = table.keys().find(|key| !keys.contains(&key.get_ref().as_ref())) {
                return Err(unknown(key, name, keys));
            }
            check_limits(kind, path, text, table)?;
        }
    }
    Ok(())
}

fn check_limits(
    kind: FileKind,
    path: &Path,
    text: &str,
    table: &DeTable<'_>,
) -> Result<(), ConfigError> {
    /// What stands behind one key.
    #[derive(serde::Deserialize)]
    struct Alone {
        #[serde(rename = "limit")]
        _limit: Limit,
    }
    for (key, value) in table.iter().filter(|(it, _)| Limits::KEYS.contains(&it.get_ref().as_ref()))
    {
        let written = text.get(value.span()).unwrap_or_default();
        if let Err(error) = toml::from_str::<Alone>(&format!("limit = {written}")) {
            let place = place(path, text, value.span().start);
            let found = format!("{}: {}", key.get_ref(), error.message());
            return Err(ConfigError::Value { kind, place, found });
        }
    }
    Ok(())
}

/// The tables of a section, or of a list of them. One that is none is refused, with its line, when
/// its value is read.
fn tables<'v, 'a>(section: &'v DeValue<'a>) -> Vec<&'v DeTable<'a>> {
    let list = section.as_array().into_iter().flat_map(|it| it.iter());
    let listed = list.filter_map(|it| it.get_ref().as_table());
    section.as_table().into_iter().chain(listed).collect()
}

fn unknown(
    kind: FileKind,
    place: String,
    (found, section): (&str, &str),
    known: &[&str],
) -> ConfigError {
    let named = |key: &str| match section {
        "" => key.to_owned(),
        section => format!("{key} in [{section}]"),
    };
    let near = |key: &&&str| strsim::damerau_levenshtein(key, found);
    let nearest = known.iter().min_by_key(near).filter(|key| near(key) <= 1 + found.len() / 3);
    ConfigError::UnknownKey {
        kind,
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
            ("[gate]\nbaseline = \"previous-release\"", true),
            ("[gate]\nbaseline = \"h.example/app:1\"", true),
            ("[gate]\nbaseline = \"\"", false),
            ("[sbom]\nspec_version = \"1.6\"", true),
            ("[sbom]\nspec_version = \"2.0\"", false),
            ("[gate]\nmax_high = -1", false),
            ("[gate]\nmax_high = \"many\"", false),
            ("[gate]\nmax_scan_age = \"soon\"", false),
            ("[gate]\nmax_hihg = 1", false),
            ("[release]\nevidence = [\"bundle\", \"notation\"]\nsigner_profile = \"p\"", true),
            ("[release]\ncertificate_chain = \"chain.pem\"", true),
            ("[release]\nevidence = [\"cosign\"]", false),
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

    #[test]
    fn a_limit_that_is_none_is_named_with_its_line() {
        let text = "[gate]\nmax_critical = 0\n\nmax_high = \"few\"\n";
        let error = Config::parse(Path::new("x"), text).unwrap_err().to_string();
        assert!(error.starts_with("x:4: ") && error.contains("max_high"), "{error}");
        assert!(error.contains("\"few\""), "{error}");
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\[(gate|release|x)\\]\n)?([a-z_]{1,12} = .{0,20}\n){0,3}") {
            let _ = Config::parse(Path::new("x"), &text);
        }
    }
}
