use std::time::Duration;

use serde_json::{Value, json};

/// A role of the account.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Who may assume it: a trust policy.
    pub trust: Value,
    /// What it may do: policies of an identity.
    pub policies: Vec<Value>,
    /// The longest session that may be asked for; an hour unless set.
    pub max_session: Duration,
}

impl Role {
    /// A role that nobody may assume and that may do nothing.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            trust: json!({"Version": "2012-10-17", "Statement": {
                "Effect": "Deny", "Principal": {"Federated": "none"},
                "Action": "sts:AssumeRoleWithWebIdentity",
            }}),
            policies: Vec::new(),
            max_session: Duration::from_hours(1),
        }
    }

    /// The same, trusting the identity provider `provider` (an ARN) where `condition` holds.
    #[must_use]
    pub fn trusting(mut self, provider: &str, condition: &Value) -> Self {
        self.trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }]});
        self
    }

    /// The same with one policy more.
    #[must_use]
    pub fn with_policy(mut self, policy: Value) -> Self {
        self.policies.push(policy);
        self
    }

    /// The same, allowed to do anything.
    #[must_use]
    pub fn allowed_everything(self) -> Self {
        self.with_policy(json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    }
}
