use jiff::Timestamp;

use crate::documents::{Documents, Repository};
use crate::world::World;

/// The repository in question, as far as the documents tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Site {
    pub(crate) repository: Option<Repository>,
    pub(crate) name: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

/// Why it cannot be said which repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// One of these.
    Several(Vec<String>),
    /// The documents are about these, and not about the one asked for.
    Other(String),
}

impl Site {
    /// The repository that was asked for, or the only one that the documents are about.
    pub(crate) fn of(documents: &Documents, asked: Option<&str>) -> Result<Self, Unclear> {
        let policy = documents.repository_policy.said();
        let lifecycle = documents.lifecycle.said();
        let named = [
            policy.and_then(|it| it.repository.as_deref()),
            lifecycle.and_then(|it| it.repository.as_deref()),
        ];
        let wanted = asked.or_else(|| named.into_iter().flatten().next());
        if let Some(other) = named.into_iter().flatten().find(|it| Some(*it) != wanted) {
            return Err(Unclear::Other(other.to_owned()));
        }
        let repository = pick(documents, wanted)?;
        let registry = [
            policy.and_then(|it| it.registry.clone()),
            lifecycle.and_then(|it| it.registry.clone()),
            documents.registry_policy.said().and_then(|it| it.registry.clone()),
            documents.scanning.said().and_then(|it| it.registry_id.clone()),
            documents.replication.said().and_then(|it| it.registry_id.clone()),
            documents.signing.said().and_then(|it| it.registry_id.clone()),
        ];
        let of_repository = repository.as_ref().and_then(|it| it.account().map(str::to_owned));
        Ok(Self {
            name: wanted
                .map(str::to_owned)
                .or_else(|| repository.as_ref().map(|it| it.name.clone())),
            account: of_repository.or_else(|| registry.into_iter().flatten().next()),
            region: repository.as_ref().and_then(|it| it.region().map(str::to_owned)),
            repository,
        })
    }

    /// `HOST/NAME`, or as much of it as is known.
    pub(crate) fn reference(&self) -> Option<String> {
        let uri = self.repository.as_ref().and_then(|it| it.uri.clone());
        uri.or_else(|| self.name.clone())
    }

    /// The name, for a command line.
    pub(crate) fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or("NAME")
    }

    /// The ARN, with wildcards for what is not known.
    pub(crate) fn arn(&self) -> String {
        if let Some(arn) = self.repository.as_ref().and_then(|it| it.arn.clone()) {
            return arn;
        }
        let part = |it: &Option<String>| it.clone().unwrap_or_else(|| "*".to_owned());
        let (region, account, name) = (part(&self.region), part(&self.account), part(&self.name));
        format!("arn:*:ecr:{region}:{account}:repository/{name}")
    }

    pub(crate) fn world(&self, now: Timestamp) -> World {
        World { account: self.account.clone(), region: self.region.clone(), now }
    }

    /// `aws ecr COMMAND --repository-name NAME`.
    pub(crate) fn ecr(&self, command: &str, rest: &str) -> String {
        let region = self.region.as_ref().map_or_else(String::new, |it| format!(" --region {it}"));
        format!("aws ecr {command} --repository-name {}{region} {rest}", self.shown_name())
            .trim_end()
            .to_owned()
    }

    /// The same for a call about the registry.
    pub(crate) fn registry(&self, command: &str, rest: &str) -> String {
        let region = self.region.as_ref().map_or_else(String::new, |it| format!(" --region {it}"));
        format!("aws ecr {command}{region} {rest}").trim_end().to_owned()
    }
}

fn pick(documents: &Documents, wanted: Option<&str>) -> Result<Option<Repository>, Unclear> {
    let Some(all) = documents.repositories.said() else { return Ok(None) };
    let all = &all.repositories;
    match wanted {
        Some(name) => match all.iter().find(|it| it.name == name) {
            Some(found) => Ok(Some(found.clone())),
            None => Err(Unclear::Other(
                all.first().map_or_else(|| "none".to_owned(), |it| it.name.clone()),
            )),
        },
        None if all.len() > 1 => {
            Err(Unclear::Several(all.iter().map(|it| it.name.clone()).collect()))
        }
        None => Ok(all.first().cloned()),
    }
}
