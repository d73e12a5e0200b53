//! Variables for the jobs after this one: GitLab's `artifacts: reports: dotenv`.

use crate::dossier::Dossier;
use crate::fact::facts;

/// `BOLTSEAL_NAME=value`, one a line, at most 20 of them (GitLab's limit of the smallest plan).
///
/// A value has only letters, digits and `._-:/@+,=`, so that a shell reads the file as well;
/// anything else in it leaves the variable empty. Several values are separated by commas.
pub(crate) fn dotenv(dossier: &Dossier<'_>) -> String {
    let mut text = String::new();
    for fact in facts(dossier) {
        let name = fact.name.to_ascii_uppercase().replace('-', "_");
        let value = fact.value.replace('\n', ",");
        let value = if value.chars().all(is_plain) { value } else { String::new() };
        text.push_str(&format!("BOLTSEAL_{name}={value}\n"));
    }
    text
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '@' | '+' | ',' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Head, Outcome, SubjectOfResult};

    #[test]
    fn what_a_shell_would_read_is_left_out() {
        let subject = SubjectOfResult::new("oci:out of$(id):1", None);
        let head = Head::good("boltseal.verify/v1", Outcome::Verified, subject);
        let text = dotenv(&Dossier::of(&head));
        assert!(text.contains("BOLTSEAL_REFERENCE=\n"), "{text}");
        assert!(text.contains("BOLTSEAL_OUTCOME=verified\n"), "{text}");
        assert!(text.contains("BOLTSEAL_CRITICAL=\n"), "not counted is not zero: {text}");
        assert!(text.lines().count() <= 20);
    }
}
