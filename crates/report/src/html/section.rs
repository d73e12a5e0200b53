//! The parts of the page, each with its heading, or empty.

use boltseal_core::Reason;
use boltseal_gate::Diff;
use serde_json::Value;

use super::cell::{cell, code, fact, section, short, table};
use crate::difference::{counts, lack};
use crate::dossier::{Course, Dossier, EvidenceLine};
use crate::escape::{html, shortened};
use crate::occasion::Occasion;
use crate::v1::Outcome;

/// The verdict.
pub(super) fn header(dossier: &Dossier<'_>) -> String {
    let (class, sign, words) = match dossier.head.outcome {
        Outcome::Refused => ("bad", "\u{2715}", "Refused".to_owned()),
        Outcome::Undetermined => ("doubt", "?", "Could not find out".to_owned()),
        outcome => ("good", "\u{2713}", capital(&outcome.name().replace('-', " "))),
    };
    let reference = dossier.head.subject.reference.as_deref();
    let reference = reference.map(|it| format!("<p class=\"reference\">{}</p>\n", html(it)));
    let mut facts = String::new();
    if let Some(digest) = dossier.digest() {
        facts.push_str(&fact("Digest", &code(&digest.to_string())));
    }
    if let Some(course) = &dossier.course {
        facts.push_str(&destination(course, dossier.is_good()));
    }
    facts.push_str(&dossier.diff().map(against).unwrap_or_default());
    facts.push_str(&fact("Exit code", &dossier.head.exit.code().to_string()));
    format!(
        "<header class=\"{class}\">\n<p class=\"brand\">boltseal {}</p>\n<h1><span \
         aria-hidden=\"true\">{sign}</span> {words}</h1>\n{}<dl>\n{facts}</dl>\n</header>\n",
        dossier.command(),
        reference.unwrap_or_default(),
    )
}

/// The numbers of the diff, or why there is nothing to compare with.
fn against(diff: &Diff) -> String {
    if let Some(why) = lack(diff) {
        return fact("Baseline", &format!("none: {}", html(&why)));
    }
    let baseline = code(diff.baseline.as_deref().unwrap_or_default());
    fact("Baseline", &baseline) + &fact("Against it", &html(&counts(diff)))
}

/// Where it came from, and what is at the destination now.
fn destination(course: &Course<'_>, is_good: bool) -> String {
    let mut facts = String::new();
    if let Some(source) = course.source {
        facts.push_str(&fact("From", &code(source)));
    }
    if !course.tags.is_empty() {
        let tags: Vec<String> = course.tags.iter().map(|tag| code(tag)).collect();
        facts.push_str(&fact("Tags", &tags.join(" ")));
    }
    for moved in course.moved {
        let words = format!("{} pointed at {}", code(&moved.tag), short(&moved.from));
        facts.push_str(&fact("Moved", &words));
    }
    if course.pushed && course.tags.is_empty() && !is_good {
        let words = "the image is there by digest; nothing of this run tags it";
        facts.push_str(&fact("Pushed", words));
    }
    if let Some(file) = course.evidence_file {
        facts.push_str(&fact("Evidence file", &code(file)));
    }
    facts
}

/// Why not, in five parts each.
pub(super) fn reasons(dossier: &Dossier<'_>) -> String {
    let reasons: String = dossier.head.reasons.iter().map(reason).collect();
    section("why", "Why", &reasons)
}

fn reason(reason: &Reason) -> String {
    let parts = [
        ("Expected", &reason.expected),
        ("Found", &reason.found),
        ("Where", &reason.place),
        ("To fix it", &reason.fix),
    ];
    let told = parts.into_iter().filter(|(_, text)| !text.is_empty());
    let told: String = told.map(|(label, text)| fact(label, &html(text))).collect();
    let code = html(reason.code);
    format!("<article class=\"reason\"><h3>{code}</h3><dl>\n{told}</dl></article>\n")
}

/// What should be looked at.
pub(super) fn notes(dossier: &Dossier<'_>) -> String {
    section("notes", "Worth a look", &list(dossier.notes.iter().copied()))
}

fn list<'t>(items: impl Iterator<Item = &'t str>) -> String {
    let items: String = items.map(|item| format!("<li>{}</li>\n", html(item))).collect();
    if items.is_empty() { items } else { format!("<ul>\n{items}</ul>\n") }
}

