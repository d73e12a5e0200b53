use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::image::Deb;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The package URL of a Debian package.
pub(super) fn of(package: &Deb) -> String {
    format!(
        "pkg:deb/debian/{}@{}?arch={}&distro=debian-12",
        package.name,
        utf8_percent_encode(package.version, UNRESERVED),
        package.architecture
    )
}
