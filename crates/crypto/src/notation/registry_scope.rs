//! Repositories as trust policies name them.

/// Whether this is `HOST/REPOSITORY` as the distribution specification spells it, without tag,
/// digest or scheme.
pub(super) fn is_repository(scope: &str) -> bool {
    let Some((host, path)) = scope.split_once('/') else { return false };
    is_host(host) && path.split('/').all(is_component)
}

fn is_host(host: &str) -> bool {
    let (domain, port) = host.split_once(':').map_or((host, "0"), |(domain, port)| (domain, port));
    let is_label = |label: &str| {
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        !label.is_empty()
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(is_label)
        && !port.is_empty()
        && port.bytes().all(|it| it.is_ascii_digit())
}

/// Lower-case letters and digits, with one `.`, one or two `_`, or dashes between them.
fn is_component(component: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let mut separators = component.split(is_word).filter(|between| !between.is_empty());
    let is_separator = |between: &str| {
        matches!(between, "." | "_" | "__") || between.bytes().all(|letter| letter == b'-')
    };
    component.starts_with(is_word) && component.ends_with(is_word) && separators.all(is_separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_repositories_and_nothing_else() {
        for good in [
            "registry.test/a",
            "127.0.0.1:5000/team/app",
            "LOCAL/a.b_c__d--e/9",
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/app",
        ] {
            assert!(is_repository(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "/a",
            "a/",
            "a//b",
            "a/B",
            "a/b:1",
            "a/b@sha256:0",
            "https://a/b",
            "a:/b",
            "a:x/b",
            "-a/b",
            "a-/b",
            "a..b/c",
            "a/b..c",
            "a/b___c",
            "a/b._c",
            "a/-b",
            "a/b-",
            "a/é",
            "a/*",
            "*",
        ] {
            assert!(!is_repository(bad), "{bad}");
        }
    }
}
