use serde_json::{Value, json};

use super::ReleaseGrant;
use crate::session::provider_host;

/// Without thumbprints: IAM has those of providers that it knows, and fetches the others'.
pub(super) fn input(grant: &ReleaseGrant) -> Value {
    json!({"Url": url(grant), "ClientIDList": [grant.trust.audience]})
}

pub(super) fn url(grant: &ReleaseGrant) -> &str {
    grant.trust.issuer.trim_end_matches('/')
}

pub(super) fn arn(grant: &ReleaseGrant) -> String {
    let (account, host) = (&grant.registry.account, provider_host(&grant.trust.issuer));
    format!("arn:{}:iam::{account}:oidc-provider/{host}", grant.registry.partition())
}
