use super::Issuer;
use super::statement::{TrustStatement, is_closing};
use crate::catalogue::TRUST_AUDIENCE;
use crate::finding::Finding;
use crate::pattern;

/// Whether the audience is asked for, and is AWS.
pub(super) fn check(statement: &TrustStatement<'_>) -> Option<Finding> {
    let conditions = statement.on("aud");
    let mut closing = conditions.iter().filter(|it| is_closing(it));
    let found =
        |what: String| Some(Finding::new(&TRUST_AUDIENCE).what(what).place(statement.place()));
    let Some(condition) = closing.next() else {
        return found("no condition on the audience holds only for tokens that have it".to_owned());
    };
    let is_like = condition.test.kind.is_like();
    let is_right = |value: &&String| match statement.issuer {
        Issuer::GitHub(_) | Issuer::Buildkite(_) => {
            matches!(value.as_str(), "sts.amazonaws.com" | "sts.amazonaws.com.cn")
        }
        _ => !value.is_empty() && (!is_like || !pattern::is_wild(value)),
    };
    let wrong = condition.test.values.iter().find(|it| !is_right(it))?;
    let expected = match statement.issuer {
        Issuer::GitHub(_) | Issuer::Buildkite(_) => "sts.amazonaws.com",
        _ => "one that only this purpose has",
    };
    found(format!("the audience may be {wrong}, expected {expected}"))
}
