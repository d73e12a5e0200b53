use boltseal_core::Digest;
use serde_json::Value;

use crate::sheet::Sheet;
use crate::table::Table;
use crate::v1::{Plan, PlanCall};

/// What would be done, and what it takes.
pub(super) fn body(sheet: &mut Sheet, plan: &Plan, image: Option<&Digest>) {
    let needs = plan.calls.iter().any(|call| !call.actions.is_empty());
    let headers = ["step", "call", "what", "permission"];
    let mut table = Table::new(if needs { &headers } else { &headers[..3] });
    let image = image.map(ToString::to_string).unwrap_or_default();
    for call in &plan.calls {
        let name = format!("{}{}", call.call, condition(call));
        let row = [call.step.clone(), name, what(call, &image), call.actions.join(" ")];
        table.row(row);
    }
    sheet.table(&table);
    if let Some(policies) = &plan.policies {
        policy(sheet, "IAM policy of the role, for the release", &policies.release);
        policy(sheet, "IAM policy of the role, for the posture checks", &policies.posture);
    }
    if let Some(session) = &plan.session_policy {
        sheet.gap();
        let posture = match session.posture.as_str() {
            "included" => "the posture checks included",
            _ => "the posture checks left out, which would make it too long",
        };
        let (length, limit) = (session.characters, session.limit);
        sheet.pair("session", &format!("{length} of {limit} characters, {posture}"));
    }
    sheet.gap();
}

fn condition(call: &PlanCall) -> &'static str {
    if call.when == "missing" { " (if missing)" } else { "" }
}

/// The digest that stands above all is not said in each line.
fn what(call: &PlanCall, image: &str) -> String {
    match &*call.about {
        "" => call.at.clone(),
        about if image.is_empty() => about.to_owned(),
        about => about.replace(image, "the image"),
    }
}

fn policy(sheet: &mut Sheet, title: &str, policy: &Value) {
    sheet.gap();
    sheet.heading(title);
    for line in format!("{policy:#}").lines() {
        sheet.verbatim(line);
    }
}
