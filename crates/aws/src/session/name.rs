const LONGEST: usize = 64;

/// The name of a session, by which the account's log tells which run did what: `boltseal-` and
/// `label`, such as a run id and attempt. Characters that STS does not take (it takes
/// `[A-Za-z0-9_+=,.@-]`, up to 64) become `-`.
///
/// ```
/// assert_eq!(boltseal_aws::session_name(Some("17/2")), "boltseal-17-2");
/// assert_eq!(boltseal_aws::session_name(None), "boltseal");
/// ```
pub fn session_name(label: Option<&str>) -> String {
    let Some(label) = label.filter(|it| !it.is_empty()) else {
        return "boltseal".to_owned();
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let clean = label.chars().map(|c| if legal(c) { c } else { '-' });
    "boltseal-".chars().chain(clean).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_always_legal(label in ".{0,100}") {
            let name = session_name(Some(&label));
            prop_assert!((2..=LONGEST).contains(&name.len()));
            let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
            prop_assert!(name.bytes().all(legal));
        }
    }
}
