//! A role assumed with the run's own token.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use boltseal_ports::{IdClaims, IdToken, IdentityProvider};

use super::Caller;
use super::held::{Held, Life};
use super::trust::{provider_arn, trust_condition};
use crate::call::Call;
use crate::fault::Fault;
use crate::service::Service;
use crate::{AccountId, Arn, Aws, AwsError, AwsErrorKind, Hosts, Region};

/// The audience that AWS's own documentation has everybody use.
pub const DEFAULT_AUDIENCE: &str = "sts.amazonaws.com";

/// The session that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRequest {
    /// The role.
    pub role: Arn,
    /// The audience that the token must be for; [`None`] takes what the provider gives, which is
    /// asked for `sts.amazonaws.com`.
    pub audience: Option<String>,
    /// The session's name, as `session_name` makes it.
    pub name: String,
    /// The session policy, at most 2,048 characters: the session may do no more than it says.
    pub policy: Option<String>,
    /// How long the session lives, 15 minutes to 12 hours; the role's own limit may be lower.
    pub lifetime: Duration,
}

/// A role, and who vouches for us to it.
pub(super) struct Role {
    client: Client,
    identity: Arc<dyn IdentityProvider>,
    request: RoleRequest,
    account: AccountId,
    call: Call,
}

impl Role {
    pub(super) fn new(
        aws: &Aws,
        region: &Region,
        identity: Arc<dyn IdentityProvider>,
        request: RoleRequest,
    ) -> Result<Self, AwsError> {
        let role = &request.role;
        let account: Option<AccountId> = role.account.parse().ok();
        let named = role.service == "iam" && role.resource_of("role").is_some();
        let account = account.filter(|_| named).ok_or_else(|| {
            AwsError::new(AwsErrorKind::Invalid, "--role")
                .expected("the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME")
                .found(role.to_string())
                .fix("give the ARN that `aws iam get-role --role-name NAME` prints")
        })?;
        let call = Call::new(Service::Sts, "AssumeRoleWithWebIdentity", region).about(role);
        let client = Client::new(&aws.config(Service::Sts, region, Hosts::default()));
        Ok(Self { client, identity, request, account, call })
    }

    pub(super) fn identity(&self) -> &dyn IdentityProvider {
        self.identity.as_ref()
    }

    pub(super) const fn account(&self) -> &AccountId {
        &self.account
    }

    /// A token for the audience that is wanted, not expired.
    pub(super) async fn token(&self, aws: &Aws) -> Result<IdToken, AwsError> {
        let wanted = self.request.audience.as_deref();
        let token = self.identity.token(wanted.unwrap_or(DEFAULT_AUDIENCE)).await?;
        let claims = token.claims();
        if let Some(wanted) = wanted.filter(|it| !claims.audiences.iter().any(|aud| aud == it)) {
            return Err(AwsError::new(AwsErrorKind::Unauthorised, self.identity.name())
                .expected(format!("an ID token for the audience {wanted}"))
                .found(format!("one for {}", claims.audiences.join(", ")))
                .fix("give the job's token that audience, or --audience the token's"));
        }
        match claims.expires {
            Some(expires) if expires <= aws.now() => Err(self.expired(&format!("at {expires}"))),
            _ => Ok(token),
        }
    }

