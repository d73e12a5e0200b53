use std::fmt;

use super::context::Context;
use super::policy::Policy;
use super::principal::{Caller, Naming};

/// What is asked: may this caller do this, to this?
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) caller: Caller,
    /// `SERVICE:Name`.
    pub(crate) action: &'a str,
    /// An ARN, or `*`.
    pub(crate) resource: &'a str,
    pub(crate) context: Context,
}

/// The policies that have a say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authority<'a> {
    /// Those of the role.
    pub(crate) identity: &'a [Policy],
    /// The one that the session was begun with.
    pub(crate) session: Option<&'a Policy>,
    /// The one of the resource.
    pub(crate) resource: Option<&'a Policy>,
    /// Whether the account's own policies count without the resource's. Those of KMS do not.
    pub(crate) stands_alone: bool,
}

/// Why something is not allowed, in the words of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A statement denies it.
    Explicit(Source),
    /// No statement allows it.
    Implicit(Source),
}

/// The kind of policy that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Identity,
    Resource,
    Session,
}

impl Authority<'_> {
    /// Whether this is allowed.
    pub(crate) fn decide(&self, question: &Question<'_>) -> Result<(), Denial> {
        if self.identity.iter().any(|it| it.denies(question)) {
            return Err(Denial::Explicit(Source::Identity));
        }
        if self.session.is_some_and(|it| it.denies(question)) {
            return Err(Denial::Explicit(Source::Session));
        }
        if self.resource.is_some_and(|it| it.denies(question)) {
            return Err(Denial::Explicit(Source::Resource));
        }
        let by_resource = self.resource.and_then(|it| it.allows(question));
        if by_resource == Some(Naming::Session) {
            return Ok(());
        }
        if !self.stands_alone && by_resource.is_none() {
            return Err(Denial::Implicit(Source::Resource));
        }
        let by_identity = self.identity.iter().any(|it| it.allows(question).is_some());
        if !by_identity && by_resource != Some(Naming::Itself) {
            return Err(Denial::Implicit(Source::Identity));
        }
        match self.session {
            Some(session) if session.allows(question).is_none() => {
                Err(Denial::Implicit(Source::Session))
            }
            _ => Ok(()),
        }
    }
}

impl Denial {
    /// The sentence of AWS's `AccessDenied` errors.
    pub(crate) fn sentence(self, question: &Question<'_>) -> String {
        let who = match &question.caller {
            Caller::Session { session, .. } => session,
            Caller::Federated { provider } => provider,
        };
        let Question { action, resource, .. } = question;
        let why = match self {
            Self::Explicit(source) => format!("with an explicit deny in {source}"),
            Self::Implicit(source) => {
                let source = source.to_string();
                let source = source.trim_start_matches("an ").trim_start_matches("a ");
                format!("because no {source} allows the {action} action")
            }
        };
        format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}")
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "an identity-based policy",
            Self::Resource => "a resource-based policy",
            Self::Session => "a session policy",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Kind;
    use super::*;
    use serde_json::{Value, json};

    const ROLE: &str = "arn:aws:iam::111122223333:role/ci";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/ci/run-1";
    const APP: &str = "arn:aws:ecr:us-east-1:111122223333:repository/app";

