//! Keys that cannot sign.

use serde_json::json;

use crate::account::ACCOUNT;
use crate::key::{Key, ask};

impl Key {
    /// A key that there is not, by the alias it would have.
    pub(crate) fn named(alias: &str) -> Self {
        Self { arn: String::new(), alias: alias.to_owned() }
    }

    /// Disables it.
    pub(crate) fn disable(&self) {
        ask("DisableKey", &json!({"KeyId": self.arn}));
    }

    /// Has it deleted in a week.
    pub(crate) fn schedule_deletion(&self) {
        ask("ScheduleKeyDeletion", &json!({"KeyId": self.arn, "PendingWindowInDays": 7}));
    }

    /// The URI of the alias of this name in another region.
    pub(crate) fn uri_in(&self, region: &str) -> String {
        format!("awskms:///arn:aws:kms:{region}:{ACCOUNT}:{}", self.alias)
    }
}
