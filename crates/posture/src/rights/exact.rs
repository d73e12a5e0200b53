//! The rights that are named are exactly those that requests, tried one by one, are given: by the
//! semantics written down here, and by another evaluator that shares no line with this crate.

use boltseal_testkit::cloud::Asked;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Deed, Delegation, Engine, PolicyScope, Right, Source};
use crate::grant::Limit;
use crate::policy::{Condition, Effect, PolicyDocument, PolicyKind, Principals, Statement};
use crate::who::Who;
use crate::world::World;

const OWN: &str = "111122223333";
const OTHER: &str = "999999999999";
const ORGANISATION: &str = "o-abc123";

/// One request.
#[derive(Clone, Debug)]
struct Request {
    who: Who,
    organisation: Option<&'static str>,
    vpce: Option<&'static str>,
}

fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn requests() -> Vec<Request> {
    let mut all = Vec::new();
    for arn in
        [role(OWN, "ci"), role(OWN, "ci-2"), role(OWN, "x"), role(OTHER, "ci"), role(OTHER, "x")]
    {
        for organisation in [None, Some(ORGANISATION), Some("o-zzz999")] {
            for vpce in [None, Some("vpce-1"), Some("vpce-2")] {
                all.push(Request { who: Who::Arn(arn.clone()), organisation, vpce });
            }
        }
    }
    all
}

impl Request {
    fn value(&self, key: &str) -> Option<String> {
        match key {
            "aws:principalarn" => Some(self.who.to_string()),
            "aws:principalaccount" => self.who.account().map(str::to_owned),
            "aws:principalorgid" => self.organisation.map(str::to_owned),
            "aws:sourcevpce" => self.vpce.map(str::to_owned),
            _ => panic!("{key} is not in the vocabulary"),
        }
    }

    fn meets(&self, condition: &Condition) -> bool {
        let value = self.value(&condition.key);
        match &value {
            Some(value) => condition.test.holds(Some(&[value.as_str()])),
            None => condition.test.holds(None),
        }
    }

    fn is_of(&self, who: &Who) -> bool {
        match who {
            Who::Organisation(id) => self.organisation == Some(id.as_str()),
            other => other.covers(&self.who),
        }
    }

    fn is_matched_by(&self, statement: &Statement) -> bool {
        let is_named = match &statement.principals {
            Principals::In(who) => who.iter().any(|it| self.is_of(it)),
            Principals::NotIn(who) => !who.iter().any(|it| self.is_of(it)),
            Principals::Bearer => false,
        };
        is_named && statement.conditions.iter().all(|it| self.meets(it))
    }

    /// As IAM decides: an Allow, and no Deny.
    fn is_allowed(&self, policy: &PolicyDocument) -> bool {
        let by = |effect| {
            policy.statements.iter().any(|it| it.effect == effect && self.is_matched_by(it))
        };
        by(Effect::Allow) && !by(Effect::Deny)
    }

    /// As the evaluator of the stand-ins for AWS decides.
    fn is_permitted(&self, policy: &Value) -> bool {
        let keys = [
            ("aws:PrincipalArn", "aws:principalarn"),
            ("aws:PrincipalAccount", "aws:principalaccount"),
            ("aws:PrincipalOrgID", "aws:principalorgid"),
            ("aws:SourceVpce", "aws:sourcevpce"),
        ];
        let context = keys.map(|(key, name)| (key, self.value(name).into_iter().collect()));
        let asked = Asked {
            role: &self.who.to_string(),
            action: "ecr:PutImage",
            resource: "arn:aws:ecr:eu-west-1:111122223333:repository/app",
            context: context.into(),
        };
        asked.permitted_by(policy).unwrap_or_else(|error| panic!("{error}: {policy}"))
    }

    fn has(&self, right: &Right) -> bool {
        let meets = |limit: &Limit| match limit {
            Limit::Condition(condition) => self.meets(condition),
            Limit::Except(who) => !who.iter().any(|it| self.is_of(it)),
        };
        self.is_of(&right.grant.who) && right.grant.limits.iter().all(meets)
    }
}

fn rights(policy: &PolicyDocument) -> Vec<Right> {
    let engine = Engine {
        world: World {
            account: Some(OWN.to_owned()),
            region: None,
            now: "2026-06-01T00:00:00Z".parse().unwrap(),
        },
        resource: "arn:aws:ecr:eu-west-1:111122223333:repository/app".to_owned(),
        sources: vec![Source {
            name: "policy",
            policy,
            allows: PolicyScope::All,
            denies: PolicyScope::All,
        }],
        identities: &[],
        is_account_visible: false,
        delegation: Delegation::ByAccount,
    };
    engine.rights(Deed::Push)
}

fn one_of(texts: &[String]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(texts.to_vec())
}