/// The pieces of evidence with their digests and signers.
pub(super) fn evidence(dossier: &Dossier<'_>) -> String {
    let about = dossier.evidence.iter().any(|it| Some(it.subject) != dossier.digest());
    let rows: String = dossier.evidence.iter().map(|it| piece(it, about)).collect();
    let mut headers = vec!["Kind", "State", "Signer", "Digest"];
    if about {
        headers.push("About");
    }
    let mut body = table(&headers, &rows);
    let checked = list(dossier.checked.iter().map(String::as_str));
    if !checked.is_empty() {
        body.push_str(&format!("<h3>What was checked</h3>\n{checked}"));
    }
    section("evidence", "Evidence", &body)
}

fn piece(it: &EvidenceLine<'_>, about: bool) -> String {
    let class = match it.state {
        "written" | "was there" | "verified" => "good",
        "refused" => "bad",
        _ => "doubt",
    };
    let mut state = format!("<span class=\"badge {class}\">{}</span>", it.state);
    if !it.note.is_empty() {
        state.push_str(&format!(" <span class=\"quiet\">{}</span>", html(it.note)));
    }
    let mut kind = html(&it.kind);
    if !matches!(it.format, "" | "bundle") {
        kind.push_str(&format!(" <span class=\"quiet\">({})</span>", html(it.format)));
    }
    let digest = it.digest.map(|digest| code(&digest.to_string())).unwrap_or_default();
    let about = if about { cell("About", &short(it.subject)) } else { String::new() };
    let title = html(it.predicate_type);
    let kind = cell("Kind", &format!("<span title=\"{title}\">{kind}</span>"));
    let state = cell("State", &format!("<span>{state}</span>"));
    let (signer, digest) = (cell("Signer", &code(it.signer)), cell("Digest", &digest));
    format!("<tr>{kind}{state}{signer}{digest}{about}</tr>\n")
}

/// What the provenance says: where it came from.
pub(super) fn provenance(dossier: &Dossier<'_>) -> String {
    let Some(predicate) = dossier.provenance else {
        return String::new();
    };
    let (build, run) = (&predicate["buildDefinition"], &predicate["runDetails"]);
    let named = [
        ("Build type", &build["buildType"]),
        ("Builder", &run["builder"]["id"]),
        ("Run", &run["metadata"]["invocationId"]),
        ("Began", &run["metadata"]["startedOn"]),
        ("Ended", &run["metadata"]["finishedOn"]),
    ];
    let told = named.iter().filter_map(|(label, value)| Some((label, value.as_str()?)));
    let mut facts: String = told.map(|(label, text)| fact(label, &code(text))).collect();
    facts.push_str(&members(&build["externalParameters"]));
    for input in build["resolvedDependencies"].as_array().into_iter().flatten() {
        let uri = input["uri"].as_str().or_else(|| input["name"].as_str()).unwrap_or_default();
        facts.push_str(&fact("Made of", &code(uri)));
    }
    let mut body = format!("<dl>\n{facts}</dl>\n");
    let unverified = members(&run["boltseal_unverified"]);
    if !unverified.is_empty() {
        body.push_str(&format!(
            "<h3>What only the environment says</h3>\n<p class=\"quiet\">Anyone in the job could \
             have set it.</p>\n<dl>\n{unverified}</dl>\n"
        ));
    }
    section("provenance", "Provenance", &body)
}

fn members(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let told = members.map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fact(&shortened(name), &code(&shortened(&text)))
    });
    told.collect()
}

/// What anyone can run to see it for himself.
pub(super) fn verify_it(dossier: &Dossier<'_>) -> String {
    let command = dossier.verify_command().map(|it| format!("<pre>{}</pre>\n", html(&it)));
    section("verify", "To verify it", &command.unwrap_or_default())
}

/// By what and when the page was made.
pub(super) fn footer(dossier: &Dossier<'_>, occasion: &Occasion) -> String {
    let (version, schema) = (env!("CARGO_PKG_VERSION"), html(dossier.head.schema));
    let ended = format!("{:.0}", occasion.ended);
    format!(
        "<footer><p>boltseal {version} \u{b7} {schema} \u{b7} <time datetime=\"{ended}\">{ended}\
         </time></p></footer>\n"
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}
