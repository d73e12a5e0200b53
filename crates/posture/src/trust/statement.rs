use super::Issuer;
use super::policy::{ACTION, provider_of};
use crate::policy::{Condition, Effect, PolicyDocument, Principals, Statement};
use crate::who::Who;

/// A statement that lets tokens in.
pub(super) struct TrustStatement<'a> {
    pub(super) statement: &'a Statement,
    /// The providers that it names, by ARN.
    pub(super) providers: Vec<&'a str>,
    pub(super) issuer: Issuer,
}

impl<'a> TrustStatement<'a> {
    /// The statements of a trust policy that let tokens in.
    pub(super) fn all(policy: &'a PolicyDocument) -> Vec<Self> {
        let lets_in = |it: &&Statement| it.effect == Effect::Allow && it.actions.include(ACTION);
        policy.statements.iter().filter(lets_in).filter_map(Self::of).collect()
    }

    /// None for a statement about sts:* whose principals are no identity providers.
    fn of(statement: &'a Statement) -> Option<Self> {
        let providers: Vec<&str> = match &statement.principals {
            Principals::In(who) => who
                .iter()
                .filter_map(|it| match it {
                    Who::Federated(arn) => Some(arn.as_str()),
                    Who::Everyone => Some("*"),
                    _ => None,
                })
                .collect(),
            _ => vec!["*"],
        };
        let keys = || statement.conditions.iter().map(|it| it.key.as_str());
        let named = providers.iter().find_map(|arn| provider_of(arn));
        let by_key = || {
            let prefix = |key: &str| Some(key.rsplit_once(':')?.0.to_owned());
            keys().filter_map(prefix).find(|it| !matches!(it.as_str(), "aws" | "sts"))
        };
        let provider = named.or_else(by_key).unwrap_or_else(|| "*".to_owned());
        let subjects = statement.conditions.iter().filter(|it| it.key.ends_with(":sub"));
        let sample = subjects.flat_map(|it| it.test.values.iter()).next();
        let issuer = Issuer::of(&provider, sample.map_or("", String::as_str));
        (!providers.is_empty()).then_some(Self { statement, providers, issuer })
    }

    pub(super) fn name(&self) -> String {
        self.statement.name()
    }

    pub(super) fn place(&self) -> String {
        format!("trust statement {}", self.name())
    }

    /// The conditions on a claim.
    pub(super) fn on(&self, claim: &str) -> Vec<&'a Condition> {
        let is_on =
            |it: &&Condition| it.key.rsplit(':').next() == Some(claim) && it.key.contains(':');
        let of_token = |it: &&Condition| !it.key.starts_with("aws:") && !it.key.starts_with("sts:");
        self.statement.conditions.iter().filter(of_token).filter(is_on).collect()
    }
}

/// Whether a condition can only be met by a claim that is there and has one of the values.
pub(super) fn is_closing(condition: &Condition) -> bool {
    let test = &condition.test;
    !test.negated && !test.if_absent && !test.values.is_empty()
}
