use std::collections::HashMap;

use crate::ReportProblem;
use crate::node::Node;

type Read<T> = Result<T, ReportProblem>;

/// The rules of a run.
pub(super) struct Rules<'a> {
    rules: Vec<Node<'a>>,
    by_id: HashMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(driver: &Node<'a>) -> Read<Self> {
        let rules = driver.rows("rules")?;
        let mut by_id = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            if let Some(id) = rule.text("id")? {
                by_id.entry(id).or_insert(index);
            }
        }
        Ok(Self { rules, by_id })
    }

    /// The rule of a result: by its id, else by its index. The id comes first, for there are
    /// scanners that write the same index everywhere.
    pub(super) fn of_result(&self, result: &Node<'_>) -> Read<Option<&Node<'a>>> {
        let reference = result.object("rule")?;
        let (id, index) = match &reference {
            Some(reference) => (reference.text("id")?, reference.count("index")?),
            None => (None, None),
        };
        let id = result.text("ruleId")?.or(id);
        let index = index.or(result.count("ruleIndex")?);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let by_id = id.and_then(|id| self.by_id.get(id).copied());
        Ok(by_id.or(index).and_then(|index| self.rules.get(index)))
    }
}

/// The id of a result: its rule's.
pub(super) fn id<'a>(result: &Node<'a>, rule: Option<&Node<'a>>) -> Read<&'a str> {
    if let Some(id) = result.text("ruleId")? {
        return Ok(id);
    }
    let by_rule = rule.map(|rule| rule.text("id")).transpose()?.flatten();
    by_rule.ok_or_else(|| result.wrong("ruleId", "the id of a rule"))
}
