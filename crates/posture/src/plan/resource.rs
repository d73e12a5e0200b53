use serde_json::Value;

use crate::arn::{Arn, is_account};

/// The deepest nesting of modules.
const DEEPEST: usize = 64;

/// One resource or data source of a plan.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) address: String,
    pub(super) kind: String,
    pub(super) values: Value,
    /// What is not known yet, in the shape of `values`.
    pub(super) unknown: Value,
    pub(super) is_created: bool,
}

impl Resource {
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.values[member].as_str().filter(|it| !it.is_empty())
    }

    /// Whether a member is not known until the plan is applied.
    pub(super) fn is_unknown(&self, member: &str) -> bool {
        self.values[member].is_null() && self.unknown[member] == true
    }

    /// The first of the blocks of a name, which Terraform has lists of.
    pub(super) fn block(&self, name: &str) -> &Value {
        &self.values[name][0]
    }

    pub(super) fn blocks(&self, name: &str) -> &[Value] {
        items(&self.values[name])
    }
}

pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// All resources of a module and of the modules in it.
pub(super) fn gather(module: &Value, resources: &mut Vec<Resource>) {
    let mut modules = vec![(module, 0)];
    while let Some((module, depth)) = modules.pop() {
        for resource in items(&module["resources"]) {
            let text = |member: &str| resource[member].as_str().unwrap_or_default().to_owned();
            resources.push(Resource {
                address: text("address"),
                kind: if resource["mode"] == "data" {
                    format!("data.{}", text("type"))
                } else {
                    text("type")
                },
                values: resource["values"].clone(),
                unknown: Value::Null,
                is_created: false,
            });
        }
        if depth < DEEPEST {
            modules.extend(items(&module["child_modules"]).iter().map(|it| (it, depth + 1)));
        }
    }
}

/// Adds what the list of changes says: what is created, and what is not known yet.
pub(super) fn mark(changes: &Value, resources: &mut [Resource]) {
    for change in items(changes) {
        let address = change["address"].as_str();
        let found = resources.iter_mut().find(|it| Some(it.address.as_str()) == address);
        if let Some(resource) = found {
            resource.unknown = change["change"]["after_unknown"].clone();
            resource.is_created =
                items(&change["change"]["actions"]).iter().any(|action| action == "create");
        }
    }
}

/// The account that a plan is for: of whoever plans, or of what is there.
pub(super) fn account(resources: &[Resource]) -> Option<String> {
    let caller = resources.iter().find(|it| it.kind == "data.aws_caller_identity");
    let caller = caller.and_then(|it| it.text("account_id"));
    let registry = || {
        let ecr = resources.iter().filter(|it| it.kind.starts_with("aws_ecr_"));
        ecr.filter_map(|it| it.text("registry_id")).find(|it| is_account(it))
    };
    let by_arn = || {
        let own = ["aws_ecr_repository", "aws_iam_role", "aws_kms_key"];
        let own = resources.iter().filter(|it| own.contains(&it.kind.as_str()));
        let arns = own.filter_map(|it| it.text("arn").and_then(Arn::parse));
        arns.map(|arn| arn.account).find(|it| is_account(it))
    };
    caller.or_else(registry).or_else(by_arn).map(str::to_owned)
}

/// The region that a plan is for.
pub(super) fn region(resources: &[Resource]) -> Option<String> {
    let data = resources.iter().find(|it| it.kind == "data.aws_region");
    let data = data.and_then(|it| it.text("region").or_else(|| it.text("name")));
    let repositories = || resources.iter().filter(|it| it.kind == "aws_ecr_repository");
    let own = || repositories().find_map(|it| it.text("region"));
    let by_arn = || repositories().find_map(|it| Some(Arn::parse(it.text("arn")?)?.region));
    data.or_else(own).or_else(by_arn).map(str::to_owned)
}
