use serde_json::{Map, Value, json};

use super::hcl::Block;

/// The plan that Terraform would print of a module of `init` in an empty account: resources with
/// their values, and what is known only afterwards.
pub(super) fn plan(module: &Block) -> Value {
    let resources: Vec<&Block> = module.blocks.iter().filter(|it| it.kind == "resource").collect();
    let planned: Vec<_> = resources.iter().map(|it| resource(it, &resources)).collect();
    let values: Vec<&Value> = planned.iter().map(|it| &it.0).collect();
    let changes: Vec<&Value> = planned.iter().map(|it| &it.1).collect();
    let provider = module.blocks.iter().find(|it| it.kind == "provider").expect("a provider");
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": values}},
        "resource_changes": changes,
        "configuration": {"provider_config": {"aws": {"name": "aws", "expressions": {
            "region": {"constant_value": provider.attributes["region"]}}}}},
        "prior_state": {"values": {"root_module": {"resources": [{
            "address": "data.aws_caller_identity.current", "mode": "data",
            "type": "aws_caller_identity",
            "values": {"account_id": provider.attributes["allowed_account_ids"][0]}}]}}},
    })
}

fn resource(block: &Block, all: &[&Block]) -> (Value, Value) {
    let address = block.labels.join(".");
    let (mut values, mut unknown) = (Map::new(), Map::new());
    for (name, value) in &block.attributes {
        match value["ref"].as_str() {
            _ if matches!(name.as_str(), "count" | "depends_on") => {}
            None => {
                values.insert(name.clone(), value.clone());
            }
            Some(code) => match resolved(code, all) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => {
                    unknown.insert(name.clone(), true.into());
                }
            },
        }
    }
    for inner in &block.blocks {
        values.insert(inner.kind.clone(), json!([inner.attributes]));
    }
    let kind = &block.labels[0];
    let change = json!({"address": address, "type": kind, "mode": "managed",
        "change": {"actions": ["create"], "after_unknown": unknown}});
    let value = json!({"address": address, "type": kind, "mode": "managed", "values": values});
    (value, change)
}

/// `KIND.NAME.ATTRIBUTE` of a resource that has it written down.
fn resolved(code: &str, all: &[&Block]) -> Option<Value> {
    let (address, attribute) = code.rsplit_once('.')?;
    let block = all.iter().find(|it| it.labels.join(".") == address);
    let block = block.unwrap_or_else(|| panic!("{code} is about nothing"));
    block.attributes.get(attribute).cloned()
}
