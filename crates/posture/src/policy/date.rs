use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A point in time as conditions write it: ISO 8601, or seconds since 1970.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from));
    local.ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let time = parse("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(parse("2026-01-01"), Some(time));
        assert_eq!(parse(&time.as_second().to_string()), Some(time));
        assert_eq!(parse("soon"), None);
    }
}
