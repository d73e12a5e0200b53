//! Terraform's plans, as documents: what AWS would answer once the plan is applied.

mod answer;
mod error;
mod resource;

pub use error::PlanError;

use boltseal_core::json;
use serde_json::Value;

use crate::documents::{Call, DocumentError, Documents, Looked, Refusal, Saved};
use answer::Planned;
use resource::Resource;

/// The largest plan that is read, in bytes.
pub const MAX_PLAN_BYTES: usize = 64 << 20;

/// The output of `terraform show -json`, of a plan or of a state.
#[derive(Clone, Debug)]
pub struct Plan {
    name: String,
    resources: Vec<Resource>,
    account: Option<String>,
    region: Option<String>,
}

impl Plan {
    /// Reads a plan; `name` is what messages call it.
    ///
    /// # Errors
    /// What is no output of `terraform show -json`.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, PlanError> {
        let error = |found: String| PlanError { file: name.to_owned(), found };
        if bytes.len() > MAX_PLAN_BYTES {
            return Err(error(format!("more than {MAX_PLAN_BYTES} bytes")));
        }
        let plan = json::parse(bytes).map_err(|it| error(it.message))?;
        let values = [&plan["planned_values"], &plan["values"]];
        let values = values.into_iter().find(|it| it.is_object());
        let root = values.ok_or_else(|| error("neither planned_values nor values".to_owned()))?;
        let mut resources = Vec::new();
        resource::gather(&root["root_module"], &mut resources);
        resource::mark(&plan["resource_changes"], &mut resources);
        let mut known = Vec::new();
        resource::gather(&plan["prior_state"]["values"]["root_module"], &mut known);
        known.extend(resources.iter().cloned());
        Ok(Self {
            name: name.to_owned(),
            account: resource::account(&known),
            region: resource::region(&known).or_else(|| provider_region(&plan)),
            resources,
        })
    }

    /// What the plan says about a repository: the one that is asked for, or the only one.
    ///
    /// What is known only after the plan is applied was not looked at, and is listed so.
    ///
    /// # Errors
    /// Every policy in the plan that is malformed.
    pub fn documents(&self, asked: Option<&str>) -> Result<Documents, Vec<DocumentError>> {
        let planned = Planned::of(self, asked);
        let texts: Vec<(Call, &str, String)> = planned
            .answers
            .iter()
            .map(|it| (it.call, it.address.as_str(), it.value.to_string()))
            .collect();
        let read = texts.iter().map(|(call, address, text)| Saved {
            name: (*address).to_owned(),
            call: Some(*call),
            about: planned.about(*call, address),
            answer: Ok(text.as_bytes()),
        });
        let none = planned.none.iter().map(|(call, code)| Saved {
            name: self.name.clone(),
            call: Some(*call),
            about: String::new(),
            answer: Err(Refusal {
                code: (*code).to_owned(),
                message: "the plan has none for the repository that it creates".to_owned(),
            }),
        });
        let mut documents = Documents::read(read.chain(none))?;
        documents.read.extend(planned.unknown.iter().map(|address| Looked {
            file: address.clone(),
            status: "after-apply",
            detail: Some("known only after the plan is applied".to_owned()),
            call: None,
        }));
        Ok(documents)
    }
}

/// The region of the provider `aws`, where it is written down.
fn provider_region(plan: &Value) -> Option<String> {
    let expressions = &plan["configuration"]["provider_config"]["aws"]["expressions"];
    expressions["region"]["constant_value"].as_str().map(str::to_owned)
}
