use boltseal_core::Severity;

use crate::dossier::Dossier;
use crate::v1::Outcome;

/// A name and what a later step of a pipeline may want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// In kebab case.
    pub(crate) name: &'static str,
    /// The value; several are one a line. Empty where it is not known: not counted is not zero.
    pub(crate) value: String,
}

/// What a result says, for the steps after it. Names are only ever added.
pub(crate) fn facts(dossier: &Dossier<'_>) -> Vec<Fact> {
    let head = dossier.head;
    let course = dossier.course.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let yes = |is: bool| is.to_string();
    let codes: Vec<&str> = head.reasons.iter().map(|reason| reason.code).collect();
    let mut codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    codes.dedup();
    let mut facts = vec![
        fact("outcome", head.outcome.name().to_owned()),
        fact("verdict", verdict(dossier).to_owned()),
        fact("exit-code", head.exit.code().to_string()),
        fact("reference", text(head.subject.reference.as_deref())),
        fact("digest", dossier.digest().map(ToString::to_string).unwrap_or_default()),
        fact("image", dossier.image().unwrap_or_default()),
        fact("released", yes(is_released(dossier))),
        fact("pushed", yes(course.is_some_and(|it| it.pushed))),
        fact("tags", course.map(|it| it.tags.join("\n")).unwrap_or_default()),
        fact("evidence-file", text(course.and_then(|it| it.evidence_file))),
    ];
    let counts = dossier.gate.and_then(|gate| gate.counts);
    for severity in Severity::ALL {
        let count = counts.map(|counts| counts.of(severity).to_string());
        facts.push(fact(severity.name(), count.unwrap_or_default()));
    }
    let waived = dossier.gate.filter(|_| counts.is_some()).map(|gate| gate.waived.len());
    facts.push(fact("waived", waived.map(|it| it.to_string()).unwrap_or_default()));
    facts.push(fact("reason-codes", codes.join("\n")));
    facts
}

const fn fact(name: &'static str, value: String) -> Fact {
    Fact { name, value }
}

/// A plan in which no report was judged has no verdict yet.
fn verdict(dossier: &Dossier<'_>) -> &'static str {
    if dossier.is_unjudged_plan() { Outcome::Undetermined.name() } else { dossier.verdict() }
}

/// Whether the image is where it was to go, by this run or an earlier one.
fn is_released(dossier: &Dossier<'_>) -> bool {
    use Outcome::{AlreadyPromoted, AlreadyReleased, Promoted, Released};
    let outcome = dossier.head.outcome;
    matches!(outcome, AlreadyPromoted | AlreadyReleased | Promoted | Released)
}
