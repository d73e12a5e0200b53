use std::path::{Path, PathBuf};

use async_trait::async_trait;
use boltseal_core::{Exit, Reason, json};
use boltseal_pipeline::Failure;
use boltseal_ports::{Clock as _, IdClaims};
use boltseal_posture::{Claims, Documents, Finding, Request, Saved, TrustPolicy, judge};
use boltseal_report::{Document, v1};
use clap::Args;
use serde_json::{Map, Value};

use crate::argument::OutputArgs;
use crate::command::{Command, Ending};
use crate::console::Console;
use crate::file;
use crate::system_clock::SystemClock;
use crate::wire;

/// No trust policy and no token's claims are larger.
const MAX_BYTES: u64 = 1 << 20;

/// Try the trust policy of a role with this run's token, or with given claims.
///
/// Says which statement lets the token in, or which condition keeps it out, what the token says
/// instead, and what would make it pass; then what is wrong with the policy whoever comes. The
/// token itself is never shown, and AWS is not asked.
#[derive(Args, Debug)]
pub(crate) struct DoctorOidc {
    /// The role's trust policy, or what aws iam get-role prints.
    #[arg(long, value_name = "FILE")]
    trust_policy: PathBuf,

    /// The claims of a token as JSON (the decoded payload), instead of this run's own token.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,

    /// The audience to ask this run's token for; sts.amazonaws.com unless said otherwise.
    #[arg(long, value_name = "AUDIENCE", conflicts_with = "claims")]
    audience: Option<String>,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for DoctorOidc {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let text = trust(&self.trust_policy)?;
        let policy = TrustPolicy::parse(&text).map_err(|error| {
            Reason::new(Exit::Invalid, "trust-policy-invalid")
                .expected("a trust policy that IAM would take")
                .found(error.to_string())
                .place(self.trust_policy.display().to_string())
                .fix("correct it; aws iam get-role prints the one that is in force")
        })?;
        let token = match &self.claims {
            Some(path) => given(path)?,
            None => own(self.audience.as_deref().unwrap_or(wire::DEFAULT_AUDIENCE)).await?,
        };
        let admission = policy.admits(&Claims::of_token(&token));
        let name = self.trust_policy.display().to_string();
        let mut document = v1::Doctor::of_trust(&name, &admission, &findings(&text)?);
        document.facts = facts(&token);
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Doctor::of("oidc", &self.trust_policy.display().to_string(), reasons))
    }
}

/// The text of the policy, also where it stands in an answer of `get-role`.
fn trust(path: &Path) -> Result<String, Failure> {
    let value = object(path, "trust-policy-unreadable", "a trust policy")?;
    let inner = value.get("Role").and_then(|it| it.get("AssumeRolePolicyDocument"));
    Ok(match inner {
        Some(Value::String(text)) => text.clone(),
        Some(inner) => inner.to_string(),
        None => Value::Object(value).to_string(),
    })
}

fn given(path: &Path) -> Result<Map<String, Value>, Failure> {
    object(path, "claims-unreadable", "the claims of a token")
}

fn object(
    path: &Path,
    code: &'static str,
    expected: &'static str,
) -> Result<Map<String, Value>, Failure> {
    let reason = |found: String| {
        Reason::new(Exit::Invalid, code)
            .expected(format!("{expected}: a file with one JSON object"))
            .found(found)
            .place(path.display().to_string())
            .fix(format!("save {expected} as one JSON object, and name that file"))
    };
    let bytes = file::read(path, MAX_BYTES).map_err(|error| reason(error.to_string()))?;
    match json::parse(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(reason("another value".to_owned()).into()),
        Err(error) => Err(reason(error.to_string()).into()),
    }
}

/// What this run's own token says.
async fn own(audience: &str) -> Result<Map<String, Value>, Failure> {
    let token = wire::identity()?.token(audience).await.map_err(Reason::from)?;
    let IdClaims { issuer, subject, audiences, expires, rest, .. } = token.claims().clone();
    let mut claims = rest;
    claims.insert("iss".to_owned(), issuer.into());
    claims.insert("sub".to_owned(), subject.into());
    claims.insert("aud".to_owned(), audiences.into());
    claims.extend(expires.map(|it| ("exp".to_owned(), it.as_second().into())));
    Ok(claims)
}

/// What is wrong with the policy, whoever comes.
fn findings(trust: &str) -> Result<Vec<Finding>, Failure> {
    let role = serde_json::json!({"Role": {"RoleName": "role", "AssumeRolePolicyDocument": trust}});
    let bytes = role.to_string();
    let saved = Saved::fetched("get-role", "role", Ok(bytes.as_bytes()));
    let documents = Documents::read([saved])
        .map_err(|errors| Failure::of(errors.into_iter().map(Reason::from).collect()))?;
    Ok(judge(&documents, &Request::new(SystemClock.now()))?.findings)
}

/// The three claims that every trust policy should be about.
fn facts(token: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let said = |name: &'static str| token.get(name).map(|value| (name, text(value)));
    ["iss", "aud", "sub"].into_iter().filter_map(said).collect()
}