    fn question(action: &str) -> Question<'_> {
        let (role, session) = (ROLE.to_owned(), SESSION.to_owned());
        let caller = Caller::Session { role, session };
        Question { caller, action, resource: APP, context: Context::default() }
    }

    fn identity(effect: &str, action: &str) -> Policy {
        let statement = json!({"Effect": effect, "Action": action, "Resource": APP});
        Policy::of(&json!({"Statement": statement}), Kind::Identity).unwrap()
    }

    fn resource(effect: &str, principal: &Value) -> Policy {
        let statement = json!({"Effect": effect, "Action": "ecr:*", "Principal": principal});
        Policy::of(&json!({"Statement": statement}), Kind::Repository).unwrap()
    }

    fn decide(
        identity: &[Policy],
        session: Option<&Policy>,
        resource: Option<&Policy>,
    ) -> Result<(), Denial> {
        let authority = Authority { identity, session, resource, stands_alone: true };
        authority.decide(&question("ecr:PutImage"))
    }

    #[test]
    fn what_nothing_allows_is_denied() {
        let implicit = Err(Denial::Implicit(Source::Identity));
        assert_eq!(decide(&[], None, None), implicit);
        assert_eq!(decide(&[identity("Allow", "ecr:BatchGetImage")], None, None), implicit);
        assert_eq!(decide(&[identity("Allow", "ecr:Put*")], None, None), Ok(()));
        let elsewhere = Policy::of(
            &json!({"Statement": {"Effect": "Allow", "Action": "*",
                "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/app-evil"}}),
            Kind::Identity,
        );
        assert_eq!(decide(&[elsewhere.unwrap()], None, None), implicit);
    }

    #[test]
    fn a_session_policy_only_takes_away() {
        let all = [identity("Allow", "*")];
        let narrow = identity("Allow", "ecr:BatchGetImage");
        assert_eq!(decide(&all, Some(&narrow), None), Err(Denial::Implicit(Source::Session)));
        assert_eq!(decide(&all, Some(&identity("Allow", "ecr:PutImage")), None), Ok(()));
        let wide = identity("Allow", "*");
        assert_eq!(decide(&[], Some(&wide), None), Err(Denial::Implicit(Source::Identity)));
        let denied = identity("Deny", "ecr:Put*");
        assert_eq!(decide(&all, Some(&denied), None), Err(Denial::Explicit(Source::Session)));
    }

    #[test]
    fn an_explicit_deny_wins_wherever_it_stands() {
        let all = identity("Allow", "*");
        let both = [all.clone(), identity("Deny", "*")];
        assert_eq!(decide(&both, None, None), Err(Denial::Explicit(Source::Identity)));
        let deny = resource("Deny", &json!("*"));
        assert_eq!(decide(&[all], None, Some(&deny)), Err(Denial::Explicit(Source::Resource)));
    }

    #[test]
    fn a_resource_policy_grants_to_a_role_within_the_session_policy() {
        let role = resource("Allow", &json!({"AWS": ROLE}));
        assert_eq!(decide(&[], None, Some(&role)), Ok(()));
        let narrow = identity("Allow", "ecr:BatchGetImage");
        let denied = Err(Denial::Implicit(Source::Session));
        assert_eq!(decide(&[], Some(&narrow), Some(&role)), denied);
        let session = resource("Allow", &json!({"AWS": SESSION}));
        assert_eq!(decide(&[], Some(&narrow), Some(&session)), Ok(()));
        let root = resource("Allow", &json!({"AWS": "arn:aws:iam::111122223333:root"}));
        assert_eq!(decide(&[], None, Some(&root)), Err(Denial::Implicit(Source::Identity)));
    }

    #[test]
    fn a_key_needs_its_own_policy() {
        let all = [identity("Allow", "*")];
        let question = question("ecr:PutImage");
        let root = resource("Allow", &json!({"AWS": "arn:aws:iam::111122223333:root"}));
        let other = resource("Allow", &json!({"AWS": "arn:aws:iam::111122223333:role/admin"}));
        let decide = |identity, resource| {
            let authority = Authority {
                identity,
                session: None,
                resource: Some(resource),
                stands_alone: false,
            };
            authority.decide(&question)
        };
        assert_eq!(decide(&all, &root), Ok(()));
        assert_eq!(decide(&[], &root), Err(Denial::Implicit(Source::Identity)));
        assert_eq!(decide(&all, &other), Err(Denial::Implicit(Source::Resource)));
    }

    #[test]
    fn a_denial_names_action_and_resource() {
        let denial = Denial::Implicit(Source::Session).sentence(&question("ecr:PutImage"));
        let expected = format!(
            "User: {SESSION} is not authorized to perform: ecr:PutImage on resource: {APP} \
             because no session policy allows the ecr:PutImage action"
        );
        assert_eq!(denial, expected);
        let denial = Denial::Explicit(Source::Identity).sentence(&question("ecr:PutImage"));
        assert!(denial.ends_with("with an explicit deny in an identity-based policy"), "{denial}");
    }
}
