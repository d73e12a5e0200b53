//! A small image that looks like Debian.

use std::fmt::Write as _;

use super::builder::ImageBuilder;
use super::built::BuiltImage;
use super::layer::LayerBuilder;

/// A Debian package, as `var/lib/dpkg/status` records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deb {
    /// The name.
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
    /// The architecture.
    pub architecture: &'static str,
    /// The source package, and its version where that differs, as in `Source:`.
    pub source: Option<&'static str>,
}

/// What is installed in [`debian_like`], sorted by name: what `dpkg-query -W` would print.
pub const DEBIAN_PACKAGES: [Deb; 6] = [
    deb("base-files", "12.4+deb12u5", None),
    deb("libc6", "2.36-9+deb12u7", Some("glibc")),
    deb("libssl3", "3.0.13-1~deb12u1", Some("openssl")),
    deb("login", "1:4.13+dfsg1-1+b1", Some("shadow (1:4.13+dfsg1-1)")),
    Deb { name: "tzdata", version: "2024a-0+deb12u1", architecture: "all", source: None },
    deb("zlib1g", "1:1.2.13.dfsg-1", Some("zlib")),
];

const fn deb(name: &'static str, version: &'static str, source: Option<&'static str>) -> Deb {
    Deb { name, version, architecture: "amd64", source }
}

const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian \
                          GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n\
                          VERSION_CODENAME=bookworm\nID=debian\n";

/// The bytes of a `var/lib/dpkg/status` that lists packages as installed.
pub fn debian_status(packages: &[Deb]) -> String {
    let mut status = String::new();
    for package in packages {
        let Deb { name, version, architecture, source } = package;
        let source = source.map(|it| format!("Source: {it}\n"));
        // Writing to a string cannot fail.
        let _ = write!(
            status,
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: misc\n\
             Maintainer: Nobody <nobody@example.org>\nArchitecture: {architecture}\n{}Version: \
             {version}\nDescription: {name}\n a package\n .\n for tests\n\n",
            source.unwrap_or_default(),
        );
    }
    status
}

/// Debian 12 in two layers for `linux/amd64`. The second upgrades `libssl3`, adds `zlib1g`,
/// removes a file and brings an application, so that what is installed is
/// [`DEBIAN_PACKAGES`] and nothing else.
pub fn debian_like() -> BuiltImage {
    let mut before = DEBIAN_PACKAGES[..5].to_vec();
    before[2].version = "3.0.11-1~deb12u2";
    let base = LayerBuilder::new()
        .dir("etc")
        .symlink("bin", "usr/bin")
        .file("etc/debian_version", "12.5\n")
        .file("usr/lib/os-release", OS_RELEASE)
        .symlink("etc/os-release", "../usr/lib/os-release")
        .file_mode("usr/bin/login", 0o4755, "not a real program\n")
        .file("etc/old.conf", "gone in the next layer\n")
        .file("usr/share/doc/libc6/copyright", "License: LGPL-2.1+\n")
        .dpkg(&before);
    let application = LayerBuilder::new()
        .whiteout("etc/old.conf")
        .file_mode("app/run", 0o755, "#!/bin/sh\necho hello\n")
        .dpkg(&DEBIAN_PACKAGES);
    ImageBuilder::new()
        .layer(base)
        .layer(application)
        .label("org.opencontainers.image.title", "debian-like")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_packages_it_says() {
        let image = debian_like();
        assert_eq!(image.packages(), DEBIAN_PACKAGES);
        let status = debian_status(&DEBIAN_PACKAGES);
        assert_eq!(status.matches("\nStatus: install ok installed\n").count(), 6);
        assert!(status.contains("Source: shadow (1:4.13+dfsg1-1)\n"));
    }
}
