use boltseal_core::{Exit, Reason, Severity, sort_reasons};
use boltseal_posture::{Admission, Finding, StatementAdmission};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{Head, Outcome, SubjectOfResult};
use crate::document::pretty;
use crate::{Document, Paint, text};

const SCHEMA: &str = "boltseal.doctor/v1";

/// The result of `doctor`: what is so, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Doctor {
    /// What every result has.
    #[serde(flatten)]
    pub head: Head,
    /// What was looked at: `oidc`, `registry` or `key`.
    pub looked_at: &'static str,
    /// What is so, by name.
    #[serde(serialize_with = "as_map")]
    pub facts: Vec<(&'static str, String)>,
    /// What was checked.
    pub checks: Vec<Check>,
    /// What was written to find out, and whether it is gone again.
    pub wrote: Vec<String>,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is about.
    pub name: String,
    /// What came of it.
    pub status: CheckStatus,
    /// What was found.
    pub found: String,
    /// What would make it better; empty where nothing would.
    pub fix: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// It is as it should be.
    Good,
    /// It works, and should be known.
    Note,
    /// It is not as it should be.
    Bad,
    /// It could not be found out.
    Unknown,
}

impl CheckStatus {
    /// Its name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

impl Check {
    /// A check with what it found.
    pub fn new(name: impl Into<String>, status: CheckStatus, found: impl Into<String>) -> Self {
        Self { name: name.into(), status, found: found.into(), fix: String::new() }
    }

    /// Who accepts signatures by a key of a kind, as docs/compatibility.md has it.
    pub fn readers(algorithm: &str) -> Vec<Self> {
        let hash = match algorithm {
            "p384" => "sha384",
            "p521" => "sha512",
            _ => {
                let found = format!("they take {algorithm} without being told");
                return vec![Self::new("cosign, Kyverno", CheckStatus::Good, found)];
            }
        };
        let refuses = format!("refuses {algorithm} unless told the hash, for it expects SHA-256");
        vec![
            Self::new("cosign", CheckStatus::Note, refuses.clone()).fix(format!(
                "cosign verify and verify-attestation: --signature-digest-algorithm {hash}; \
                 2.4 has that flag on verify only"
            )),
            Self::new("Kyverno", CheckStatus::Note, refuses).fix(format!(
                "signatureAlgorithm: {hash} in a ClusterPolicy, hashAlgorithm: {hash} in an \
                 ImageValidatingPolicy"
            )),
        ]
    }

    /// The same with what would make it better.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }
}

impl Doctor {
    /// The document of what was looked at; it passes where there is no reason why not.
    pub fn of(looked_at: &'static str, reference: &str, mut reasons: Vec<Reason>) -> Self {
        let subject = SubjectOfResult::new(reference, None);
        let head = if reasons.is_empty() {
            Head::good(SCHEMA, Outcome::Passed, subject)
        } else {
            sort_reasons(&mut reasons);
            Head::failed(SCHEMA, subject, reasons)
        };
        Self { head, looked_at, facts: Vec::new(), checks: Vec::new(), wrote: Vec::new() }
    }

