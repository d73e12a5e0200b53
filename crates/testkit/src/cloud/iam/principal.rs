use serde_json::Value;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A session of a role of this account.
    Session {
        /// `arn:aws:iam::ACCOUNT:role/NAME`.
        role: String,
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        session: String,
    },
    /// Somebody whom an identity provider vouches for.
    Federated {
        /// `arn:aws:iam::ACCOUNT:oidc-provider/HOST`.
        provider: String,
    },
}

/// The `Principal` of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Principals {
    aws: Vec<String>,
    federated: Vec<String>,
}

/// How a statement names a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// As the account, which leaves it to the account's own policies.
    Account,
    /// As the role, or everybody, or an identity provider.
    Itself,
    /// As this one session, which no session policy narrows.
    Session,
}

impl Principals {
    pub(super) fn read(element: &Value) -> Result<Self, String> {
        if element == "*" {
            return Ok(Self { aws: vec!["*".to_owned()], federated: Vec::new() });
        }
        let mut found = Self::default();
        for (kind, names) in element.as_object().ok_or("Principal is no object")? {
            let names = super::statement::texts(names)?;
            match kind.as_str() {
                "AWS" => found.aws = names,
                "Federated" => found.federated = names,
                // Services and canonical users call none of these stand-ins.
                "Service" | "CanonicalUser" => {}
                _ => return Err(format!("unknown kind of principal {kind}")),
            }
        }
        Ok(found)
    }

    /// How these principals name the caller; `None` where they do not.
    pub(super) fn naming(&self, caller: &Caller) -> Option<Naming> {
        match caller {
            Caller::Federated { provider } => {
                let fits = |it: &String| it == provider;
                self.federated.iter().any(fits).then_some(Naming::Itself)
            }
            Caller::Session { role, session } => {
                let account = role.split(':').nth(4).unwrap_or_default();
                let root = format!("arn:aws:iam::{account}:root");
                let naming = |name: &String| match name {
                    name if name == session => Some(Naming::Session),
                    name if name == "*" || name == role => Some(Naming::Itself),
                    name if name == account || *name == root => Some(Naming::Account),
                    _ => None,
                };
                self.aws.iter().filter_map(naming).max()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_caller_is_named_in_several_ways() {
        let caller = Caller::Session {
            role: "arn:aws:iam::111122223333:role/ci".to_owned(),
            session: "arn:aws:sts::111122223333:assumed-role/ci/run-1".to_owned(),
        };
        for (element, naming) in [
            (json!("*"), Some(Naming::Itself)),
            (json!({"AWS": "*"}), Some(Naming::Itself)),
            (json!({"AWS": ["111122223333"]}), Some(Naming::Account)),
            (json!({"AWS": "arn:aws:iam::111122223333:root"}), Some(Naming::Account)),
            (json!({"AWS": "arn:aws:iam::111122223333:role/ci"}), Some(Naming::Itself)),
            (json!({"AWS": "arn:aws:iam::111122223333:role/c*"}), None),
            (json!({"AWS": "arn:aws:iam::999922223333:root"}), None),
            (json!({"Federated": "*"}), None),
            (
                json!({"AWS": ["*", "arn:aws:sts::111122223333:assumed-role/ci/run-1"]}),
                Some(Naming::Session),
            ),
        ] {
            assert_eq!(Principals::read(&element).unwrap().naming(&caller), naming, "{element}");
        }
        assert!(Principals::read(&json!({"Robot": "x"})).is_err());
    }

    #[test]
    fn a_provider_is_named_in_full() {
        let provider = "arn:aws:iam::111122223333:oidc-provider/gitlab.com".to_owned();
        let caller = Caller::Federated { provider: provider.clone() };
        let named = |it: Value| Principals::read(&it).unwrap().naming(&caller).is_some();
        assert!(named(json!({"Federated": ["x", provider]})));
        assert!(!named(json!({"Federated": "*"})) && !named(json!({"AWS": "*"})));
    }
}
