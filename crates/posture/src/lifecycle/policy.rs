use boltseal_core::json;
use serde::Deserialize;

use super::{Action, Count, Rule, Tags};
use crate::policy::PolicyError;

/// The rules of a lifecycle policy, by priority.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LifecyclePolicy {
    pub(crate) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyWire {
    rules: Vec<RuleWire>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleWire {
    rule_priority: u64,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    selection: SelectionWire,
    action: ActionWire,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectionWire {
    tag_status: String,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    #[serde(default)]
    storage_class: Option<String>,
    count_type: String,
    #[serde(default)]
    count_unit: Option<String>,
    count_number: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActionWire {
    r#type: String,
    #[serde(default, rename = "targetStorageClass")]
    _target: Option<String>,
}

impl LifecyclePolicy {
    /// Reads the text of a policy.
    pub(crate) fn parse(text: &str) -> Result<Self, PolicyError> {
        let wire: PolicyWire = json::parse_as(text.as_bytes())
            .map_err(|error| PolicyError::new("the policy", "lifecycle rules", &error.message))?;
        let rules = wire.rules.into_iter().enumerate().map(|(index, it)| rule(index, it));
        let mut rules = rules.collect::<Result<Vec<Rule>, _>>()?;
        rules.sort_by_key(|rule| rule.priority);
        if let Some(pair) = rules.windows(2).find(|pair| pair[0].priority == pair[1].priority) {
            let found = format!("{} twice", pair[0].priority);
            return Err(PolicyError::new("rules", "a priority of its own for each rule", &found));
        }
        Ok(Self { rules })
    }
}

fn rule(index: usize, wire: RuleWire) -> Result<Rule, PolicyError> {
    let at = format!("rules[{index}]");
    let selection = wire.selection;
    let action = match wire.action.r#type.as_str() {
        "expire" => Action::Expire,
        "transition" => Action::Archive,
        other => {
            let at = format!("{at}.action.type");
            return Err(PolicyError::new(at, "expire or transition", other));
        }
    };
    Ok(Rule {
        priority: wire.rule_priority,
        is_for_archive: selection.storage_class.as_deref() == Some("archive"),
        count: count(&at, &selection)?,
        tags: tags(&at, selection)?,
        action,
    })
}

fn tags(at: &str, selection: SelectionWire) -> Result<Tags, PolicyError> {
    let SelectionWire { tag_status, tag_prefix_list, tag_pattern_list, .. } = selection;
    let is_named = !tag_prefix_list.is_empty() || !tag_pattern_list.is_empty();
    match tag_status.as_str() {
        "any" if !is_named => Ok(Tags::Any),
        "untagged" if !is_named => Ok(Tags::Untagged),
        "tagged" if is_named => {
            Ok(Tags::Tagged { prefixes: tag_prefix_list, patterns: tag_pattern_list })
        }
        "tagged" => Err(PolicyError::absent(
            format!("{at}.selection"),
            "a tagPrefixList or a tagPatternList beside tagged",
        )),
        "any" | "untagged" => {
            let expected = "no list of tags beside any and untagged";
            Err(PolicyError::new(format!("{at}.selection"), expected, &tag_status))
        }
        other => {
            let at = format!("{at}.selection.tagStatus");
            Err(PolicyError::new(at, "any, tagged or untagged", other))
        }
    }
}

fn count(at: &str, selection: &SelectionWire) -> Result<Count, PolicyError> {
    let number = selection.count_number;
    if selection.count_type == "imageCountMoreThan" {
        return Ok(Count::MoreThan(number));
    }
    if selection.count_unit.as_deref() != Some("days") {
        let found = selection.count_unit.as_deref().unwrap_or("nothing");
        return Err(PolicyError::new(format!("{at}.selection.countUnit"), "days", found));
    }
    match selection.count_type.as_str() {
        "sinceImagePushed" => Ok(Count::DaysSincePush(number)),
        "sinceImagePulled" => Ok(Count::DaysSincePull(number)),
        "sinceImageTransitioned" => Ok(Count::DaysSinceArchived(number)),
        other => Err(PolicyError::new(
            format!("{at}.selection.countType"),
            "imageCountMoreThan, sinceImagePushed, sinceImagePulled or sinceImageTransitioned",
            other,
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parse(selection: &Value, action: &str) -> Result<LifecyclePolicy, PolicyError> {
        let rule = json!({"rulePriority": 1, "selection": selection, "action": {"type": action}});
        LifecyclePolicy::parse(&json!({"rules": [rule]}).to_string())
    }

    #[test]
    fn rules_come_by_priority() {
        let rule = |priority: u64| {
            json!({"rulePriority": priority, "description": "d", "action": {"type": "expire"},
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}})
        };
        let text = json!({"rules": [rule(9), rule(2)]}).to_string();
        let policy = LifecyclePolicy::parse(&text).unwrap();
        assert_eq!(policy.rules.iter().map(|it| it.priority).collect::<Vec<_>>(), [2, 9]);
        assert_eq!(policy.rules[0].to_string(), "rule 2 expires images beyond the newest 3");
        let twice = json!({"rules": [rule(2), rule(2)]}).to_string();
        assert_eq!(LifecyclePolicy::parse(&twice).unwrap_err().found, "2 twice");
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let counted = |status: &str| json!({"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": 3});
        for (selection, action, at) in [
            (counted("tagged"), "expire", "rules[0].selection"),
            (counted("some"), "expire", "rules[0].selection.tagStatus"),
            (counted("any"), "delete", "rules[0].action.type"),
            (
                json!({"tagStatus": "any", "countType": "sinceImagePushed", "countNumber": 3}),
                "expire",
                "rules[0].selection.countUnit",
            ),
            (
                json!({"tagStatus": "any", "countType": "sinceFull", "countUnit": "days", "countNumber": 3}),
                "expire",
                "rules[0].selection.countType",
            ),
            (json!({"tagStatus": "any"}), "expire", "the policy"),
        ] {
            assert_eq!(parse(&selection, action).unwrap_err().at, at, "{selection}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let _ = LifecyclePolicy::parse(&text);
        }
    }
}
