use boltseal_core::Digest;

use super::{evidence, gate, plan};
use crate::sheet::Sheet;
use crate::v1::{Head, Journey, Outcome, Promote, Release};
use crate::{Paint, quantity};

pub(crate) fn release(document: &Release, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    if document.head.outcome == Outcome::Planned {
        sheet.pair("written", "nothing: this was a dry run");
    }
    destination(&mut sheet, document, "push");
    if let Some(decision) = &document.own.gate {
        gate::body(&mut sheet, &decision.body);
    }
    if let Some(plan) = &document.own.plan {
        plan::body(&mut sheet, plan, document.head.subject.digest.as_ref());
    }
    let digest = document.head.subject.digest.as_ref();
    sheet.table(&evidence::written(&document.evidence, digest));
    sheet.gap();
    file_and_costs(&mut sheet, document);
    sheet.finish()
}

pub(crate) fn promote(document: &Promote, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    sheet.pair_if("from", document.source.as_deref().unwrap_or_default());
    destination(&mut sheet, document, "copy");
    let digest = document.head.subject.digest.as_ref();
    let is_good = !matches!(document.head.outcome, Outcome::Refused | Outcome::Undetermined);
    if is_good {
        sheet.table(&evidence::written(&document.evidence, digest));
    } else {
        sheet.table(&evidence::looked_at(&document.own.source_evidence, digest));
    }
    sheet.gap();
    sheet.pair_if("checked", &document.own.checked.join("; "));
    sheet.pair_if("required", &document.own.required.join(", "));
    file_and_costs(&mut sheet, document);
    sheet.finish()
}

/// What to look at, and what is at the destination, where the step named `sends` puts the image.
fn destination<Own>(sheet: &mut Sheet, document: &Journey<Own>, sends: &str) {
    for warning in &document.warnings {
        sheet.warning(warning);
    }
    // What is there from an earlier run may be in use.
    let sent = document.steps.iter().any(|step| step.name == sends);
    if document.pushed && document.tags.is_empty() && sent {
        pushed_but_failed(sheet, &document.head);
    }
    sheet.pair_if("tags", &document.tags.join(", "));
    for it in &document.moved {
        sheet.pair("moved", &format!("{} pointed at {}", it.tag, it.from));
    }
}

/// boltseal never deletes by itself; it says how.
fn pushed_but_failed(sheet: &mut Sheet, head: &Head) {
    let (Some(reference), Some(digest)) = (&head.subject.reference, &head.subject.digest) else {
        return;
    };
    match head.outcome {
        Outcome::Refused => {
            sheet.pair("pushed", "the image is there by digest; nothing of this run tags it");
            let command = delete_command(reference, digest);
            sheet.pair("delete", &format!("{command}   (if nothing else uses this digest)"));
        }
        Outcome::Undetermined => {
            sheet.pair("pushed", "the image is there by digest; run this again to go on");
        }
        _ => {}
    }
}

/// The command that deletes `digest` at `reference`, which may name a tag.
fn delete_command(reference: &str, digest: &Digest) -> String {
    let Some(path) = reference.strip_prefix("oci:") else {
        let slash = reference.rfind('/').unwrap_or(0);
        let (name, _) = reference.split_once('@').unwrap_or((reference, ""));
        let end = name[slash..].find(':').map_or(name.len(), |colon| slash + colon);
        return format!("crane delete {}@{digest}", &name[..end]);
    };
    let (path, _) = path.split_once([':', '@']).unwrap_or((path, ""));
    format!("oras manifest delete --oci-layout {path}@{digest}")
}

fn file_and_costs<Own>(sheet: &mut Sheet, document: &Journey<Own>) {
    sheet.pair_if("file", document.evidence_file.as_deref().unwrap_or_default());
    let steps = &document.steps;
    if steps.is_empty() {
        return;
    }
    let seconds: f64 = steps.iter().map(|step| step.seconds).sum();
    let bytes = steps.iter().map(|step| step.bytes).sum();
    let requests = quantity::requests(document.requests);
    sheet.pair("cost", &format!("{seconds:.2} s, {requests}, {}", quantity::bytes(bytes)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_command_that_deletes() {
        let digest = Digest::sha256_of(b"");
        for (reference, command) in [
            ("h.example:5000/a/b:1", format!("crane delete h.example:5000/a/b@{digest}")),
            ("h.example/a", format!("crane delete h.example/a@{digest}")),
            ("oci:out:1", format!("oras manifest delete --oci-layout out@{digest}")),
            ("oci:out", format!("oras manifest delete --oci-layout out@{digest}")),
        ] {
            assert_eq!(delete_command(reference, &digest), command);
        }
        let pinned = format!("h.example/a@{digest}");
        assert_eq!(delete_command(&pinned, &digest), format!("crane delete {pinned}"));
    }
}
