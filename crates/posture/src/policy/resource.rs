use crate::pattern;

/// The resources of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resources {
    /// What the policy is attached to.
    Itself,
    /// These patterns.
    In(Vec<String>),
    /// All but these.
    NotIn(Vec<String>),
}

impl Resources {
    pub(super) fn new(patterns: Vec<String>, negated: bool) -> Self {
        if negated { Self::NotIn(patterns) } else { Self::In(patterns) }
    }

    /// Whether the statement may speak of `resource`, which is an ARN or a pattern of one where
    /// part of the ARN is not known.
    pub(crate) fn may_include(&self, resource: &str) -> bool {
        match self {
            Self::Itself => true,
            Self::In(patterns) => {
                patterns.iter().any(|it| pattern::overlaps(&widened(it), resource))
            }
            Self::NotIn(patterns) => !patterns.iter().any(|it| is_covering(it, resource)),
        }
    }

    /// Whether the statement certainly speaks of all of `resource`.
    pub(crate) fn include(&self, resource: &str) -> bool {
        match self {
            Self::Itself => true,
            Self::In(patterns) => patterns.iter().any(|it| is_covering(it, resource)),
            Self::NotIn(patterns) => {
                !patterns.iter().any(|it| pattern::overlaps(&widened(it), resource))
            }
        }
    }

    /// The first pattern that is not bound to one resource, where there is one.
    pub(crate) fn unbound(&self) -> Option<&str> {
        match self {
            Self::Itself => None,
            Self::In(patterns) => {
                let unbound = |it: &&String| {
                    let name = completed(it);
                    let name = name.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
                    pattern::is_all_wild(&name)
                };
                patterns.iter().find(unbound).map(String::as_str)
            }
            Self::NotIn(_) => Some("NotResource"),
        }
    }
}

fn is_covering(wide: &str, resource: &str) -> bool {
    !wide.contains("${") && pattern::covers(&completed(wide), resource)
}

/// IAM completes an ARN that has fewer than six parts with wildcards.
fn completed(resource: &str) -> String {
    let mut resource = resource.to_owned();
    if resource.starts_with("arn:") {
        while resource.matches(':').count() < 5 {
            resource.push_str(":*");
        }
    }
    resource
}

/// The pattern with each policy variable made a wildcard.
fn widened(resource: &str) -> String {
    let mut rest = resource;
    let mut wide = String::new();
    while let Some((before, variable)) = rest.split_once("${") {
        wide.push_str(before);
        wide.push('*');
        rest = variable.split_once('}').map_or("", |(_, after)| after);
    }
    wide.push_str(rest);
    completed(&wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPOSITORY: &str = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";

    fn within(pattern: &str) -> (bool, bool) {
        let resources = Resources::In(vec![pattern.to_owned()]);
        (resources.may_include(REPOSITORY), resources.include(REPOSITORY))
    }

    #[test]
    fn allow_takes_what_may_match_and_deny_what_must() {
        assert_eq!(within("*"), (true, true));
        assert_eq!(within("arn:aws:ecr:*:*:repository/team/*"), (true, true));
        assert_eq!(within("arn:aws:ecr"), (true, true));
        assert_eq!(within("arn:aws:ecr:*:*:repository/other"), (false, false));
        let variable = "arn:aws:ecr:*:*:repository/${aws:PrincipalTag/team}/*";
        assert_eq!(within(variable), (true, false));
        let other = Resources::NotIn(vec!["arn:aws:ecr:*:*:repository/team/app".to_owned()]);
        assert_eq!((other.may_include(REPOSITORY), other.include(REPOSITORY)), (false, false));
    }

    #[test]
    fn a_resource_that_is_known_in_part() {
        let known = "arn:*:ecr:*:111122223333:repository/team/app";
        let exact = Resources::In(vec![REPOSITORY.to_owned()]);
        assert!(exact.may_include(known) && !exact.include(known));
    }

    #[test]
    fn unbound_patterns() {
        for (pattern, unbound) in [
            ("*", true),
            ("arn:aws:kms:*:*:key/*", true),
            ("arn:aws:kms", true),
            ("arn:aws:kms:eu-west-1:111122223333:key/1234", false),
            ("arn:aws:ecr:*:*:repository/team/*", true),
        ] {
            let resources = Resources::In(vec![pattern.to_owned()]);
            assert_eq!(resources.unbound().is_some(), unbound, "{pattern}");
        }
    }
}
