/// A text as YAML: as it is where YAML takes it for that text, and between quotes elsewhere.
pub(super) fn text(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./@".contains(&b);
    let colon_is_inside = !value.ends_with(':') && !value.contains(": ");
    let begins = value.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let is_plain = begins
        && colon_is_inside
        && value.bytes().all(|b| plain(b) || b == b':')
        && !is_word(value);
    if is_plain { value.to_owned() } else { serde_json::Value::from(value).to_string() }
}

/// What YAML takes for something else than text.
fn is_word(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_as_itself() {
        for value in [
            "ecr",
            "111122223333",
            "on",
            "True",
            "arn:aws:iam::1:role/x",
            "a: b",
            "a:",
            "",
            "x #y",
            "${{ github.sha }}",
            "h.example/app:${{ github.sha }}",
            "'",
            "\"",
            "a\nb",
            "*",
            "-x",
            "role/a,b=c",
            "1e3",
            "0x1",
        ] {
            let read: serde_json::Value = serde_saphyr::from_str(&text(value)).unwrap();
            assert_eq!(read, value, "{}", text(value));
        }
        assert_eq!(text("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/x");
    }
}
