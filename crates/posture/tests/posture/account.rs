//! The account's authorization details: who is behind "any principal of this account".

use boltseal_posture::{Certainty, Outcome};
use serde_json::{Value, json};

use crate::scene::{CI, Scene, ids};

const PUSH_ALL: &str = "arn:aws:iam::111122223333:policy/push-all";

fn policy(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "S", "Effect": effect, "Action": action, "Resource": resource}
    ]})
}

fn inline(name: &str, document: &Value) -> Value {
    json!({"PolicyName": name, "PolicyDocument": document})
}

fn role(name: &str, policies: &[Value], attached: &[&str]) -> Value {
    let attached: Vec<Value> =
        attached.iter().map(|arn| json!({"PolicyName": "p", "PolicyArn": arn})).collect();
    json!({
        "RoleName": name, "RoleId": format!("AROA{:0<17}", name.to_uppercase()),
        "Arn": format!("arn:aws:iam::111122223333:role/{name}"),
        "AssumeRolePolicyDocument": {}, "RolePolicyList": policies,
        "AttachedManagedPolicies": attached, "InstanceProfileList": [],
    })
}

fn details(users: &[Value], groups: &[Value], roles: &[Value]) -> Value {
    json!({
        "UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles,
        "Policies": [{
            "PolicyName": "push-all", "Arn": PUSH_ALL,
            "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": false, "Document": policy("Allow", "s3:*", "*")},
                {"VersionId": "v2", "IsDefaultVersion": true, "Document": policy("Allow", "ecr:PutImage", "*")},
            ],
        }],
    })
}

fn pushers(scene: &Scene) -> Vec<String> {
    let posture = scene.judge();
    assert!(posture.rights.push.iter().all(|it| it.certainty == Certainty::Granted));
    let name = |arn: &str| arn.rsplit(':').next().unwrap().to_owned();
    posture.rights.push.iter().map(|it| name(&it.principal)).collect()
}

fn scene(details: &Value) -> Scene {
    Scene::new().with("get-account-authorization-details", details)
}

#[test]
fn everyone_who_may_push_is_named() {
    let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";
    let ci = role("ci", &[inline("release", &policy("Allow", "ecr:*", repository))], &[]);
    let other = role(
        "other",
        &[inline("x", &policy("Allow", "ecr:*", "arn:aws:ecr:*:*:repository/else"))],
        &[],
    );
    let admin = role("admin", &[inline("all", &policy("Allow", "*", "*"))], &[]);
    let builder = role("builder", &[], &[PUSH_ALL]);
    let reader = role("reader", &[inline("r", &policy("Allow", "ecr:BatchGetImage", "*"))], &[]);
    let user = json!({
        "UserName": "bob", "UserId": "AIDABOB", "Arn": "arn:aws:iam::111122223333:user/bob",
        "GroupList": ["pushers"], "AttachedManagedPolicies": [],
    });
    let group = json!({
        "GroupName": "pushers", "Arn": "arn:aws:iam::111122223333:group/pushers",
        "GroupPolicyList": [inline("g", &policy("Allow", "ecr:Put*", "*"))],
        "AttachedManagedPolicies": [],
    });
    let scene = scene(&details(&[user], &[group], &[ci, other, admin, builder, reader]));
    assert_eq!(pushers(&scene), ["user/bob", "role/ci", "role/admin", "role/builder"]);
    let posture = scene.allow(&[CI]).judge();
    assert_eq!(posture.outcome, Outcome::Refused);
    assert_eq!(posture.reasons.len(), 3);
    assert!(!ids(&posture).contains(&"push-account-iam"));
    let right = posture.rights.push.iter().find(|it| it.principal == CI).unwrap();
    assert_eq!(right.document.as_deref(), Some("IAM policy release"));
    assert_eq!(right.statement.as_deref(), Some("S"));
}

