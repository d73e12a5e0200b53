//! An SBOM in parts small enough for one call, and the answers put together again.

use serde_json::{Map, Value};

/// The most components that one `ScanSbom` takes (its own model; its documentation says 5,000).
pub(super) const MOST_COMPONENTS: usize = 2_000;

const COUNTER_PREFIX: &str = "amazon:inspector:sbom_scanner:";
const COUNTER_SUFFIX: &str = "_vulnerabilities";

/// `sbom` itself where it is small enough; else parts that hold each component once. The
/// operating system is in every part, for it tells what the packages' names mean.
pub(super) fn split(sbom: &Value) -> Vec<Value> {
    let components = sbom.get("components").and_then(Value::as_array);
    let Some(components) = components.filter(|it| it.len() > MOST_COMPONENTS) else {
        return vec![sbom.clone()];
    };
    let (systems, others): (Vec<&Value>, Vec<&Value>) =
        components.iter().partition(|it| it["type"] == "operating-system");
    let room = MOST_COMPONENTS.saturating_sub(systems.len()).max(1);
    let part = |chunk: &[&Value]| {
        let mut part = sbom.clone();
        if let Some(members) = part.as_object_mut() {
            // These refer to components of the other parts.
            members.remove("dependencies");
            members.remove("compositions");
            let components = systems.iter().chain(chunk).map(|it| (*it).clone());
            members.insert("components".to_owned(), components.collect());
        }
        part
    };
    others.chunks(room).map(part).collect()
}

/// One answer out of the answers about the parts of one SBOM: every component, and every
/// vulnerability once, with all that it affects. Inspector's counts are added up, or left out
/// where a vulnerability is in several parts, for then nobody has counted the whole.
///
/// # Errors
/// Says what is wrong with an answer: without `metadata` or components, or with counts above its
/// own rows.
pub(super) fn merge(answers: Vec<Value>) -> Result<Value, &'static str> {
    let mut merged = Merged::default();
    for (number, answer) in answers.into_iter().enumerate() {
        merged.add(number, answer)?;
    }
    merged.finish()
}

#[derive(Default)]
struct Merged {
    first: Map<String, Value>,
    components: Vec<Value>,
    vulnerabilities: Vec<Value>,
    counts: Vec<(String, u64)>,
    is_counted: bool,
}

impl Merged {
    fn add(&mut self, number: usize, answer: Value) -> Result<(), &'static str> {
        let Value::Object(mut bom) = answer else {
            return Err("an answer that is no object");
        };
        let components = list(&mut bom, "components").ok_or("an answer without components")?;
        let vulnerabilities = list(&mut bom, "vulnerabilities").unwrap_or_default();
        let counts = counts(&bom)?;
        if counts.iter().map(|(_, count)| count).sum::<u64>() > vulnerabilities.len() as u64 {
            return Err("counts of more vulnerabilities than there are rows");
        }
        if number == 0 {
            self.first = bom;
            self.is_counted = true;
        }
        for (name, count) in counts {
            match self.counts.iter_mut().find(|it| it.0 == name) {
                Some(known) => known.1 += count,
                None => self.counts.push((name, count)),
            }
        }
        for component in components {
            let repeated = number > 0 && component["type"] == "operating-system";
            if !repeated {
                self.components.push(renamed(component, number));
            }
        }
        for vulnerability in vulnerabilities {
            self.add_vulnerability(renamed(vulnerability, number));
        }
        Ok(())
    }

    fn add_vulnerability(&mut self, mut vulnerability: Value) {
        let known = self.vulnerabilities.iter_mut().find(|it| it["id"] == vulnerability["id"]);
        let Some(known) = known else {
            self.vulnerabilities.push(vulnerability);
            return;
        };
        self.is_counted = false;
        let more = vulnerability.get_mut("affects").map(Value::take);
        if let (Some(Value::Array(affects)), Some(Value::Array(more))) =
            (known.get_mut("affects"), more)
        {
            affects.extend(more);
        }
    }

    fn finish(mut self) -> Result<Value, &'static str> {
        let metadata = self.first.get_mut("metadata").and_then(Value::as_object_mut);
        let metadata = metadata.ok_or("an answer without metadata")?;
        if let Some(Value::Array(properties)) = metadata.get_mut("properties") {
            if self.is_counted {
                for property in properties.iter_mut() {
                    let total = self.counts.iter().find(|(name, _)| property["name"] == **name);
                    if let Some((_, total)) = total {
                        property["value"] = total.to_string().into();
                    }
                }
            } else {
                properties.retain(|it| !it["name"].as_str().is_some_and(is_counter));
            }
        }
        self.first.insert("components".to_owned(), self.components.into());
        self.first.insert("vulnerabilities".to_owned(), self.vulnerabilities.into());
        Ok(Value::Object(self.first))
    }
}

fn list(bom: &mut Map<String, Value>, key: &str) -> Option<Vec<Value>> {
    match bom.remove(key) {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    }
}

