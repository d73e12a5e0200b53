//! The evaluator that the stand-ins judge permissions by, beside another one: moto's, which knows
//! neither conditions, principals nor the wildcard `?` well, and so is asked about none of them.

use boltseal_testkit::cloud::Asked;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::emulator::here;
use crate::finished::Finished;
use crate::program::Program;

const POLICIES: usize = 400;
const ACTIONS: [&str; 4] = ["ecr:PutImage", "ecr:BatchGetImage", "kms:Sign", "iam:GetRole"];
const RESOURCES: [&str; 4] = [
    "arn:aws:ecr:us-east-1:111122223333:repository/team/app",
    "arn:aws:ecr:us-east-1:111122223333:repository/team/app-2",
    "arn:aws:ecr:eu-west-1:999999999999:repository/app",
    "arn:aws:kms:us-east-1:111122223333:key/1234",
];

fn some(of: &[&str]) -> impl Strategy<Value = Value> + use<> {
    let texts: Vec<String> = of.iter().map(|it| (*it).to_owned()).collect();
    let several = prop::collection::vec(prop::sample::select(texts.clone()), 1..4);
    prop_oneof![prop::sample::select(texts).prop_map(Value::from), several.prop_map(Value::from),]
}

fn statement() -> impl Strategy<Value = Value> {
    let actions = some(&["*", "ecr:*", "ecr:Put*", "ecr:PutImage", "kms:Sign"]);
    let resources = some(&[
        "*",
        RESOURCES[0],
        RESOURCES[3],
        "arn:aws:ecr:*:111122223333:repository/*",
        "arn:aws:ecr:us-east-1:*:repository/*app",
    ]);
    (any::<bool>(), any::<bool>(), actions, resources).prop_map(
        |(allows, excludes, actions, resources)| {
            let element = if excludes { "NotAction" } else { "Action" };
            let effect = if allows { "Allow" } else { "Deny" };
            json!({"Effect": effect, element: actions, "Resource": resources})
        },
    )
}

#[test]
fn two_evaluators_of_policies_agree() {
    let requests: Vec<[&str; 2]> =
        ACTIONS.iter().flat_map(|action| RESOURCES.map(|resource| [*action, resource])).collect();
    let mut runner = TestRunner::deterministic();
    let statements = prop::collection::vec(statement(), 1..5);
    let policy = statements.prop_map(|it| json!({"Version": "2012-10-17", "Statement": it}));
    let policies: Vec<Value> = (0..POLICIES)
        .map(|_| policy.new_tree(&mut runner).expect("a strategy without filters").current())
        .collect();
    let questions: Vec<_> = policies.iter().map(|it| json!([it, requests])).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Program::python().command(folder.path());
    command.arg(here("iam.py"));
    let theirs = Finished::fed(command, &json!(questions).to_string()).exits(0).json();
    let mut permitted = 0;
    for (policy, theirs) in policies.iter().zip(theirs.as_array().expect("a list")) {
        for (at, [action, resource]) in requests.iter().enumerate() {
            let role = "arn:aws:iam::111122223333:role/ci";
            let asked = Asked { role, action, resource, context: Vec::new() };
            let ours = asked.permitted_to(policy).expect("a good policy");
            assert_eq!(json!(ours), theirs[at], "{action} {resource}: {policy}");
            permitted += usize::from(ours);
        }
    }
    let all = POLICIES * requests.len();
    assert!((all / 20..all / 2).contains(&permitted), "{permitted} of {all}");
}