#[test]
fn denials_of_the_repository_reach_iam() {
    let both = [
        role("ci", &[inline("r", &policy("Allow", "ecr:PutImage", "*"))], &[]),
        role("admin", &[inline("a", &policy("Allow", "*", "*"))], &[]),
    ];
    let deny = json!({"Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": CI}},
    }]});
    let scene = scene(&details(&[], &[], &both)).policy(&deny).allow(&[CI]);
    assert_eq!(pushers(&scene), ["role/ci"]);
    assert_eq!(scene.judge().outcome, Outcome::Passed);
}

#[test]
fn a_policys_own_denial_and_a_boundary_count() {
    let allow = inline("a", &policy("Allow", "ecr:*", "*"));
    let deny = inline("d", &policy("Deny", "ecr:Put*", "*"));
    let mut bounded = role("bounded", std::slice::from_ref(&allow), &[]);
    bounded["PermissionsBoundary"] = json!({
        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
        "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary",
    });
    let mut account =
        details(&[], &[], &[role("denied", &[allow.clone(), deny], &[]), bounded.clone()]);
    let boundary = |action: &str| {
        json!({
            "PolicyName": "boundary", "Arn": "arn:aws:iam::111122223333:policy/boundary",
            "PolicyVersionList": [{"IsDefaultVersion": true, "Document": policy("Allow", action, "*")}],
        })
    };
    account["Policies"] = json!([boundary("ecr:BatchGetImage")]);
    assert_eq!(pushers(&scene(&account)), Vec::<String>::new());
    account["Policies"] = json!([boundary("ecr:*")]);
    assert_eq!(pushers(&scene(&account)), ["role/bounded"]);
}

#[test]
fn what_a_repository_policy_grants_is_narrowed_by_a_roles_own_denial() {
    let deny = inline("d", &policy("Deny", "*", "*"));
    let account = details(&[], &[], &[role("ci", &[deny], &[])]);
    let grant = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": CI}, "Action": "ecr:PutImage"}]});
    assert_eq!(pushers(&scene(&account).policy(&grant)), Vec::<String>::new());
}

#[test]
fn the_accounts_root_in_the_policy_is_resolved_as_well() {
    let ci = role("ci", &[inline("r", &policy("Allow", "ecr:PutImage", "*"))], &[]);
    let root = json!({"Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "ecr:*",
    }]});
    let scene = scene(&details(&[], &[], &[ci])).policy(&root).allow(&[CI]);
    assert_eq!(pushers(&scene), ["role/ci"]);
    assert_eq!(scene.judge().outcome, Outcome::Passed);
}

#[test]
fn a_unique_id_has_a_name_here() {
    let by_id = json!({"Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage",
        "Condition": {"StringLike": {"aws:userid": "AROACI000000000000000:*"}},
    }]});
    let mut ci = role("ci", &[], &[]);
    ci["RoleId"] = json!("AROACI000000000000000");
    assert_eq!(pushers(&scene(&details(&[], &[], &[ci])).policy(&by_id)), ["role/ci"]);
}

#[test]
fn details_that_do_not_show_everyone_resolve_nothing() {
    let ci = || role("ci", &[inline("r", &policy("Allow", "ecr:PutImage", "*"))], &[]);
    let mut truncated = details(&[], &[], &[ci()]);
    truncated["IsTruncated"] = json!(true);
    let unseen = details(&[], &[], &[role("ci", &[], &["arn:aws:iam::aws:policy/X"])]);
    let empty = details(&[], &[], &[]);
    let mut foreign = details(&[], &[], &[ci()]);
    foreign["RoleDetailList"][0]["Arn"] = json!("arn:aws:iam::999999999999:role/ci");
    for account in [truncated, unseen, empty, foreign] {
        let posture = scene(&account).allow(&[CI]).judge();
        assert!(ids(&posture).contains(&"push-account-iam"), "{account}");
        assert!(ids(&posture).contains(&"document-incomplete"), "{account}");
    }
}
