use crate::documents::{Answer, Documents, Identity, Key, Role};
use crate::policy::PolicyDocument;
use crate::request::Request;
use crate::rights::{Allowed, Deed, Delegation, Engine, PolicyScope, Right, Rights, Source};
use crate::site::{Site, Unclear};
use crate::world::World;

/// Everything that the checks look at.
pub(crate) struct Case<'a> {
    pub(crate) documents: &'a Documents,
    pub(crate) request: &'a Request,
    pub(crate) site: Site,
    pub(crate) world: World,
    identities: Vec<Identity>,
    is_account_visible: bool,
    pub(crate) rights: Rights,
}

impl<'a> Case<'a> {
    pub(crate) fn new(documents: &'a Documents, request: &'a Request) -> Result<Self, Unclear> {
        let site = Site::of(documents, request.repository.as_deref())?;
        let world = site.world(request.now);
        let (identities, is_account_visible) = identities(documents, &site);
        let rights = Rights::default();
        let mut case =
            Self { documents, request, site, world, identities, is_account_visible, rights };
        case.rights = case.all_rights();
        Ok(case)
    }

    fn all_rights(&self) -> Rights {
        let engine = self.repository_engine();
        let keys = self.documents.keys.iter().filter_map(|key| self.key_engine(key));
        Rights {
            push: engine.rights(Deed::Push),
            pull: engine.rights(Deed::Pull),
            delete: engine.rights(Deed::Delete),
            policy: engine.rights(Deed::Policy),
            sign: keys.flat_map(|engine| engine.rights(Deed::Sign)).collect(),
        }
    }

    /// The policies that decide about the repository.
    pub(crate) fn repository_engine(&self) -> Engine<'_> {
        let (allows, denies) = self.registry_scope();
        let of_repository = self.documents.repository_policy.said().map(|it| Source {
            name: "repository policy",
            policy: &it.policy,
            allows: PolicyScope::All,
            denies: PolicyScope::All,
        });
        let of_registry = self.documents.registry_policy.said().map(|it| Source {
            name: "registry policy",
            policy: &it.policy,
            allows,
            denies,
        });
        Engine {
            world: self.world.clone(),
            resource: self.site.arn(),
            sources: of_repository.into_iter().chain(of_registry).collect(),
            identities: &self.identities,
            is_account_visible: self.is_account_visible,
            delegation: Delegation::Always,
        }
    }

    /// The policies that decide about a key, where its own is known.
    pub(crate) fn key_engine<'k>(&'k self, key: &'k Key) -> Option<Engine<'k>> {
        let policy = key.policy.said()?;
        let metadata = key.metadata.said();
        let arn = metadata.and_then(|it| it.arn.clone());
        let account = metadata.and_then(|it| it.account.clone());
        Some(Engine {
            world: World {
                account: account.or_else(|| self.world.account.clone()),
                ..self.world.clone()
            },
            resource: arn.unwrap_or_else(|| "arn:*:kms:*:*:key/*".to_owned()),
            sources: vec![Source {
                name: "key policy",
                policy,
                allows: PolicyScope::All,
                denies: PolicyScope::All,
            }],
            identities: &self.identities,
            is_account_visible: self.is_account_visible,
            delegation: Delegation::ByAccount,
        })
    }

    /// The registry policy alone.
    pub(crate) fn registry_rights(&self, actions: &[&'static str]) -> Vec<Right> {
        let mut engine = self.repository_engine();
        engine.sources.retain(|source| source.name == "registry policy");
        engine.identities = &[];
        engine.is_account_visible = true;
        engine.rights_to(actions)
    }

    /// What the registry policy is enforced for: what it allows, and what it denies. Where the
    /// setting is not known, it allows all that it says, and denies only what both versions do.
    fn registry_scope(&self) -> (PolicyScope, PolicyScope) {
        match self.setting("REGISTRY_POLICY_SCOPE") {
            Some("V1") => (PolicyScope::Registry, PolicyScope::Registry),
            Some("V2") => (PolicyScope::All, PolicyScope::All),
            _ => (PolicyScope::All, PolicyScope::Registry),
        }
    }

    /// The value of an account setting, where it is known.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        let said = self.documents.settings.iter().filter_map(Answer::said);
        said.into_iter().find(|it| it.name == name).map(|it| it.value.as_str())
    }

    /// Whether the policies of everyone in the repository's account were seen.
    pub(crate) const fn is_account_visible(&self) -> bool {
        self.is_account_visible
    }

    pub(crate) fn account(&self) -> Option<&str> {
        self.site.account.as_deref()
    }

    /// Whether `right` is one of those that may push.
    pub(crate) fn is_allowed(&self, right: &Right) -> bool {
        self.request.allow_push.iter().any(|it| it.covers(right.who()))
    }

    /// The ARNs of the allow-list, or a placeholder, for a policy to paste.
    pub(crate) fn allowed_arns(&self) -> String {
        let arns = self.request.allow_push.iter().map(Allowed::as_str);
        let quoted: Vec<String> =
            arns.filter(|it| it.starts_with("arn:")).map(|it| format!("\"{it}\"")).collect();
        if quoted.is_empty() {
            let account = self.account().unwrap_or("ACCOUNT");
            return format!("\"arn:aws:iam::{account}:role/CI\"");
        }
        quoted.join(", ")
    }

    /// The role whose trust is judged.
    pub(crate) fn role(&self) -> Option<&Role> {
        let roles = &self.documents.roles;
        match &self.request.role {
            Some(wanted) => roles.iter().find(|role| is_named(role, wanted)),
            None if roles.len() == 1 => roles.first(),
            None => None,
        }
    }
}

/// By name, by ARN, or by what its file is called.
fn is_named(role: &Role, wanted: &str) -> bool {
    let name = wanted.rsplit('/').next().unwrap_or(wanted);
    let by_document = role.document.said().is_some_and(|it| match &it.arn {
        Some(arn) if wanted.starts_with("arn:") => arn == wanted,
        _ => it.name == name,
    });
    by_document || (!role.about.is_empty() && (role.about == wanted || role.about == name))
}

/// The users and roles whose policies were seen, and whether these are all of the account.
fn identities(documents: &Documents, site: &Site) -> (Vec<Identity>, bool) {
    let own = |account: Option<&str>| account.is_some() && account == site.account.as_deref();
    let details = documents.account.said().filter(|it| own(it.account.as_deref()));
    let mut identities = details.map(|it| it.identities.clone()).unwrap_or_default();
    for role in &documents.roles {
        let Some(document) = role.document.said() else { continue };
        let Some(arn) = document.arn.clone() else { continue };
        let is_own = own(crate::arn::Arn::parse(&arn).map(|it| it.account));
        if is_own && !identities.iter().any(|it| it.arn == arn) {
            identities.push(Identity {
                arn,
                id: document.id.clone().unwrap_or_default(),
                policies: role.policies.clone(),
                boundary: None,
            });
        }
    }
    (identities, details.is_some_and(|it| it.gaps.is_empty()))
}

/// Statements of the policies of a resource, with the name of the policy.
pub(crate) fn resource_policies<'a>(case: &'a Case<'_>) -> Vec<(&'static str, &'a PolicyDocument)> {
    let repository = case.documents.repository_policy.said();
    let registry = case.documents.registry_policy.said();
    let repository = repository.map(|it| ("repository policy", &it.policy));
    let registry = registry.map(|it| ("registry policy", &it.policy));
    let keys = case.documents.keys.iter();
    let keys = keys.filter_map(|it| it.policy.said().map(|policy| ("key policy", policy)));
    repository.into_iter().chain(registry).chain(keys).collect()
}
