//! `Link`: where the next page is (RFC 8288).

/// The target of the first link with `rel="next"`.
pub(super) fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let parameters = after.split_once('<').map_or(after, |(mine, _)| mine);
        if parameters.split([';', ',']).any(is_next) {
            return Some(target);
        }
        rest = after;
    }
    None
}

fn is_next(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && value.split(' ').any(|it| it.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_next_page() {
        for header in [
            r#"</v2/a?n=2>; rel="next""#,
            "</v2/a?n=2>;rel=next",
            r#"<x>; rel="prev", </v2/a?n=2>; title="t"; REL="last next""#,
        ] {
            assert_eq!(next(header), Some("/v2/a?n=2"), "{header}");
        }
        for header in ["", "</v2/a>", r#"</v2/a>; rel="prev""#, "</v2/a; rel=next"] {
            assert_eq!(next(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(header in ".{0,120}") {
            next(&header);
        }
    }
}
