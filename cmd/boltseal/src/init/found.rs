use super::source::{Origin, Source};
use super::{Folder, git, record};
use crate::config::{Config, DEFAULT_FILE};
use crate::wire;

/// What is known without a flag: what was written down, the configuration, the CI system's
/// variables, which files there are, and git; in this order.
pub(crate) fn found(folder: &Folder, config: &Config) -> Vec<Source> {
    let text = folder.text(DEFAULT_FILE).unwrap_or_default();
    vec![
        record::read(&text),
        configured(config),
        wire::ci_source(),
        by_files(folder),
        git::source(&folder.0),
    ]
}

fn configured(config: &Config) -> Source {
    let mut source = Source::new(Origin::Config);
    source.add_some("to", config.release.to.as_ref().map(ToString::to_string));
    let mut keys = config.release.keys.iter().filter_map(|it| it.kms());
    let alias = keys.find_map(|it| it.strip_prefix("awskms:///alias/"));
    source.add_some("key-alias", alias);
    source
}

/// Where both are there, or neither, they say nothing.
fn by_files(folder: &Folder) -> Source {
    let mut source = Source::new(Origin::Files);
    match (folder.has(".github/workflows"), folder.has(".gitlab-ci.yml")) {
        (true, false) => source.add("ci", "github"),
        (false, true) => source.add("ci", "gitlab"),
        _ => {}
    }
    source
}
