use super::PolicyError;
use crate::pattern;

/// The actions of a statement. Case does not count in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actions {
    /// In lower case.
    patterns: Vec<String>,
    /// `NotAction`: all but these.
    negated: bool,
}

impl Actions {
    pub(super) fn parse(at: &str, patterns: &[String], negated: bool) -> Result<Self, PolicyError> {
        let is_action = |it: &&String| *it == "*" || it.contains(':');
        if let Some(wrong) = patterns.iter().find(|it| !is_action(it)) {
            return Err(PolicyError::new(at, "* or actions such as ecr:PutImage", wrong));
        }
        let patterns = patterns.iter().map(|it| it.to_ascii_lowercase()).collect();
        Ok(Self { patterns, negated })
    }

    /// Whether `action`, such as `ecr:PutImage`, is among them.
    pub(crate) fn include(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.patterns.iter().any(|pattern| pattern::matches(pattern, &action)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(patterns: &[&str], negated: bool) -> Actions {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        Actions::parse("Action", &patterns, negated).unwrap()
    }

    #[test]
    fn case_and_wildcards() {
        for pattern in ["*", "ecr:*", "ECR:putimage", "ecr:Put*", "ecr:P?tImage", "e*"] {
            let parsed = Actions::parse("Action", &[pattern.to_owned()], false);
            assert_eq!(parsed.is_ok_and(|it| it.include("ecr:PutImage")), pattern != "e*");
        }
        assert!(!actions(&["ecr:Get*", "s3:*"], false).include("ecr:PutImage"));
    }

    #[test]
    fn not_action_is_everything_else() {
        assert!(actions(&["ecr:DeleteRepository"], true).include("ecr:PutImage"));
        assert!(!actions(&["ecr:Put*"], true).include("ecr:PutImage"));
    }
}