    /// Exchanges a token for credentials. A denial is not tried again.
    pub(super) async fn assume(&self, aws: &Aws, token: &IdToken) -> Result<Held, AwsError> {
        let seconds = i32::try_from(self.request.lifetime.as_secs()).unwrap_or(i32::MAX);
        let asked = self
            .client
            .assume_role_with_web_identity()
            .role_arn(self.request.role.to_string())
            .role_session_name(&self.request.name)
            .web_identity_token(token.secret())
            .set_policy(self.request.policy.clone())
            .duration_seconds(seconds);
        let sent = aws.patience().send(Service::Sts, || asked.clone().send()).await;
        let answer = sent.map_err(|mut fault| {
            // Nothing keeps whoever answers from echoing what it was sent.
            fault.message = fault.message.replace(token.secret(), "(the token)");
            self.refusal(fault, token.claims())
        })?;
        let given = answer.credentials().ok_or_else(|| {
            AwsError::new(AwsErrorKind::Unreadable, self.call.to_string())
                .expected("credentials")
                .found("none")
                .fix("look at what answers there: a proxy, or the address in AWS_ENDPOINT_URL_STS")
        })?;
        let expiry = std::time::SystemTime::try_from(*given.expiration()).ok();
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            expiry,
            "AssumeRoleWithWebIdentity",
        );
        let caller = answer.assumed_role_user().and_then(|user| Caller::of_arn(user.arn()));
        let life = Life::of(&credentials, aws.now());
        Ok(Held { credentials, life, caller, generation: 0 })
    }

    fn expired(&self, found: &str) -> AwsError {
        let fix = if self.identity.renews() {
            "run again, and look at this machine's clock"
        } else {
            "raise the job's `timeout`: its ID token lives as long as the job may run"
        };
        AwsError::new(AwsErrorKind::Expired, self.identity.name())
            .expected("an ID token that has not expired")
            .found(format!("one that expired {found}"))
            .fix(fix)
    }

    fn refusal(&self, fault: Fault, claims: &IdClaims) -> AwsError {
        let error = |kind| AwsError::new(kind, self.call.to_string()).found(fault.found());
        match fault.code.as_str() {
            _ if fault.is_denied() => self.untrusted(&fault, claims),
            "ExpiredTokenException" | "ExpiredToken" => {
                self.expired(&format!("({})", fault.found()))
            }
            "InvalidIdentityToken" => self.unknown_token(&fault, claims),
            "IDPRejectedClaim" => error(AwsErrorKind::Unauthorised)
                .expected("an ID token that its issuer stands by")
                .fix("run the job again; a token that was revoked never works"),
            "IDPCommunicationError" => error(AwsErrorKind::Unreachable)
                .expected("an issuer that AWS can reach")
                .fix(format!("check that {} answers the internet, and run again", claims.issuer)),
            "MalformedPolicyDocument" | "PackedPolicyTooLarge" => error(AwsErrorKind::Invalid)
                .expected("a session policy that STS accepts")
                .fix("release fewer repositories and keys at once, so that the policy is smaller"),
            "RegionDisabledException" => error(AwsErrorKind::Invalid)
                .expected("a region in which the account lets STS answer")
                .fix(
                    "activate STS in that region (IAM, account settings), or give another --region",
                ),
            "ValidationError" if fault.message.contains("DurationSeconds") => {
                error(AwsErrorKind::Invalid)
                    .expected("a session no longer than the role allows")
                    .fix(format!(
                        "aws iam update-role --role-name {} --max-session-duration {}",
                        self.request.role.resource_of("role").unwrap_or_default(),
                        self.request.lifetime.as_secs()
                    ))
            }
            _ => fault.into_error(&self.call),
        }
    }

    /// The role's trust policy does not admit the token, or the role is not there: STS does not
    /// say which.
    fn untrusted(&self, fault: &Fault, claims: &IdClaims) -> AwsError {
        let partition = self.partition();
        AwsError::new(AwsErrorKind::Unauthorised, self.call.to_string())
            .expected("a role that is there and whose trust policy admits this run's token")
            .found(format!(
                "{} for iss {}, aud {}, sub {}",
                fault.found(),
                claims.issuer,
                claims.audiences.join(", "),
                claims.subject
            ))
            .fix(format!(
                "trust Federated {} for sts:AssumeRoleWithWebIdentity under the condition {}",
                provider_arn(claims, partition, &self.account),
                trust_condition(claims)
            ))
    }

    fn unknown_token(&self, fault: &Fault, claims: &IdClaims) -> AwsError {
        let arn = provider_arn(claims, self.partition(), &self.account);
        let audience = claims.audiences.join(", ");
        let (kind, expected, fix) = if fault.message.contains("verification key") {
            let fix = format!("check that {} answers the internet, and run again", claims.issuer);
            (AwsErrorKind::Unreachable, "an issuer that AWS can reach", fix)
        } else if fault.message.to_lowercase().contains("audience") {
            let fix = format!(
                "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn \
                 {arn} --client-id {audience}; or give --audience one that is registered"
            );
            (AwsErrorKind::Unauthorised, "an audience that the account's provider knows", fix)
        } else {
            let fix = format!(
                "aws iam create-open-id-connect-provider --url {} --client-id-list {audience}",
                claims.issuer
            );
            (AwsErrorKind::Unauthorised, "an issuer that the account has a provider for", fix)
        };
        AwsError::new(kind, self.call.to_string())
            .expected(expected)
            .found(format!("{} (iss {}, aud {audience})", fault.found(), claims.issuer))
            .fix(fix)
    }

    fn partition(&self) -> crate::Partition {
        let region: Option<Region> = self.call.region.parse().ok();
        region.map_or(crate::Partition::Aws, |it| it.partition())
    }
}
