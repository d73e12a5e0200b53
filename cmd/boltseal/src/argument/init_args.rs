use clap::Args;

use crate::init::{Origin, Source};

/// What the files of `init` are made of. Each is read where all its places are: here as text.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub(crate) struct InitArgs {
    /// Where releases go: HOST/REPO[:TAG]. Without a tag each has that of its commit, or the tag
    /// that was pushed.
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,

    /// The CI system: github or gitlab.
    #[arg(long, value_name = "CI")]
    ci: Option<String>,

    /// The repository whose jobs release: OWNER/NAME, or https://HOST/OWNER/NAME.
    #[arg(long, value_name = "REPOSITORY")]
    source_repository: Option<String>,

    /// A ref whose jobs release: refs/heads/NAME, refs/tags/NAME or refs/tags/PATTERN; the default
    /// branch unless said otherwise. Repeatable.
    #[arg(long = "ref", value_name = "REF")]
    refs: Vec<String>,

    /// The name of the role in AWS; boltseal-REPO unless said otherwise.
    #[arg(long, value_name = "NAME")]
    role_name: Option<String>,

    /// The alias of the signing key in KMS; boltseal-REPO unless said otherwise.
    #[arg(long, value_name = "NAME")]
    key_alias: Option<String>,

    /// The id of the repository's owner on github.com, where its tokens name it.
    #[arg(long, value_name = "NUMBER")]
    owner_id: Option<String>,

    /// The id of the repository on github.com, where its tokens name it.
    #[arg(long, value_name = "NUMBER")]
    repository_id: Option<String>,

    /// What gates releases: ecr, inspector, none or a report's file; ecr unless said otherwise,
    /// and scan.json elsewhere than at Amazon.
    #[arg(long, value_name = "SCAN")]
    scan: Option<String>,

    /// The repository and the commit of boltseal's own workflows: OWNER/NAME@COMMIT.
    #[arg(long, value_name = "PINNED")]
    action: Option<String>,
}

impl InitArgs {
    /// The flags that were given.
    pub(crate) fn source(&self) -> Source {
        let mut source = Source::new(Origin::Flag);
        for (name, value) in [
            ("to", &self.to),
            ("ci", &self.ci),
            ("source-repository", &self.source_repository),
            ("role-name", &self.role_name),
            ("key-alias", &self.key_alias),
            ("owner-id", &self.owner_id),
            ("repository-id", &self.repository_id),
            ("scan", &self.scan),
            ("action", &self.action),
        ] {
            source.add_some(name, value.as_deref());
        }
        for name in &self.refs {
            source.add("ref", name);
        }
        source
    }
}
