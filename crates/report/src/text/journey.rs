use boltseal_core::Digest;

use super::{evidence, gate};
use crate::sheet::Sheet;
use crate::v1::{Head, MovedTag, Outcome, Promote, Release, StepSummary};
use crate::{Paint, quantity};

pub(crate) fn release(document: &Release, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    let head = &document.head;
    if head.outcome == Outcome::Planned {
        sheet.pair("written", "nothing: this was a dry run");
    }
    warnings(&mut sheet, &document.warnings);
    if document.pushed && document.tags.is_empty() && ran(&document.steps, "push") {
        pushed_but_failed(&mut sheet, head);
    }
    tags(&mut sheet, &document.tags, &document.moved);
    if let Some(decision) = &document.gate {
        gate::body(&mut sheet, &decision.body);
    }
    sheet.table(&evidence::written(&document.evidence, head.subject.digest.as_ref()));
    sheet.gap();
    sheet.pair_if("file", document.evidence_file.as_deref().unwrap_or_default());
    costs(&mut sheet, document.requests, &document.steps);
    sheet.finish()
}

pub(crate) fn promote(document: &Promote, paint: Paint) -> String {
    let mut sheet = Sheet::headed(&document.head, paint);
    let head = &document.head;
    sheet.pair("from", &document.source);
    warnings(&mut sheet, &document.warnings);
    if document.pushed && document.tags.is_empty() && ran(&document.steps, "copy") {
        pushed_but_failed(&mut sheet, head);
    }
    tags(&mut sheet, &document.tags, &document.moved);
    let digest = head.subject.digest.as_ref();
    let is_good = !matches!(head.outcome, Outcome::Refused | Outcome::Undetermined);
    if is_good {
        sheet.table(&evidence::written(&document.evidence, digest));
    } else {
        sheet.table(&evidence::looked_at(&document.source_evidence, digest));
    }
    sheet.gap();
    sheet.pair_if("checked", &document.checked.join("; "));
    sheet.pair_if("required", &document.required.join(", "));
    sheet.pair_if("file", document.evidence_file.as_deref().unwrap_or_default());
    costs(&mut sheet, document.requests, &document.steps);
    sheet.finish()
}

fn warnings(sheet: &mut Sheet, warnings: &[String]) {
    for warning in warnings {
        sheet.warning(warning);
    }
}

fn tags(sheet: &mut Sheet, tags: &[String], moved: &[MovedTag]) {
    sheet.pair_if("tags", &tags.join(", "));
    for it in moved {
        sheet.pair("moved", &format!("{} pointed at {}", it.tag, it.from));
    }
}

/// Whether this run came to the step. What is there from an earlier run may be in use.
fn ran(steps: &[StepSummary], name: &str) -> bool {
    steps.iter().any(|step| step.name == name)
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

fn costs(sheet: &mut Sheet, requests: u64, steps: &[StepSummary]) {
    if steps.is_empty() {
        return;
    }
    let seconds: f64 = steps.iter().map(|step| step.seconds).sum();
    let bytes = steps.iter().map(|step| step.bytes).sum();
    let requests = quantity::requests(requests);
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
