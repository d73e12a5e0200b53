//! How strictly a trust policy verifies.

use std::collections::BTreeMap;

use super::signed_attributes::cut;

/// What to do about each check (trust store and policy specification, "Signature Verification
/// details"). Integrity is always enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerificationLevel {
    pub(super) authenticity: Action,
    pub(super) authentic_timestamp: Action,
    pub(super) expiry: Action,
    pub(super) revocation: Action,
}

/// What to do about a check that does not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The signature does not count.
    Enforce,
    /// It is reported.
    Log,
    /// The check is not made: only for revocation.
    Skip,
}

/// The checks that a signature has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The envelope holds together and is about the artifact. Always enforced.
    Integrity,
    /// Somebody signed it who is trusted.
    Authenticity,
    /// The certificates were valid when it was signed.
    AuthenticTimestamp,
    /// The signature's own expiry.
    Expiry,
    /// The certificates (and AWS Signer's job and profile) are not revoked.
    Revocation,
}

impl VerificationLevel {
    /// The level with this name. `None` for `skip`, which makes no check at all.
    pub(super) fn named(name: &str) -> Result<Option<Self>, LevelError> {
        let [authenticity, others] = match name {
            "strict" => [Action::Enforce, Action::Enforce],
            "permissive" => [Action::Enforce, Action::Log],
            "audit" => [Action::Log, Action::Log],
            "skip" => return Ok(None),
            _ => return Err(LevelError::Name { found: cut(name) }),
        };
        Ok(Some(Self {
            authenticity,
            authentic_timestamp: others,
            expiry: others,
            revocation: others,
        }))
    }

    pub(super) fn overridden(mut self, by: &BTreeMap<String, String>) -> Result<Self, LevelError> {
        for (check, action) in by {
            let refuse = || LevelError::Override { check: cut(check), action: cut(action) };
            let place = match check.as_str() {
                "authenticity" => &mut self.authenticity,
                "authenticTimestamp" => &mut self.authentic_timestamp,
                "expiry" => &mut self.expiry,
                "revocation" => &mut self.revocation,
                _ => return Err(refuse()),
            };
            *place = match action.as_str() {
                "enforce" => Action::Enforce,
                "log" => Action::Log,
                "skip" if check == "revocation" => Action::Skip,
                _ => return Err(refuse()),
            };
        }
        Ok(self)
    }

    /// What to do when this check does not pass.
    pub const fn action(&self, check: Check) -> Action {
        match check {
            Check::Integrity => Action::Enforce,
            Check::Authenticity => self.authenticity,
            Check::AuthenticTimestamp => self.authentic_timestamp,
            Check::Expiry => self.expiry,
            Check::Revocation => self.revocation,
        }
    }
}

/// A level that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LevelError {
    /// Another name.
    #[error("expected the level strict, permissive, audit or skip, found {found:?}")]
    Name {
        /// The name, cut at 160 characters.
        found: String,
    },
    /// An override of what cannot be overridden, or with an action that it cannot have.
    #[error(
        "expected overrides of authenticity, authenticTimestamp, expiry (enforce, log) and \
         revocation (enforce, log, skip), found {check:?}: {action:?}"
    )]
    Override {
        /// The check, cut at 160 characters.
        check: String,
        /// The action, cut at 160 characters.
        action: String,
    },
    /// `skip` with overrides, trust stores or identities.
    #[error("expected nothing beside the level skip, found {found}")]
    SkipWith {
        /// What stands beside it.
        found: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKS: [Check; 5] = [
        Check::Integrity,
        Check::Authenticity,
        Check::AuthenticTimestamp,
        Check::Expiry,
        Check::Revocation,
    ];

    fn actions(level: VerificationLevel) -> [Action; 5] {
        CHECKS.map(|check| level.action(check))
    }

    #[test]
    fn each_level_enforces_what_the_specification_says() {
        use Action::{Enforce, Log};
        for (name, expected) in [
            ("strict", [Enforce; 5]),
            ("permissive", [Enforce, Enforce, Log, Log, Log]),
            ("audit", [Enforce, Log, Log, Log, Log]),
        ] {
            let level = VerificationLevel::named(name).unwrap().unwrap();
            assert_eq!(actions(level), expected, "{name}");
        }
        assert_eq!(VerificationLevel::named("skip"), Ok(None));
        assert!(matches!(VerificationLevel::named("Strict"), Err(LevelError::Name { .. })));
    }

    #[test]
    fn overrides_change_one_check_each() {
        let strict = VerificationLevel::named("strict").unwrap().unwrap();
        let over = |check: &str, action: &str| {
            strict.overridden(&BTreeMap::from([(check.to_owned(), action.to_owned())]))
        };
        let names = ["integrity", "authenticity", "authenticTimestamp", "expiry", "revocation"];
        for (position, check) in names.iter().enumerate().skip(1) {
            let mut expected = [Action::Enforce; 5];
            expected[position] = Action::Log;
            assert_eq!(actions(over(check, "log").unwrap()), expected);
        }
        assert_eq!(over("revocation", "skip").unwrap().revocation, Action::Skip);
        for (check, action) in [
            ("integrity", "log"),
            ("expiry", "skip"),
            ("authenticity", "skip"),
            ("expiry", "no"),
            ("other", "log"),
        ] {
            assert!(matches!(over(check, action), Err(LevelError::Override { .. })), "{check}");
        }
    }
}