fn principal() -> impl Strategy<Value = Value> {
    let names =
        [role(OWN, "ci"), role(OTHER, "x"), OWN.to_owned(), OTHER.to_owned(), "*".to_owned()];
    prop::collection::vec(one_of(&names), 1..3).prop_map(|names| json!({"AWS": names}))
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let prefix = one_of(&["", "ForAnyValue:", "ForAllValues:"].map(str::to_owned));
    let suffix = one_of(&["", "IfExists"].map(str::to_owned));
    let operators = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];
    let operator = one_of(&operators.map(str::to_owned));
    let keys = ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:SourceVpce"];
    (prefix, operator, suffix, 0..keys.len(), prop::collection::vec(0..5_usize, 1..3)).prop_map(
        move |(prefix, operator, suffix, key, values)| {
            let known: [[String; 5]; 4] = [
                [
                    role(OWN, "ci"),
                    role(OTHER, "ci"),
                    role(OWN, "ci*"),
                    role("*", "ci"),
                    "*".to_owned(),
                ],
                [OWN, OTHER, "1111*", "*", "888888888888"].map(str::to_owned),
                [ORGANISATION, "o-zzz999", "o-*", "*", "o-abc*"].map(str::to_owned),
                ["vpce-1", "vpce-2", "vpce-*", "*", "vpce-9"].map(str::to_owned),
            ];
            let values: Vec<&String> = values.iter().map(|it| &known[key][*it]).collect();
            (format!("{prefix}{operator}{suffix}"), keys[key].to_owned(), json!(values))
        },
    )
}

fn null() -> impl Strategy<Value = (String, String, Value)> {
    let keys = ["aws:PrincipalOrgID", "aws:SourceVpce"].map(str::to_owned);
    (one_of(&keys), one_of(&["true", "false"].map(str::to_owned)))
        .prop_map(|(key, value)| ("Null".to_owned(), key, json!(value)))
}

/// What a statement may say of its principals and its actions besides: with other operators and
/// the elements that exclude.
fn odd_statement() -> impl Strategy<Value = Value> {
    let operators = ["ArnLike", "ArnNotLike", "ArnEquals", "StringEqualsIgnoreCase"];
    let operator = one_of(&operators.map(str::to_owned));
    let arns = [role(OWN, "ci"), role(OWN, "c*"), role("*", "ci"), role(OTHER, "?")];
    let values = prop::collection::vec(one_of(&arns), 1..3);
    let actions = [json!("ecr:*"), json!(["ecr:Put*", "ecr:Get*"]), json!("ECR:putimage")];
    let others = [json!("ecr:GetDownloadUrlForLayer"), json!(["ecr:Put*"]), json!("kms:*")];
    let elements = prop_oneof![
        prop::sample::select(actions.to_vec()).prop_map(|it| ("Action", it)),
        prop::sample::select(others.to_vec()).prop_map(|it| ("NotAction", it)),
    ];
    let denied = one_of(&["Allow", "Deny"].map(str::to_owned));
    // An account alone beside NotPrincipal is taken to spare more than AWS says (`exempt`).
    let spared = prop::sample::select(vec![
        json!({"AWS": role(OWN, "ci")}),
        json!({"AWS": [role(OWN, "ci"), OWN]}),
        json!({"AWS": [format!("arn:aws:iam::{OTHER}:root"), role(OTHER, "x")]}),
        json!("*"),
    ]);
    let principals = (principal(), spared);
    (denied, any::<bool>(), principals, elements, (operator, values, any::<bool>())).prop_map(
        |(
            effect,
            excludes,
            (principal, spared),
            (element, actions),
            (operator, values, conditional),
        )| {
            let mut statement = json!({"Effect": effect});
            // A NotPrincipal goes with a Deny only; IAM takes no other.
            if excludes && effect == "Deny" {
                statement["NotPrincipal"] = spared;
            } else {
                statement["Principal"] = principal;
            }
            statement[element] = actions;
            if conditional {
                statement["Condition"] = json!({operator: {"aws:PrincipalArn": values}});
            }
            statement
        },
    )
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = one_of(&["Allow", "Allow", "Deny"].map(str::to_owned));
    let conditions = prop::collection::vec(prop_oneof![4 => condition(), 1 => null()], 0..3);
    (effect, principal(), conditions).prop_map(|(effect, principal, conditions)| {
        let mut all = Map::new();
        for (operator, key, values) in conditions {
            let keys = all.entry(operator).or_insert_with(|| json!({}));
            keys[key] = values;
        }
        json!({"Effect": effect, "Principal": principal, "Action": "ecr:PutImage", "Condition": all})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_request_that_is_allowed_has_a_right_and_no_other(
        statements in prop::collection::vec(statement(), 1..4)
    ) {
        let value = json!({"Statement": statements});
        let policy = PolicyDocument::parse(&value, PolicyKind::Resource).unwrap();
        let rights = rights(&policy);
        for request in requests() {
            let has = rights.iter().any(|right| request.has(right));
            prop_assert_eq!(request.is_allowed(&policy), has, "{} {:?} {:?}", value, request, rights);
        }
    }

    #[test]
    fn another_evaluator_permits_the_same_requests(
        statements in prop::collection::vec(prop_oneof![statement(), odd_statement()], 1..4)
    ) {
        let value = json!({"Statement": statements});
        let policy = PolicyDocument::parse(&value, PolicyKind::Resource).unwrap();
        let rights = rights(&policy);
        for request in requests() {
            let has = rights.iter().any(|right| request.has(right));
            prop_assert_eq!(request.is_permitted(&value), has, "{} {:?} {:?}", value, request, rights);
        }
    }
}
