use serde_json::{Value, json};

/// The beginning of tags of images that were only tried.
const TRIED: &str = "dev-*";
/// How long those stay.
const TRIED_DAYS: u32 = 14;

/// One rule, about tags that no release has. None is about what has no tag, for so has every piece
/// of evidence: ECR takes it away itself, after the image that it is about.
pub(super) fn policy() -> Value {
    json!({"rules": [{
        "rulePriority": 1,
        "description": "what was only tried; releases, and evidence, which has no tag, stay",
        "selection": {
            "tagStatus": "tagged",
            "tagPatternList": [TRIED],
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": TRIED_DAYS,
        },
        "action": {"type": "expire"},
    }]})
}
