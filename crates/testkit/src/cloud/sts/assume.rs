use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::session::Beginning;
use super::{Provider, Session, Sessions};
use crate::cloud::Role;
use crate::cloud::account::{Account, without_scheme};
use crate::cloud::http::Reply;
use crate::cloud::iam::{Authority, Caller, Context, Kind, Policy, Question};
use crate::cloud::oidc::{GITHUB, Jwks, TokenFlaw};
use crate::cloud::service::{Operation, Service};
use crate::cloud::service_error::ServiceError;
use crate::cloud::xml::answer;
use crate::registry::Query;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
/// Characters of a session policy, at most.
const MAX_POLICY: usize = 2048;

/// The claims of GitHub's tokens that are condition keys; of other issuers only `aud`, `sub` and
/// `amr` are.
const GITHUB_KEYS: [&str; 9] = [
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
];

/// `AssumeRoleWithWebIdentity`: verifies the token and asks the role's trust policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assume<'a> {
    pub(crate) account: &'a Account,
    pub(crate) roles: &'a [Role],
    pub(crate) providers: &'a [Provider],
    pub(crate) sessions: &'a Sessions,
    /// How long sessions live, whatever is asked for.
    pub(crate) lifetime: Option<SignedDuration>,
}

/// The parameters of a call.
struct Wanted<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    token: &'a str,
    policy: Option<Policy>,
    policy_length: usize,
    lifetime: SignedDuration,
}

impl Assume<'_> {
    /// Answers a call.
    pub(crate) fn answer(&self, form: &Query) -> Result<Reply, ServiceError> {
        let wanted = Wanted::read(form)?;
        let claims = Jwks::claims(wanted.token).map_err(flawed)?;
        let provider = self.verified(wanted.token, &claims)?;
        let role = self.trusting(&wanted, provider, &claims)?;
        let longest = SignedDuration::try_from(role.max_session).unwrap_or(SignedDuration::MAX);
        if wanted.lifetime > longest {
            let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for \
                           this role.";
            return Err(ServiceError::new("ValidationError", message));
        }
        let session = self.sessions.begin(Beginning {
            role: role.name.clone(),
            role_arn: self.account.role_arn(&role.name),
            arn: self.account.session_arn(&role.name, wanted.session_name),
            policy: wanted.policy.clone(),
            lifetime: self.lifetime.unwrap_or(wanted.lifetime),
        });
        let arn = self.account.provider_arn(&provider.issuer);
        Ok(granted(&session, &claims, &arn, wanted.policy_length))
    }

    /// The provider of the token, which has signed it, for one of its audiences, and not too long
    /// ago.
    fn verified(
        &self,
        token: &str,
        claims: &Map<String, Value>,
    ) -> Result<&Provider, ServiceError> {
        let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let provider = self.providers.iter().find(|it| it.issuer == issuer).ok_or_else(|| {
            let message = format!("No OpenIDConnect provider found in your account for {issuer}");
            ServiceError::new("InvalidIdentityToken", message)
        })?;
        provider.keys()?.check(token).map_err(flawed)?;
        if !audiences(claims).iter().any(|it| provider.audiences.contains(it)) {
            let message = "Incorrect token audience";
            return Err(ServiceError::new("InvalidIdentityToken", message));
        }
        let now = Timestamp::now();
        let end = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
        if end <= now.as_second() {
            let message = format!(
                "Token expired: current date/time {} must be before the expiration date/time {end}",
                now.as_second()
            );
            return Err(ServiceError::new("ExpiredTokenException", message));
        }
        Ok(provider)
    }

    /// The role, where its trust policy lets the token's bearer in.
    fn trusting(
        &self,
        wanted: &Wanted<'_>,
        provider: &Provider,
        claims: &Map<String, Value>,
    ) -> Result<&Role, ServiceError> {
        let denied = || {
            let message = format!("Not authorized to perform {ACTION}");
            ServiceError::new("AccessDenied", message).with_status(403)
        };
        let named = |it: &&Role| self.account.role_arn(&it.name) == wanted.role_arn;
        let role = self.roles.iter().find(named).ok_or_else(denied)?;
        let trust = Policy::of(&role.trust, Kind::Trust);
        let trust =
            trust.map_err(|error| ServiceError::new("InternalFailure", error.to_string()))?;
        let question = Question {
            caller: Caller::Federated { provider: self.account.provider_arn(&provider.issuer) },
            action: ACTION,
            resource: wanted.role_arn,
            context: context(&provider.issuer, claims, wanted.session_name),
        };
        let resource = Some(&trust);
        let authority = Authority { identity: &[], session: None, resource, stands_alone: false };
        authority.decide(&question).map_err(|_| denied())?;
        Ok(role)
    }
}

