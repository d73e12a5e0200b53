use serde_json::{Value, json};

use super::hcl::{Expression, Item, file};
use super::{ReleaseGrant, key, provider};

/// One module, in the order in which AWS needs its parts: who is named in a policy must be there.
pub(super) fn module(grant: &ReleaseGrant) -> String {
    let parts = [
        setup(grant),
        identity(grant),
        role(grant),
        signing_key(grant),
        repository(grant),
        outputs(grant),
    ];
    file(&parts.into_iter().flatten().collect::<Vec<_>>())
}

fn setup(grant: &ReleaseGrant) -> Vec<Item> {
    let aws = json!({"source": "hashicorp/aws", "version": "~> 6.0"});
    vec![
        Item::Comment("Written by `boltseal init`, which says what it is made of: see".to_owned()),
        Item::Comment(
            "boltseal.toml. `boltseal init --check` says whether it is current.".to_owned(),
        ),
        Item::Gap,
        block(
            "terraform",
            &[],
            vec![
                attribute("required_version", text(">= 1.5")),
                Item::Gap,
                block("required_providers", &[], vec![attribute("aws", Expression::Value(aws))]),
            ],
        ),
        Item::Gap,
        block(
            "provider",
            &["aws"],
            vec![
                attribute("region", text(grant.registry.region.as_str())),
                attribute("allowed_account_ids", list(&[grant.registry.account.as_str()])),
            ],
        ),
        Item::Gap,
    ]
}

fn identity(grant: &ReleaseGrant) -> Vec<Item> {
    let name = "create_oidc_provider";
    vec![
        block(
            "variable",
            &[name],
            vec![
                attribute("description", text("false where the account has this provider already")),
                attribute("type", code("bool")),
                attribute("default", Expression::Value(json!(true))),
            ],
        ),
        Item::Gap,
        Item::Comment("The issuer of the tokens that CI jobs have.".to_owned()),
        resource(
            "aws_iam_openid_connect_provider",
            "ci",
            vec![
                attribute("count", code(format!("var.{name} ? 1 : 0"))),
                attribute("url", text(provider::url(grant))),
                attribute("client_id_list", list(&[&grant.trust.audience])),
            ],
        ),
        Item::Gap,
    ]
}

fn role(grant: &ReleaseGrant) -> Vec<Item> {
    let policy = |name: &str, document: Value| {
        resource(
            "aws_iam_role_policy",
            name,
            vec![
                attribute("name", text(name)),
                attribute("role", code("aws_iam_role.release.name")),
                attribute("policy", Expression::Json(document)),
            ],
        )
    };
    vec![
        Item::Comment("The role of the jobs on that ref that may ask for tokens.".to_owned()),
        resource(
            "aws_iam_role",
            "release",
            vec![
                attribute("name", text(&grant.role)),
                attribute("max_session_duration", Expression::Value(json!(3600))),
                attribute("assume_role_policy", Expression::Json(grant.trust_policy())),
                Item::Gap,
                attribute("depends_on", code("[aws_iam_openid_connect_provider.ci]")),
            ],
        ),
        Item::Gap,
        policy("release", grant.release_policy()),
        Item::Gap,
        policy("posture", grant.posture_policy()),
        Item::Gap,
    ]
}

fn signing_key(grant: &ReleaseGrant) -> Vec<Item> {
    vec![
        Item::Comment("The key that signs releases. Its private half never leaves KMS.".to_owned()),
        resource(
            "aws_kms_key",
            "release",
            vec![
                attribute("description", text(key::description(grant))),
                attribute("key_usage", text(key::USAGE)),
                attribute("customer_master_key_spec", text(key::SPEC)),
                attribute("policy", Expression::Json(grant.key_policy())),
                Item::Gap,
                attribute("depends_on", code("[aws_iam_role.release]")),
            ],
        ),
        Item::Gap,
        resource(
            "aws_kms_alias",
            "release",
            vec![
                attribute("name", text(&grant.alias)),
                attribute("target_key_id", code("aws_kms_key.release.key_id")),
            ],
        ),
        Item::Gap,
    ]
}

fn repository(grant: &ReleaseGrant) -> Vec<Item> {
    let input = grant.repository();
    let scan = &input["imageScanningConfiguration"]["scanOnPush"];
    let encryption = &input["encryptionConfiguration"]["encryptionType"];
    let value = |it: &Value| Expression::Value(it.clone());
    let after = "[aws_ecr_lifecycle_policy.release, aws_iam_role.release]";
    let its_name = || attribute("repository", code("aws_ecr_repository.release.name"));
    vec![
        Item::Comment("Where releases are.".to_owned()),
        resource(
            "aws_ecr_repository",
            "release",
            vec![
                attribute("name", text(&grant.repository)),
                attribute("image_tag_mutability", value(&input["imageTagMutability"])),
                Item::Gap,
                block(
                    "image_scanning_configuration",
                    &[],
                    vec![attribute("scan_on_push", value(scan))],
                ),
                Item::Gap,
                block(
                    "encryption_configuration",
                    &[],
                    vec![attribute("encryption_type", value(encryption))],
                ),
            ],
        ),
        Item::Gap,
        resource(
            "aws_ecr_repository_policy",
            "release",
            vec![
                its_name(),
                attribute("policy", Expression::Json(grant.repository_policy())),
                Item::Gap,
                // The policy keeps everybody from changing the other.
                attribute("depends_on", code(after)),
            ],
        ),
        Item::Gap,
        resource(
            "aws_ecr_lifecycle_policy",
            "release",
            vec![its_name(), attribute("policy", Expression::Json(grant.lifecycle_policy()))],
        ),
        Item::Gap,
    ]
}

fn outputs(grant: &ReleaseGrant) -> Vec<Item> {
    let output = |name: &str, description: String, value: &str| {
        block(
            "output",
            &[name],
            vec![attribute("description", text(description)), attribute("value", code(value))],
        )
    };
    let key = format!("the key behind {}", grant.alias);
    let role = "the role of the release job".to_owned();
    vec![
        output("role_arn", role, "aws_iam_role.release.arn"),
        Item::Gap,
        output("key_arn", key, "aws_kms_key.release.arn"),
    ]
}

fn resource(kind: &str, name: &str, items: Vec<Item>) -> Item {
    block("resource", &[kind, name], items)
}

fn block(kind: &'static str, labels: &[&str], items: Vec<Item>) -> Item {
    Item::Block(kind, labels.iter().map(|it| (*it).to_owned()).collect(), items)
}

const fn attribute(name: &'static str, value: Expression) -> Item {
    Item::Attribute(name, value)
}

fn text(text: impl Into<String>) -> Expression {
    Expression::text(text)
}

fn code(text: impl Into<String>) -> Expression {
    Expression::code(text)
}

fn list(texts: &[&str]) -> Expression {
    Expression::Value(json!(texts))
}
