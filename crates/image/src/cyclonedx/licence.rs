//! Licences, as the schema wants them.

use super::schema::LicenceChoice;

/// `stated` as an expression where it is one of SPDX, else as a name.
pub(super) fn licences(stated: Option<&str>) -> Vec<LicenceChoice> {
    let stated = stated.map(str::trim).filter(|text| !text.is_empty());
    let choice = stated.map(|text| match spdx::Expression::parse(text) {
        Ok(_) => LicenceChoice::Expression(text.to_owned()),
        Err(_) => LicenceChoice::License { name: text.to_owned() },
    });
    choice.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_expressions_from_names() {
        for text in ["MIT", "GPL-2.0-only AND (MIT OR Apache-2.0)", "LicenseRef-custom"] {
            assert_eq!(licences(Some(text)), [LicenceChoice::Expression(text.into())]);
        }
        for text in ["BSD", "Apache 2.0", "MIT, see LICENSE"] {
            assert_eq!(licences(Some(text)), [LicenceChoice::License { name: text.into() }]);
        }
        assert!(licences(Some(" ")).is_empty() && licences(None).is_empty());
    }
}
