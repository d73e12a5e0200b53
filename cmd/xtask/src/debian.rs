//! Programs that come from Debian's packages.

use std::process::Command;

use crate::failure::Failure;
use crate::step::Step;
use crate::tool;

/// Debian's packages that the peers tests need; each holds a program of the same name, but
/// [`XML`].
pub(crate) const PACKAGES: [&str; 7] =
    ["skopeo", "umoci", "mmdebstrap", "openssl", "chromium", "groff", XML.0];

/// A package and its program.
const XML: (&str, &str) = ("libxml2-utils", "xmllint");

/// Makes sure that each program is there, installing its package where we may.
///
/// # Errors
/// When one is missing and this is not root on a machine with `apt-get`.
pub(crate) fn ensure(packages: &[&str]) -> Result<(), Failure> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    if !may_install() {
        return Err(Failure::Missing {
            tool: missing.join(", "),
            purpose: "Debian packages, used as peers in the tests".to_owned(),
            how: format!("install with `apt-get install {}`", missing.join(" ")),
        });
    }
    Step::new("apt-get").args(["update", "-qq"]).run()?;
    Step::new("apt-get")
        .args(["install", "-qq", "--yes", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

/// Those of the programs that are not on `PATH`.
pub(crate) fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    let is_missing = |package: &&str| {
        let program = if *package == XML.0 { XML.1 } else { package };
        tool::on_path(program).is_none()
    };
    packages.iter().copied().filter(is_missing).collect()
}

fn may_install() -> bool {
    let user = Command::new("id").arg("-u").output();
    let root = user.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && tool::on_path("apt-get").is_some()
}
