//! What a step of GitHub Actions puts out: the lines of `GITHUB_OUTPUT`.

use boltseal_core::Digest;

use crate::difference::kinds;
use crate::dossier::Dossier;
use crate::fact::facts;
use crate::table::visible;

/// Every fact, the numbers of the diff, and `reasons` as JSON, each between two lines of a
/// delimiter that is not in it.
pub(crate) fn github_outputs(dossier: &Dossier<'_>) -> String {
    let mut text = String::new();
    for fact in facts(dossier) {
        let lines: Vec<String> = fact.value.lines().map(visible).collect();
        text.push_str(&output(fact.name, &lines.join("\n")));
    }
    for (name, listing) in dossier.diff().into_iter().flat_map(kinds).take(3) {
        text.push_str(&output(name, &listing.count.to_string()));
    }
    let reasons = serde_json::to_string(&dossier.head.reasons).unwrap_or_default();
    text.push_str(&output("reasons", &reasons));
    text
}

/// The delimiter follows from the value, so that nobody who wrote the value can know it.
fn output(name: &str, value: &str) -> String {
    let mut delimiter = format!("boltseal_{}", Digest::sha256_of(value.as_bytes()).hex());
    while value.contains(&delimiter) {
        delimiter.push('_');
    }
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_itself() {
        let text = output("name", "a\nb<<c\nd");
        let lines: Vec<&str> = text.lines().collect();
        let delimiter = lines[0].strip_prefix("name<<").unwrap();
        assert_eq!(lines[1..4], ["a", "b<<c", "d"]);
        assert_eq!(lines[4], delimiter);
        assert!(delimiter.len() > 40 && lines.len() == 5);
    }
}
