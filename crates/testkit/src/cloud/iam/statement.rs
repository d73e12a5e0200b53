use serde_json::{Map, Value};

use super::authority::Question;
use super::condition::Condition;
use super::pattern;
use super::policy::Kind;
use super::principal::{Naming, Principals};

/// Whether a statement gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
enum Element<T> {
    Only(T),
    AllBut(T),
}

/// A statement of a policy.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    actions: Element<Vec<String>>,
    /// A trust policy and a repository policy have none: they are about what they hang on.
    resources: Option<Element<Vec<String>>>,
    /// An identity's policy has none: it is about whom it hangs on.
    principals: Option<Element<Principals>>,
    conditions: Vec<Condition>,
}

const KNOWN: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

impl Statement {
    pub(super) fn read(value: &Value, kind: Kind) -> Result<Self, String> {
        let members = value.as_object().ok_or("a statement is not an object")?;
        if let Some(unknown) = members.keys().find(|it| !KNOWN.contains(&it.as_str())) {
            return Err(format!("unknown element {unknown}"));
        }
        let effect = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("Effect is neither Allow nor Deny".to_owned()),
        };
        let actions = element(members, "Action", texts)?.ok_or("a statement has no Action")?;
        actions.inner().iter().try_for_each(|it| is_action(it))?;
        let resources = element(members, "Resource", texts)?;
        let principals = element(members, "Principal", Principals::read)?;
        kind.check(resources.as_ref().map(Element::inner), principals.is_some())?;
        Ok(Self {
            sid: sid(members)?,
            effect,
            actions,
            resources,
            principals,
            conditions: members.get("Condition").map_or(Ok(Vec::new()), Condition::read)?,
        })
    }

    /// How the statement applies to what is asked; `None` where it does not. A statement of an
    /// identity's own policy applies to it by itself.
    pub(super) fn applies(&self, question: &Question<'_>) -> Option<Naming> {
        let action = |it: &String| pattern::matches_any_case(it, question.action);
        let resource = |it: &String| pattern::matches(it, question.resource);
        let fits = self.actions.holds(|list| list.iter().any(action))
            && self.resources.as_ref().is_none_or(|it| it.holds(|list| list.iter().any(resource)))
            && self.conditions.iter().all(|it| it.holds(&question.context));
        let naming = match &self.principals {
            None => Some(Naming::Itself),
            Some(Element::Only(principals)) => principals.naming(&question.caller),
            // An account that is left out leaves out its root user, not everybody in it: the
            // guide's example denies "all principals except Bob" by naming Bob and the account.
            Some(Element::AllBut(principals)) => {
                let left_out = principals.naming(&question.caller) >= Some(Naming::Itself);
                (!left_out).then_some(Naming::Itself)
            }
        };
        naming.filter(|_| fits)
    }
}

impl<T> Element<T> {
    const fn inner(&self) -> &T {
        match self {
            Self::Only(inner) | Self::AllBut(inner) => inner,
        }
    }

    fn holds(&self, named: impl FnOnce(&T) -> bool) -> bool {
        match self {
            Self::Only(inner) => named(inner),
            Self::AllBut(inner) => !named(inner),
        }
    }
}

/// Reads `NAME` or `NotNAME`, not both.
fn element<T>(
    members: &Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Result<Option<Element<T>>, String> {
    match (members.get(name), members.get(&format!("Not{name}"))) {
        (Some(_), Some(_)) => Err(format!("both {name} and Not{name}")),
        (Some(value), None) => read(value).map(Element::Only).map(Some),
        (None, Some(value)) => read(value).map(Element::AllBut).map(Some),
        (None, None) => Ok(None),
    }
}

/// A text or a list of at least one.
pub(super) fn texts(value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value.as_str() {
        Some(text) if text.contains("${") => {
            Err(format!("policy variables are not known here: {text}"))
        }
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("a text is expected instead of {value}")),
    };
    match value {
        Value::Array(list) if list.is_empty() => Err("a list is empty".to_owned()),
        Value::Array(list) => list.iter().map(one).collect(),
        other => one(other).map(|it| vec![it]),
    }
}

fn sid(members: &Map<String, Value>) -> Result<Option<String>, String> {
    let Some(sid) = members.get("Sid") else {
        return Ok(None);
    };
    let sid = sid.as_str().ok_or("a Sid is no text")?;
    Ok(Some(sid.to_owned()))
}

fn is_action(text: &str) -> Result<(), String> {
    let is_word = |part: &str, also: &str| {
        !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || also.contains(it))
    };
    let fits = text == "*"
        || text
            .split_once(':')
            .is_some_and(|(vendor, name)| is_word(vendor, "-") && is_word(name, "*?"));
    fits.then_some(()).ok_or_else(|| format!("{text} is no action"))
}