    /// The document of a trust policy that was tried with a token's claims; `findings` are about
    /// the policy whoever comes, and never change the verdict.
    pub fn of_trust(policy: &str, admission: &Admission, findings: &[Finding]) -> Self {
        let mut document = Self::of("oidc", policy, refusals(admission));
        document.checks.extend(admission.statements.iter().map(of_statement));
        let trust = findings.iter().filter(|it| it.id.starts_with("trust-"));
        document.checks.extend(trust.map(|it| {
            let severe = it.severity <= Severity::Medium;
            let status = if severe { CheckStatus::Bad } else { CheckStatus::Note };
            let found = format!("{}: {} ({})", it.severity, it.what, it.place);
            Check::new(it.id, status, found).fix(&it.fix.cli)
        }));
        document
    }
}

/// Why a token is not let in: what the statement that is nearest to it misses, or who denies it.
fn refusals(admission: &Admission) -> Vec<Reason> {
    if admission.is_admitted {
        return Vec::new();
    }
    let refused = |statement: &str| {
        Reason::new(Exit::Unauthorised, "trust-refuses")
            .place(format!("trust statement {statement}"))
    };
    let denies = |it: &&StatementAdmission| it.denies && it.unmet.is_empty() && it.open.is_empty();
    let denial = admission.statements.iter().find(denies).map(|it| {
        refused(&it.statement)
            .expected("no statement that denies this token")
            .found("all its conditions hold")
            .fix("narrow the statement, or run the job from where it does not hold")
    });
    let allows = admission.statements.iter().filter(|it| !it.denies);
    let nearest = allows.min_by_key(|it| it.missed.len());
    let Some(nearest) = nearest else {
        let none = refused("none")
            .expected("a statement that allows sts:AssumeRoleWithWebIdentity")
            .found("none")
            .fix("add one for the issuer of the token, with conditions on its :aud and its :sub");
        return denial.into_iter().chain([none]).collect();
    };
    let missed = nearest.missed.iter().map(|it| {
        refused(&nearest.statement)
            .expected(it.expected.clone())
            .found(values(&it.found))
            .fix(mended(&it.key, &it.found))
    });
    denial.into_iter().chain(missed).collect()
}

fn values(found: &[String]) -> String {
    if found.is_empty() { "no such claim".to_owned() } else { found.join(", ") }
}

fn mended(key: &str, found: &[String]) -> String {
    match found.first() {
        _ if key == "Principal" => {
            "name the provider of the token's issuer as Federated".to_owned()
        }
        Some(value) => format!(
            "run the job from where the condition holds, or let this one in: \
             {{\"StringEquals\": {{\"{key}\": \"{value}\"}}}}"
        ),
        None => format!("take a claim that the token has, instead of {key}"),
    }
}

fn of_statement(statement: &StatementAdmission) -> Check {
    let name = format!("statement {}", statement.statement);
    let effect = if statement.denies { "denies" } else { "allows" };
    if !statement.missed.is_empty() {
        let said = statement
            .missed
            .iter()
            .map(|it| format!("{} is not met by {}", it.expected, values(&it.found)));
        let said = said.collect::<Vec<_>>().join("; ");
        return Check::new(name, CheckStatus::Note, format!("it does not hold: {said}"));
    }
    if !statement.open.is_empty() {
        let open = statement.open.join("; ");
        let found = format!("it {effect} the token where this holds: {open}");
        return Check::new(name, CheckStatus::Unknown, found);
    }
    let status = if statement.denies { CheckStatus::Bad } else { CheckStatus::Good };
    Check::new(name, status, format!("it {effect} the token: all its conditions hold"))
}

fn as_map<S: Serializer>(
    facts: &[(&'static str, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(facts.len()))?;
    for (name, value) in facts {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

impl Document for Doctor {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn to_json(&self) -> String {
        pretty(self)
    }

    fn to_text(&self, paint: Paint) -> String {
        text::doctor(self, paint)
    }
}

#[cfg(test)]
mod tests {
    use boltseal_posture::{Claims, TrustPolicy};
    use serde_json::json;

    use super::*;

    fn admission(condition: &serde_json::Value) -> Admission {
        let provider = "arn:aws:iam::111122223333:oidc-provider/gitlab.com";
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Ci", "Effect": "Allow",
            "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": condition}}]});
        let token = json!({"iss": "https://gitlab.com", "sub": "project_path:acme/app",
            "aud": "sts.amazonaws.com"});
        let claims = Claims::of_token(token.as_object().unwrap());
        TrustPolicy::parse(&policy.to_string()).unwrap().admits(&claims)
    }

    #[test]
    fn a_refusal_says_what_the_token_says_instead() {
        let admission = admission(&json!({"gitlab.com:sub": "project_path:acme/other"}));
        let document = Doctor::of_trust("trust.json", &admission, &[]);
        assert_eq!(document.head.exit, Exit::Unauthorised);
        let reason = &document.head.reasons[0];
        assert!(reason.expected.contains("project_path:acme/other"), "{reason:?}");
        assert_eq!(reason.found, "project_path:acme/app");
        assert!(reason.fix.contains(r#""gitlab.com:sub": "project_path:acme/app""#), "{reason:?}");
        let text = document.to_text(Paint::Plain);
        assert!(text.starts_with("REFUSED") || text.starts_with("UNDETERMINED"), "{text}");
    }

    #[test]
    fn a_token_that_is_let_in_passes() {
        let admission = admission(&json!({"gitlab.com:sub": "project_path:acme/app"}));
        let document = Doctor::of_trust("trust.json", &admission, &[]);
        let json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
        assert_eq!(json["schema"], "boltseal.doctor/v1");
        assert_eq!((&json["exit"], &json["outcome"]), (&json!(0), &json!("passed")));
        assert_eq!(json["checks"][0]["status"], "good", "{json}");
    }
}
