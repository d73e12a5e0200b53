//! Answers of the JSON services, as the AWS CLI prints them: times as text.

use jiff::Timestamp;
use serde_json::Value;

/// Members of the documents that are times: seconds since 1970 on the wire.
const TIMES: [&str; 14] = [
    "CreateDate",
    "CreationDate",
    "DeletionDate",
    "LastUsedDate",
    "ValidTo",
    "createdAt",
    "imagePushedAt",
    "imageScanCompletedAt",
    "lastActivatedAt",
    "lastArchivedAt",
    "lastEvaluatedAt",
    "lastRecordedPullTime",
    "updatedAt",
    "vulnerabilitySourceUpdatedAt",
];

/// Writes the times in RFC 3339, in place.
pub(super) fn write_times(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(write_times),
        Value::Object(members) => {
            for (key, member) in members {
                match time(key, member) {
                    Some(text) => *member = text.into(),
                    None => write_times(member),
                }
            }
        }
        _ => {}
    }
}

fn time(key: &str, value: &Value) -> Option<String> {
    if !TIMES.contains(&key) {
        return None;
    }
    let seconds = value.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and jiff refuses the ends")]
    let time = Timestamp::from_millisecond((seconds * 1_000.0).round() as i64).ok()?;
    Some(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_times_change() {
        let mut value = json!({"repositories": [{"createdAt": 1_700_000_000.5, "count": 3}],
            "KeyMetadata": {"CreationDate": 1_700_000_000, "Description": "createdAt"},
            "policyText": "{\"createdAt\": 1}", "lastEvaluatedAt": "2024"});
        write_times(&mut value);
        assert_eq!(
            value["repositories"][0],
            json!({"createdAt": "2023-11-14T22:13:20.5Z", "count": 3})
        );
        assert_eq!(value["KeyMetadata"]["CreationDate"], "2023-11-14T22:13:20Z");
        assert_eq!(value["policyText"], "{\"createdAt\": 1}");
        assert_eq!(value["lastEvaluatedAt"], "2024");
    }
}
