//! What `doctor` finds out with adapters, in the terms of its result.

use boltseal_aws::{KeyDescription, KmsSigner};
use boltseal_core::{Reason, Repository};
use boltseal_oci::http::{Ability, AbilityVerdict};
use boltseal_pipeline::Failure;
use boltseal_ports::{IdentityProvider, Signer as _};
use boltseal_report::v1::{Check, CheckStatus};

use super::{Cloud, http};
use crate::argument::RegistryArgs;

/// What is so, what was checked, what was written, and why it will not do.
#[derive(Default)]
pub(crate) struct Health {
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) checks: Vec<Check>,
    pub(crate) wrote: Vec<String>,
    pub(crate) reason: Option<Reason>,
}

/// Where this run's identity comes from.
pub(crate) fn identity() -> Result<Box<dyn IdentityProvider>, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let identity = boltseal_ci::detect_identity(variable, boltseal_ci::GITLAB_TOKEN_VARIABLE);
    Ok(identity.map_err(Reason::from)?)
}

/// The state of a key in KMS. That nobody may ask is not that it is bad.
pub(crate) async fn key_state(key: &KmsSigner) -> Health {
    let described = match key.describe().await {
        Ok(described) => described,
        Err(error) => {
            let reason = Reason::from(error);
            let (found, fix) = (reason.found.clone(), reason.fix.clone());
            let check = Check::new("state", CheckStatus::Unknown, found).fix(fix);
            return Health { checks: vec![check], ..Health::default() };
        }
    };
    let reason = key.ready().await.err().map(Reason::from);
    let (checks, facts) = (vec![state(&described), usage(&described)], facts(&described));
    Health { facts, checks, reason, ..Health::default() }
}

fn facts(key: &KeyDescription) -> Vec<(&'static str, String)> {
    let deletion = key.deletion.map(|it| it.to_string()).unwrap_or_default();
    let all = [
        ("arn", &key.arn),
        ("state", &key.state),
        ("usage", &key.usage),
        ("spec", &key.spec),
        ("manager", &key.manager),
        ("deletion", &deletion),
    ];
    let told = all.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(name, value)| (name, value.clone())).collect()
}

fn state(key: &KeyDescription) -> Check {
    match (key.state.as_str(), key.deletion) {
        ("Enabled", _) => Check::new("state", CheckStatus::Good, "it is enabled"),
        (state, Some(at)) => {
            Check::new("state", CheckStatus::Bad, format!("{state}: it is deleted at {at}"))
                .fix(format!("aws kms cancel-key-deletion --key-id {}", key.arn))
        }
        (state, None) => Check::new("state", CheckStatus::Bad, state)
            .fix(format!("aws kms enable-key --key-id {}", key.arn)),
    }
}

fn usage(key: &KeyDescription) -> Check {
    if key.usage == "SIGN_VERIFY" {
        return Check::new("usage", CheckStatus::Good, "it signs");
    }
    Check::new("usage", CheckStatus::Bad, format!("it is for {}", key.usage))
        .fix("aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256")
}

/// What a registry can do, found out by doing it.
pub(crate) async fn abilities(
    repository: &Repository,
    args: &RegistryArgs,
    cloud: &Cloud,
    mark: &str,
) -> Result<Health, Failure> {
    let registry = http(repository, args, cloud)?;
    let seen = registry.abilities(mark).await?;
    let has = |name: &str| {
        let of_name = |it: &&Ability| it.name == name;
        seen.found.iter().find(of_name).is_some_and(|it| it.verdict == AbilityVerdict::Has)
    };
    let referrers = if has("referrers-api") { "the Referrers API" } else { "the fallback tag" };
    let facts = vec![("referrers", referrers.to_owned())];
    let checks = seen.found.iter().map(check).collect();
    Ok(Health { facts, checks, wrote: seen.wrote, reason: None })
}

fn check(ability: &Ability) -> Check {
    let status = match ability.verdict {
        AbilityVerdict::Has => CheckStatus::Good,
        AbilityVerdict::HasNot => CheckStatus::Note,
        AbilityVerdict::Odd => CheckStatus::Unknown,
    };
    Check::new(ability.name, status, ability.found.clone())
}
