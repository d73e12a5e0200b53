use boltseal_core::Severity;
use boltseal_posture::{Certainty, Expiry, Finding, Right, TrustReport};

use crate::Paint;
use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::{Head, Preflight, PreflightBody};

/// The verdict and what refuses; who may push; the other findings, the worst first; what was
/// looked at.
pub(crate) fn preflight(document: &Preflight, paint: Paint) -> String {
    let body = &document.body;
    let is_finding = |code: &str| body.findings.iter().any(|it| it.refuses && it.id == code);
    // A reason that is a finding is told as one, with its fix for Terraform.
    let reasons = document.head.reasons.iter().filter(|it| !is_finding(it.code)).cloned().collect();
    let mut sheet = Sheet::headed(&Head { reasons, ..document.head.clone() }, paint);
    group(&mut sheet, "what refuses it", body.findings.iter().filter(|it| it.refuses));
    sheet.table(&rights(body));
    others(&mut sheet, body);
    if let Some(trust) = &body.trust {
        sheet.table(&candidates(trust));
    }
    sheet.table(&expiries(&body.lifecycle));
    looked(&mut sheet, body);
    sheet.finish()
}

fn others(sheet: &mut Sheet, body: &PreflightBody) {
    for severity in Severity::ALL {
        let of_it = |it: &&Finding| !it.refuses && it.severity == severity;
        group(sheet, severity.name(), body.findings.iter().filter(of_it));
    }
}

/// Findings below a heading. The mild ones are one line each; their fixes are in the JSON.
fn group<'f>(sheet: &mut Sheet, name: &str, findings: impl Iterator<Item = &'f Finding>) {
    for (index, finding) in findings.enumerate() {
        if index == 0 {
            sheet.heading(name);
        }
        sheet.item(finding.id, &finding.what);
        if finding.refuses || finding.severity <= Severity::Medium {
            sheet.part("where", &finding.place);
            sheet.part("why", finding.why);
            sheet.part("fix", &finding.fix.cli);
            sheet.part("terraform", &finding.fix.terraform);
            sheet.part("see", &finding.references.join(", "));
        }
    }
}

/// What IAM may also grant is said of pushing and signing only: of the rest it goes without saying.
fn rights(body: &PreflightBody) -> Table {
    let mut table = Table::new(&["may", "principal", "certainty", "by", "if"]);
    let rights = &body.rights;
    for (verb, all) in [
        ("push", &rights.push),
        ("pull", &rights.pull),
        ("delete", &rights.delete),
        ("change", &rights.policy),
        ("sign", &rights.sign),
    ] {
        let is_shown = |right: &&Right| {
            right.certainty == Certainty::Granted || matches!(verb, "push" | "sign")
        };
        for right in all.iter().filter(is_shown) {
            table.row([
                verb.to_owned(),
                right.principal.clone(),
                certainty(right.certainty).to_owned(),
                by(right),
                right.condition.clone().unwrap_or_default(),
            ]);
        }
    }
    table
}

const fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Granted => "granted",
        Certainty::Possible => "possible",
    }
}

fn by(right: &Right) -> String {
    match (&right.document, &right.statement) {
        (Some(document), Some(statement)) => format!("{document}, {statement}"),
        _ => "IAM, not visible here".to_owned(),
    }
}

fn candidates(trust: &TrustReport) -> Table {
    let mut table = Table::new(&["subject tried on the role", "what it is", "taken"]);
    for it in &trust.candidates {
        let taken = match (&it.statement, it.admitted) {
            (Some(statement), true) => format!("yes, by {statement}"),
            (None, true) => "yes".to_owned(),
            (_, false) => "no".to_owned(),
        };
        table.row([it.subject.clone(), it.kind.to_owned(), taken]);
    }
    table
}

fn expiries(expiries: &[Expiry]) -> Table {
    let mut table = Table::new(&["lifecycle", "does", "when", "by"]);
    for it in expiries {
        let when = match (&it.at, it.after_pushes) {
            (Some(at), _) => at.split('T').next().unwrap_or(at).to_owned(),
            (None, Some(0)) => "at the next evaluation".to_owned(),
            (None, Some(count)) => format!("after {count} pushes"),
            (None, None) => "not known".to_owned(),
        };
        table.row([it.name.clone(), it.action.to_owned(), when, it.words.clone()]);
    }
    table
}

fn looked(sheet: &mut Sheet, body: &PreflightBody) {
    sheet.gap();
    let of = |statuses: &[&str]| {
        let all = body.documents.iter().filter(|it| statuses.contains(&it.status));
        all.map(|it| it.file.as_str()).collect::<Vec<_>>().join(", ")
    };
    sheet.pair_if("looked at", &of(&["read", "none"]));
    sheet.pair_if("refused", &of(&["denied", "failed"]));
    sheet.pair_if("left alone", &of(&["unknown"]));
    sheet.pair_if("known later", &of(&["after-apply"]));
    sheet.pair_if("not seen", &body.not_looked_at.join(", "));
}

#[cfg(test)]
mod tests {
    use boltseal_posture::{Documents, Request, Saved, judge};
    use serde_json::json;

    use super::*;
    use crate::Document as _;

    fn document() -> Preflight {
        let policy = json!({"Statement": [
            {"Sid": "Public\u{1b}[2J", "Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage"},
        ]});
        let answer = json!({"registryId": "111122223333", "repositoryName": "app",
            "policyText": policy.to_string()});
        let text = answer.to_string();
        let saved = [
            Saved::file("get-repository-policy.json", text.as_bytes()),
            Saved::file("notes.json", b"{}"),
        ];
        let documents = Documents::read(saved).unwrap();
        let request = Request::new("2026-06-01T00:00:00Z".parse().unwrap());
        Preflight::of(&judge(&documents, &request).unwrap())
    }

    #[test]
    fn the_verdict_comes_first_and_a_refusal_is_told_once() {
        let text = document().to_text(Paint::Plain);
        assert!(text.starts_with("REFUSED  app\n"), "{text}");
        assert_eq!(text.matches("push-public").count(), 1, "{text}");
        for part in [
            "what refuses it",
            "fix       remove the statement",
            "terraform in aws_ecr_repository_policy",
            "see       CKV_AWS_32",
            "MAY   PRINCIPAL     CERTAINTY  BY",
            "push  *             granted    repository policy",
            "push  111122223333  possible   IAM, not visible here",
            "\nhigh\n  push-account-iam",
            "left alone  notes.json",
            "not seen    describe-repositories",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn json_has_the_promised_keys() {
        let json: serde_json::Value = serde_json::from_str(&document().to_json()).unwrap();
        assert_eq!((&json["schema"], &json["exit"]), (&"boltseal.preflight/v1".into(), &10.into()));
        for key in ["push", "pull", "delete", "policy"] {
            assert!(json["rights"][key].is_array(), "no {key}");
        }
        for key in ["principal", "statement", "condition", "certainty"] {
            assert!(json["rights"]["push"][0].get(key).is_some(), "no {key}");
        }
        for key in ["id", "severity", "what", "where", "why", "fix", "references"] {
            assert!(json["findings"][0].get(key).is_some(), "no {key}");
        }
        for key in ["cli", "terraform"] {
            assert!(json["findings"][0]["fix"][key].is_string(), "no {key}");
        }
    }
}
