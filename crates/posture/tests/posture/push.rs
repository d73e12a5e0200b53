//! Who may push: policies of the field and their traps, with the verdict on each.

use boltseal_posture::{Certainty, Posture, Right};
use serde_json::Value;

use crate::scene::{Scene, ids};

/// One row: a policy, who is meant to push, who may, and the exit code.
struct Row(Value);

impl Row {
    fn all() -> Vec<Self> {
        let rows: Vec<Value> = serde_json::from_str(include_str!("push_policies.json")).unwrap();
        rows.into_iter().map(Self).collect()
    }

    fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    fn texts(&self, member: &str) -> Vec<&str> {
        let texts = self.0[member].as_array().map(|it| it.iter().map(|it| it.as_str().unwrap()));
        texts.into_iter().flatten().collect()
    }

    fn judge(&self) -> Posture {
        Scene::new().policy(&self.0["policy"]).allow(&self.texts("allow")).judge()
    }
}

fn shown(rights: &[Right]) -> Vec<String> {
    let certainty = |right: &Right| match right.certainty {
        Certainty::Granted => "granted",
        Certainty::Possible => "possible",
    };
    rights.iter().map(|it| format!("{} {}", it.principal, certainty(it))).collect()
}

#[test]
fn every_policy_has_its_verdict_and_its_principals() {
    let rows = Row::all();
    assert!(rows.len() > 50, "only {} policies", rows.len());
    for row in rows {
        let (name, posture) = (row.name(), row.judge());
        assert_eq!(shown(&posture.rights.push), row.texts("push"), "{name}");
        let exit = row.0["exit"].as_u64().unwrap();
        assert_eq!(u64::from(posture.exit().code()), exit, "{name}: {:?}", posture.reasons);
        let ids = ids(&posture);
        for id in row.texts("findings") {
            assert!(ids.contains(&id), "{name}: no {id} in {ids:?}");
        }
        if row.0.get("pull").is_some() {
            assert_eq!(shown(&posture.rights.pull), row.texts("pull"), "{name}");
        }
    }
}

#[test]
fn conditions_of_denials_are_said() {
    for row in Row::all() {
        let Some(conditions) = row.0["conditions"].as_object() else { continue };
        let push = row.judge().rights.push;
        for (principal, condition) in conditions {
            let right = push.iter().find(|it| it.principal == *principal).unwrap();
            assert_eq!(right.condition.as_deref(), condition.as_str(), "{}", row.name());
        }
    }
}

/// A checker that reads the first statement only, and only a bare `*`, as some do, passes these.
#[test]
fn what_stands_in_a_later_statement_is_seen() {
    let is_open = |statement: &Value| {
        statement["Effect"] == "Allow"
            && (statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*")
    };
    let later: Vec<Row> = Row::all().into_iter().filter(|it| it.0["later"] == true).collect();
    assert!(later.len() > 20, "only {}", later.len());
    for row in later {
        let first = &row.0["policy"]["Statement"][0];
        assert!(!is_open(first), "{}", row.name());
        assert_eq!(row.judge().exit().code(), 10, "{}", row.name());
    }
}

#[test]
fn a_right_says_where_it_comes_from() {
    let row = Row::all().into_iter().find(|it| it.name().starts_with("CI pushes and")).unwrap();
    let posture = row.judge();
    let right = &posture.rights.push[0];
    assert_eq!(right.statement.as_deref(), Some("Ci"));
    assert_eq!(right.document.as_deref(), Some("repository policy"));
    assert_eq!(right.actions, ["ecr:PutImage"]);
    assert_eq!(right.condition, None);
}
