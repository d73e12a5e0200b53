use serde_json::Value;

use super::authority::{Authority, Question};
use super::context::Context;
use super::policy::{Kind, MalformedPolicy, Policy};
use super::principal::Caller;

/// A request by a role, to try policies with.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub role: &'a str,
    /// `SERVICE:Name`.
    pub action: &'a str,
    /// An ARN.
    pub resource: &'a str,
    /// Condition keys with their values; one without values is absent.
    pub context: Vec<(&'a str, Vec<String>)>,
}

impl Asked<'_> {
    /// Whether a repository's policy permits it, by the evaluator that the stand-ins use, where
    /// the role's own account lets it do everything: what this policy says is all that counts.
    ///
    /// # Errors
    /// A policy that IAM would not take, or that the evaluator does not understand.
    pub fn permitted_by(&self, policy: &Value) -> Result<bool, MalformedPolicy> {
        let resource = Policy::of(policy, Kind::Repository)?;
        let all = serde_json::json!({"Statement": {"Effect": "Allow", "Action": "*",
            "Resource": "*"}});
        let identity = [Policy::of(&all, Kind::Identity)?];
        Ok(self.decided(Authority {
            identity: &identity,
            session: None,
            resource: Some(&resource),
            stands_alone: false,
        }))
    }

    /// Whether a policy of the role permits it, where the resource has none.
    ///
    /// # Errors
    /// As [`Asked::permitted_by`].
    pub fn permitted_to(&self, policy: &Value) -> Result<bool, MalformedPolicy> {
        let identity = [Policy::of(policy, Kind::Identity)?];
        let authority =
            Authority { identity: &identity, session: None, resource: None, stands_alone: true };
        Ok(self.decided(authority))
    }

    fn decided(&self, authority: Authority<'_>) -> bool {
        let name = self.role.rsplit('/').next().unwrap_or_default();
        let account = self.role.split(':').nth(4).unwrap_or_default();
        let session = format!("arn:aws:sts::{account}:assumed-role/{name}/run");
        let caller = Caller::Session { role: self.role.to_owned(), session };
        let context = self.context.iter().fold(Context::default(), |context, (key, values)| {
            context.with_all(key, values.clone())
        });
        let (action, resource) = (self.action, self.resource);
        authority.decide(&Question { caller, action, resource, context }).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_policy_of_the_resource_counts() {
        let statement = |principal: &str| {
            json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal},
                "Action": "ecr:PutImage"}})
        };
        let asked = Asked {
            role: "arn:aws:iam::111122223333:role/ci",
            action: "ecr:PutImage",
            resource: "arn:aws:ecr:us-east-1:111122223333:repository/app",
            context: Vec::new(),
        };
        for (principal, permitted) in [("*", true), ("111122223333", true), ("999999999999", false)]
        {
            assert_eq!(asked.permitted_by(&statement(principal)).unwrap(), permitted);
        }
        assert!(asked.permitted_by(&json!({})).is_err());
    }
}
