//! The steps, one after the other, with what they cost.

use crate::dossier::Dossier;
use crate::escape::html;
use crate::quantity;
use crate::v1::StepSummary;

const HEAD: &str = "<thead><tr><th>Step</th><th class=\"bar\">Time</th><th class=\"number\">\
                    Seconds</th><th class=\"number\">Requests</th><th class=\"number\">Bytes</th>\
                    </tr></thead>\n";

/// A bar for each step, where it began and how long it took.
pub(super) fn steps(dossier: &Dossier<'_>) -> String {
    let Some(course) = dossier.course.filter(|course| !course.steps.is_empty()) else {
        return String::new();
    };
    let total: f64 = course.steps.iter().map(|step| step.seconds).sum();
    let bytes = course.steps.iter().map(|step| step.bytes).sum();
    let mut began = 0.0;
    let mut rows = String::new();
    for step in course.steps {
        rows.push_str(&row(step, began, total));
        began += step.seconds;
    }
    format!(
        "<section id=\"steps\">\n<h2>Steps</h2>\n<p class=\"quiet\">{total:.2} s, {}, {} over the \
         network</p>\n<table class=\"steps\">\n{HEAD}<tbody>\n{rows}</tbody>\n</table>\n</section>\n",
        quantity::requests(course.requests),
        quantity::bytes(bytes),
    )
}

fn row(step: &StepSummary, began: f64, total: f64) -> String {
    let share = |seconds: f64| if total > 0.0 { 100.0 * seconds / total } else { 0.0 };
    // A step that took next to nothing is still to be seen.
    let width = share(step.seconds).max(0.6);
    let start = share(began).min(100.0 - width);
    let number = |label: &str, text: &str| {
        format!("<td class=\"number\" data-label=\"{label}\">{text}</td>")
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"bar\"><svg viewBox=\"0 0 100 8\" \
         preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"3\" \
         width=\"100\" height=\"2\"/><rect class=\"fill\" x=\"{start:.2}\" y=\"1\" \
         width=\"{width:.2}\" height=\"6\"/></svg></td>{}{}{}</tr>\n",
        html(step.name),
        number("Seconds", &format!("{:.3}", step.seconds)),
        number("Requests", &step.requests.to_string()),
        number("Bytes", &quantity::bytes(step.bytes)),
    )
}