fn counts(bom: &Map<String, Value>) -> Result<Vec<(String, u64)>, &'static str> {
    let properties = bom.get("metadata").and_then(|it| it.get("properties"));
    let properties = properties.and_then(Value::as_array).into_iter().flatten();
    let mut counts = Vec::new();
    for property in properties {
        let Some(name) = property["name"].as_str().filter(|it| is_counter(it)) else {
            continue;
        };
        let count = property["value"].as_str().and_then(|it| it.parse().ok());
        counts.push((name.to_owned(), count.ok_or("a count that is no number")?));
    }
    Ok(counts)
}

fn is_counter(name: &str) -> bool {
    name.starts_with(COUNTER_PREFIX) && name.ends_with(COUNTER_SUFFIX)
}

/// With references that no other part has: each answer numbers its own from one.
fn renamed(mut item: Value, number: usize) -> Value {
    if number == 0 {
        return item;
    }
    let rename = |reference: &mut Value| {
        if let Some(text) = reference.as_str() {
            *reference = format!("part-{}-{text}", number + 1).into();
        }
    };
    if let Some(reference) = item.get_mut("bom-ref") {
        rename(reference);
    }
    if let Some(Value::Array(affects)) = item.get_mut("affects") {
        affects.iter_mut().filter_map(|it| it.get_mut("ref")).for_each(rename);
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sbom(count: usize) -> Value {
        let mut components = vec![json!({"type": "operating-system", "name": "debian"})];
        components.extend((1..count).map(|n| json!({"type": "library", "name": format!("p{n}")})));
        json!({"bomFormat": "CycloneDX", "components": components, "dependencies": [{"ref": "x"}]})
    }

    const COUNTER: &str = "amazon:inspector:sbom_scanner:high_vulnerabilities";

    fn answer(ids: &[&str], high: u64) -> Value {
        let vulnerabilities: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id, "bom-ref": "vuln-1", "affects": [{"ref": "comp-1"}]}))
            .collect();
        json!({"bomFormat": "CycloneDX", "metadata": {"timestamp": "t", "properties": [
            {"name": COUNTER, "value": high.to_string()},
            {"name": "other", "value": "kept"}]},
            "components": [{"bom-ref": "comp-0", "type": "operating-system"},
                {"bom-ref": "comp-1", "name": ids.join("+")}],
            "vulnerabilities": vulnerabilities})
    }

    #[test]
    fn a_small_sbom_stays_as_it_is() {
        let sbom = sbom(MOST_COMPONENTS);
        assert_eq!(split(&sbom), [sbom]);
        assert_eq!(split(&json!({})), [json!({})]);
    }

    #[test]
    fn a_large_one_is_split_and_every_part_knows_the_system() {
        let whole = sbom(4_500);
        let parts = split(&whole);
        assert_eq!(parts.len(), 3);
        let mut names: Vec<&str> = Vec::new();
        for part in &parts {
            let components = part["components"].as_array().unwrap();
            assert!(components.len() <= MOST_COMPONENTS);
            assert_eq!(components[0]["name"], "debian");
            assert!(part.get("dependencies").is_none());
            names.extend(components[1..].iter().map(|it| it["name"].as_str().unwrap()));
        }
        let expected: Vec<String> = (1..4_500).map(|n| format!("p{n}")).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn answers_are_put_together_with_references_of_their_own() {
        let merged = merge(vec![answer(&["CVE-1"], 1), answer(&["CVE-2"], 1)]).unwrap();
        assert_eq!(merged["metadata"]["properties"][0]["value"], "2");
        let refs: Vec<_> =
            merged["components"].as_array().unwrap().iter().map(|it| &it["bom-ref"]).collect();
        assert_eq!(refs, ["comp-0", "comp-1", "part-2-comp-1"]);
        assert_eq!(merged["vulnerabilities"][1]["affects"][0]["ref"], "part-2-comp-1");
        assert_eq!(merged["vulnerabilities"][1]["bom-ref"], "part-2-vuln-1");
    }

    #[test]
    fn one_vulnerability_in_two_parts_is_one_and_the_counts_go() {
        let merged = merge(vec![answer(&["CVE-1"], 1), answer(&["CVE-1"], 1)]).unwrap();
        let rows = merged["vulnerabilities"].as_array().unwrap();
        assert_eq!((rows.len(), rows[0]["affects"].as_array().unwrap().len()), (1, 2));
        assert_eq!(merged["metadata"]["properties"], json!([{"name": "other", "value": "kept"}]));
    }

    #[test]
    fn an_answer_that_counts_more_than_it_lists_is_refused() {
        assert!(merge(vec![answer(&["CVE-1"], 2), answer(&["CVE-1"], 1)]).is_err());
        assert!(merge(vec![json!({"metadata": {}})]).is_err());
        assert!(merge(vec![json!([])]).is_err());
        assert!(merge(Vec::new()).is_err());
    }
}
