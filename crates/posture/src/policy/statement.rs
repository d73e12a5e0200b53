use serde_json::{Map, Value};

use super::condition::conditions;
use super::error::strings;
use super::{Actions, Condition, PolicyError, PolicyKind, Principals, Resources};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    sid: Option<String>,
    index: usize,
    pub(crate) effect: Effect,
    pub(crate) principals: Principals,
    pub(crate) actions: Actions,
    pub(crate) resources: Resources,
    pub(crate) conditions: Vec<Condition>,
}

const MEMBERS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Statement {
    /// Its `Sid`, or its place as in `Statement[1]`.
    pub(crate) fn name(&self) -> String {
        let place = || format!("Statement[{}]", self.index);
        self.sid.clone().filter(|sid| !sid.is_empty()).unwrap_or_else(place)
    }

    pub(super) fn parse(
        index: usize,
        value: &Value,
        kind: PolicyKind,
    ) -> Result<Self, PolicyError> {
        let at = format!("Statement[{index}]");
        let Value::Object(members) = value else {
            return Err(PolicyError::value(at, "an object", value));
        };
        if let Some(unknown) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(PolicyError::new(at, "the members of a statement", unknown));
        }
        Ok(Self {
            sid: sid(&at, members)?,
            index,
            effect: effect(&at, members)?,
            principals: principals(&at, members, kind)?,
            actions: actions(&at, members)?,
            resources: resources(&at, members, kind)?,
            conditions: members
                .get("Condition")
                .map_or(Ok(Vec::new()), |value| conditions(&format!("{at}.Condition"), value))?,
        })
    }
}

fn sid(at: &str, members: &Map<String, Value>) -> Result<Option<String>, PolicyError> {
    match members.get("Sid") {
        None => Ok(None),
        Some(Value::String(sid)) => super::error::bounded(&format!("{at}.Sid"), sid).map(Some),
        Some(other) => Err(PolicyError::value(format!("{at}.Sid"), "a string", other)),
    }
}

fn effect(at: &str, members: &Map<String, Value>) -> Result<Effect, PolicyError> {
    let at = format!("{at}.Effect");
    match members.get("Effect") {
        Some(Value::String(text)) if text == "Allow" => Ok(Effect::Allow),
        Some(Value::String(text)) if text == "Deny" => Ok(Effect::Deny),
        Some(other) => Err(PolicyError::value(at, "Allow or Deny", other)),
        None => Err(PolicyError::absent(at, "Allow or Deny")),
    }
}

/// One of two members that exclude one another, and whether it is the second.
fn either<'a>(
    at: &str,
    members: &'a Map<String, Value>,
    names: [&'static str; 2],
) -> Result<Option<(String, &'a Value, bool)>, PolicyError> {
    let [plain, not] = names;
    match (members.get(plain), members.get(not)) {
        (Some(value), None) => Ok(Some((format!("{at}.{plain}"), value, false))),
        (None, Some(value)) => Ok(Some((format!("{at}.{not}"), value, true))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => {
            Err(PolicyError::new(format!("{at}.{not}"), "one of the two only", plain))
        }
    }
}

fn principals(
    at: &str,
    members: &Map<String, Value>,
    kind: PolicyKind,
) -> Result<Principals, PolicyError> {
    match (either(at, members, ["Principal", "NotPrincipal"])?, kind) {
        (None, PolicyKind::Identity) => Ok(Principals::Bearer),
        (Some((at, value, _)), PolicyKind::Identity) => {
            Err(PolicyError::value(at, "no principal in an identity's policy", value))
        }
        (None, _) => Err(PolicyError::absent(format!("{at}.Principal"), "a principal")),
        (Some((at, value, negated)), _) => Principals::parse(&at, value, negated),
    }
}

fn actions(at: &str, members: &Map<String, Value>) -> Result<Actions, PolicyError> {
    match either(at, members, ["Action", "NotAction"])? {
        Some((at, value, negated)) => Actions::parse(&at, &strings(&at, value)?, negated),
        None => Err(PolicyError::absent(format!("{at}.Action"), "an action")),
    }
}

fn resources(
    at: &str,
    members: &Map<String, Value>,
    kind: PolicyKind,
) -> Result<Resources, PolicyError> {
    match (either(at, members, ["Resource", "NotResource"])?, kind) {
        (Some((at, value, _)), PolicyKind::Trust) => {
            Err(PolicyError::value(at, "no resource in a trust policy", value))
        }
        (Some((at, value, negated)), _) => Ok(Resources::new(strings(&at, value)?, negated)),
        (None, PolicyKind::Identity) => {
            Err(PolicyError::absent(format!("{at}.Resource"), "a resource"))
        }
        (None, _) => Ok(Resources::Itself),
    }
}
