use serde_json::{Value, json};

use crate::dossier::Dossier;
use crate::escape::{shortened, uri_path};
use crate::occasion::Occasion;
use crate::table::visible;

/// `artifacts: reports: annotations`: links on the page of the job. GitLab knows links only, so
/// the verdict is the text of one.
pub(crate) fn annotations(dossier: &Dossier<'_>, occasion: &Occasion) -> Value {
    let Some(job) = &occasion.job_url else {
        // Nothing that a link could lead to.
        return json!({"boltseal": []});
    };
    let about = dossier.digest().map_or_else(|| dossier.reference(), |digest| digest.short());
    let label = format!("boltseal: {} {about}", dossier.head.outcome.name());
    let mut links = vec![link(&label, job)];
    if let Some(path) = &occasion.html {
        let path = path.strip_prefix("./").unwrap_or(path);
        let url = format!("{job}/artifacts/file/{}", uri_path(path));
        links.push(link("boltseal: the report as a page", &url));
    }
    json!({"boltseal": links})
}

fn link(label: &str, url: &str) -> Value {
    json!({"external_link": {"label": shortened(&visible(label)), "url": url}})
}