impl<'a> Wanted<'a> {
    fn read(form: &'a Query) -> Result<Self, ServiceError> {
        let invalid = |what: String| ServiceError::new("ValidationError", what);
        let needed = |name: &str| {
            form.first(name).ok_or_else(|| invalid(format!("1 validation error detected: {name}")))
        };
        let session_name = needed("RoleSessionName")?;
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "_+=,.@-".contains(it);
        if !(2..=64).contains(&session_name.len()) || !session_name.chars().all(is_plain) {
            return Err(invalid("RoleSessionName: 2 to 64 of [\\w+=,.@-]".to_owned()));
        }
        let token = needed("WebIdentityToken")?;
        if !(4..=20_000).contains(&token.len()) {
            return Err(invalid("WebIdentityToken: 4 to 20000 characters".to_owned()));
        }
        let seconds = form.first("DurationSeconds").map_or(Ok(3600), str::parse::<i64>);
        let seconds = seconds.ok().filter(|it| (900..=43_200).contains(it));
        let seconds = seconds.ok_or_else(|| invalid("DurationSeconds: 900 to 43200".to_owned()))?;
        let (policy, policy_length) = Self::policy(form.first("Policy"))?;
        Ok(Self {
            role_arn: needed("RoleArn")?,
            session_name,
            token,
            policy,
            policy_length,
            lifetime: SignedDuration::from_secs(seconds),
        })
    }

    fn policy(text: Option<&str>) -> Result<(Option<Policy>, usize), ServiceError> {
        let Some(text) = text else {
            return Ok((None, 0));
        };
        let length = text.chars().count();
        if length > MAX_POLICY {
            let message = format!("Policy: at most {MAX_POLICY} characters, found {length}");
            return Err(ServiceError::new("ValidationError", message));
        }
        let policy = Policy::read(text, Kind::Identity)
            .map_err(|error| ServiceError::new("MalformedPolicyDocument", error.to_string()))?;
        Ok((Some(policy), length))
    }
}

fn flawed(flaw: TokenFlaw) -> ServiceError {
    let message = match flaw {
        TokenFlaw::Malformed => {
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an \
             Access Token)"
        }
        TokenFlaw::NotSigned => {
            "Couldn't retrieve verification key from your identity provider,  please reference \
             AssumeRoleWithWebIdentity documentation for requirements"
        }
    };
    ServiceError::new("InvalidIdentityToken", message)
}

fn audiences(claims: &Map<String, Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn context(issuer: &str, claims: &Map<String, Value>, session_name: &str) -> Context {
    let prefix = without_scheme(issuer);
    let further = if issuer == GITHUB { &GITHUB_KEYS[..] } else { &[] };
    let start = Context::default()
        .with("sts:RoleSessionName", session_name)
        .with_all(&format!("{prefix}:aud"), audiences(claims));
    let known = ["sub", "amr"].iter().chain(further);
    known.fold(start, |context, name| match claims.get(*name).and_then(Value::as_str) {
        Some(value) => context.with(&format!("{prefix}:{name}"), value),
        None => context,
    })
}

fn granted(
    session: &Arc<Session>,
    claims: &Map<String, Value>,
    provider: &str,
    policy_length: usize,
) -> Reply {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let audience = audiences(claims).into_iter().next().unwrap_or_default();
    let packed = (policy_length * 100 / MAX_POLICY).to_string();
    // Whole seconds, as the service answers.
    let expires = session.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    answer(
        &Operation::new(Service::Sts, "AssumeRoleWithWebIdentity"),
        &[
            ("Audience", &audience),
            ("AssumedRoleUser/AssumedRoleId", &session.user_id()),
            ("AssumedRoleUser/Arn", &session.arn),
            ("Provider", provider),
            ("Credentials/AccessKeyId", &session.access_key),
            ("Credentials/SecretAccessKey", &session.secret),
            ("Credentials/SessionToken", &session.token),
            ("Credentials/Expiration", &expires),
            ("PackedPolicySize", &packed),
            ("SubjectFromWebIdentityToken", subject),
        ],
    )
}

/// The answer of `GetCallerIdentity`.
pub(crate) fn caller_identity(session: &Session, account: &str) -> Reply {
    let operation = Operation::new(Service::Sts, "GetCallerIdentity");
    let user = session.user_id();
    answer(&operation, &[("Arn", &session.arn), ("UserId", &user), ("Account", account)])
}
