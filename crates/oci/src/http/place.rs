//! How requests are named in errors.

use reqwest::{Method, Url};

/// `GET https://host/path`. User, password, query and fragment are left out: a query may hold a
/// signature or an upload's state.
pub(super) fn place(method: &Method, url: &Url) -> String {
    format!("{method} {}", address(url))
}

/// The URL alone, in the same manner.
pub(super) fn address(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    let rest = if url.query().is_some() { "?…" } else { "" };
    format!("{origin}{}{rest}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_query_and_no_user() {
        let url = Url::parse("https://me:pw@h.example:8443/a/b?X-Amz-Signature=s#f").unwrap();
        assert_eq!(place(&Method::GET, &url), "GET https://h.example:8443/a/b?…");
    }
}
