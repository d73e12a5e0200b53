//! `JUnit`'s XML, as Ant and Jenkins read it: every check is a test.

use crate::Paint;
use crate::check::{Check, State, checks};
use crate::dossier::Dossier;
use crate::escape::xml;
use crate::occasion::Occasion;

/// One suite: a test for the verdict, then one for each check. What was refused is a failure, what
/// could not be found out an error.
pub(crate) fn junit(dossier: &Dossier<'_>, text: &str, occasion: &Occasion) -> String {
    let mut cases = vec![verdict(dossier)];
    cases.extend(checks(dossier).iter().map(|it| case(dossier.command(), it)));
    let count = |tag: &str| cases.iter().filter(|case| case.contains(tag)).count();
    let (failures, errors) = (count("<failure "), count("<error "));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite \
         name=\"boltseal {command}\" package=\"boltseal.{command}\" id=\"0\" tests=\"{}\" \
         failures=\"{failures}\" errors=\"{errors}\" time=\"{:.3}\" timestamp=\"{}\" \
         hostname=\"localhost\">\n{}{}    <system-out>{}</system-out>\n    <system-err/>\n  \
         </testsuite>\n</testsuites>\n",
        cases.len(),
        occasion.seconds(),
        Occasion::plain(occasion.started),
        properties(dossier),
        cases.concat(),
        lines(text),
        command = dossier.command(),
    )
}

fn properties(dossier: &Dossier<'_>) -> String {
    let digest = dossier.digest().map(ToString::to_string).unwrap_or_default();
    let outcome = dossier.head.outcome.name();
    let all = [("outcome", outcome), ("reference", dossier.reference()), ("digest", &digest)];
    let property = |(name, value): (&str, &str)| {
        format!("      <property name=\"{name}\" value=\"{}\"/>\n", xml(value))
    };
    let all: Vec<String> =
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(property).collect();
    format!("    <properties>\n{}    </properties>\n", all.concat())
}

fn verdict(dossier: &Dossier<'_>) -> String {
    let state = match dossier.verdict() {
        "refused" => State::Failed,
        "undetermined" => State::Undetermined,
        _ => State::Passed,
    };
    case(
        dossier.command(),
        &Check {
            name: "verdict".to_owned(),
            limit: String::new(),
            found: format!("{} {}", dossier.head.outcome.name(), dossier.reference()),
            state,
            numbers: None,
            reasons: dossier.head.reasons.clone(),
        },
    )
}

fn case(command: &str, check: &Check) -> String {
    let open = format!(
        "    <testcase name=\"{}\" classname=\"boltseal.{command}\" time=\"0\"",
        xml(&check.name)
    );
    let tag = match check.state {
        State::Passed | State::Free => return format!("{open}/>\n"),
        State::Failed => "failure",
        State::Undetermined => "error",
    };
    let kind = check.reasons.first().map_or("failed", |reason| reason.code);
    let told = crate::text::reasons(&check.reasons, Paint::Plain);
    format!(
        "{open}>\n      <{tag} type=\"{kind}\" message=\"{}\">{}</{tag}>\n    </testcase>\n",
        xml(&check.found),
        lines(&told)
    )
}

/// Text of several lines.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(xml).collect();
    lines.join("\n")
}
