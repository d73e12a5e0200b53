use super::{Certainty, Deed, Right};
use crate::documents::Identity;
use crate::grant::{Grant, Limit, distinct};
use crate::policy::{Effect, PolicyDocument, Principals, Statement};
use crate::who::Who;
use crate::world::World;

/// The most parts that denials may cut one grant into. Beyond it they are not applied: the answer
/// is then too large, never too small.
const MOST_PARTS: usize = 256;

/// The policies that decide about one resource.
pub(crate) struct Engine<'a> {
    pub(crate) world: World,
    /// The ARN, with wildcards for what is not known of it.
    pub(crate) resource: String,
    pub(crate) sources: Vec<Source<'a>>,
    /// Users and roles whose policies were seen.
    pub(crate) identities: &'a [Identity],
    /// Whether these are all there are in the account.
    pub(crate) is_account_visible: bool,
    pub(crate) delegation: Delegation,
}

/// A resource policy.
pub(crate) struct Source<'a> {
    pub(crate) name: &'static str,
    pub(crate) policy: &'a PolicyDocument,
    pub(crate) allows: PolicyScope,
    pub(crate) denies: PolicyScope,
}

/// Which actions the statements of a policy are enforced for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyScope {
    All,
    /// A registry policy of version 1 is about replication and pull-through only.
    Registry,
}

/// Whether policies of IAM count by themselves, in the account that the resource is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delegation {
    /// They do, as for ECR.
    Always,
    /// Only where the resource's policy names the account, as for KMS.
    ByAccount,
}

/// What grants something.
struct Origin<'a> {
    document: String,
    name: String,
    statement: &'a Statement,
}

impl PolicyScope {
    fn has(self, action: &str) -> bool {
        let in_registry =
            ["ecr:ReplicateImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"];
        self == Self::All || in_registry.contains(&action)
    }
}

impl Engine<'_> {
    /// All rights to do `deed`, without those that say the same twice.
    pub(crate) fn rights(&self, deed: Deed) -> Vec<Right> {
        self.rights_to(deed.actions())
    }

    /// All rights to any of `actions`.
    pub(crate) fn rights_to(&self, actions: &[&'static str]) -> Vec<Right> {
        let mut rights: Vec<Right> = Vec::new();
        for action in actions {
            for right in self.rights_to_one(action) {
                match rights.iter_mut().find(|it| it.is_alike(&right)) {
                    Some(known) if known.actions.contains(action) => {}
                    Some(known) => known.actions.push(action),
                    None => rights.push(right),
                }
            }
        }
        rights.sort_by_key(|right| right.certainty);
        rights
    }

    fn rights_to_one(&self, action: &'static str) -> Vec<Right> {
        let mut rights = Vec::new();
        let mut is_delegated = self.delegation == Delegation::Always;
        for source in self.sources.iter().filter(|it| it.allows.has(action)) {
            for statement in self.matching(source.policy, Effect::Allow, action) {
                for grant in self.after_denials(self.granted(statement, None), action) {
                    let grant = self.by_name(grant);
                    let is_account = self.is_own_account(&grant.who);
                    is_delegated |= is_account;
                    if is_account && self.is_account_visible {
                        continue;
                    }
                    let possible = is_account && self.delegation == Delegation::ByAccount;
                    let certainty = if possible { Certainty::Possible } else { Certainty::Granted };
                    let origin = Origin {
                        document: source.name.to_owned(),
                        name: statement.name(),
                        statement,
                    };
                    for grant in self.within_identity(grant, action) {
                        rights.push(right(action, grant, Some(&origin), certainty));
                    }
                }
            }
        }
        if is_delegated {
            rights.extend(self.identities.iter().flat_map(|it| self.rights_of(it, action)));
        }
        if self.delegation == Delegation::Always && !self.is_account_visible {
            let possible = self.possible(action, &rights);
            rights.extend(possible);
        }
        rights
    }

    /// A principal that a condition names by its unique id, by its ARN where that was seen.
    fn by_name(&self, mut grant: Grant) -> Grant {
        if let Who::UniqueId(id) = &grant.who {
            let id = id.split([':', '*']).next().unwrap_or_default();
            if let Some(identity) = self.identities.iter().find(|it| it.id == id) {
                grant.who = Who::Arn(identity.arn.clone());
            }
        }
        grant
    }

    fn is_own_account(&self, who: &Who) -> bool {
        matches!(who, Who::Account(id) if Some(id) == self.world.account.as_ref())
    }

    /// The statements of `policy` that speak of `action` on the resource: of an Allow those that
    /// may, of a Deny those that do.
    fn matching<'p>(
        &self,
        policy: &'p PolicyDocument,
        effect: Effect,
        action: &str,
    ) -> Vec<&'p Statement> {
        let speaks = |statement: &&Statement| {
            statement.effect == effect
                && statement.actions.include(action)
                && match effect {
                    Effect::Allow => statement.resources.may_include(&self.resource),
                    Effect::Deny => statement.resources.include(&self.resource),
                }
        };
        policy.statements.iter().filter(speaks).collect()
    }

    /// What a statement grants, before denials.
    fn granted(&self, statement: &Statement, bearer: Option<&str>) -> Vec<Grant> {
        let bases = match (&statement.principals, bearer) {
            (Principals::Bearer, None) => Vec::new(),
            (Principals::Bearer, Some(arn)) => vec![Grant::new(Who::Arn(arn.to_owned()))],
            (Principals::In(who), _) => who.iter().cloned().map(Grant::new).collect(),
            (Principals::NotIn(who), _) => {
                vec![Grant { who: Who::Everyone, limits: vec![Limit::Except(who.clone())] }]
            }
        };
        // A principal that was deleted leaves its id behind, and nobody else ever gets it.
        let lives = |grant: &Grant| !matches!(grant.who, Who::UniqueId(_));
        let restrict = |grant: Grant| grant.restrict_all(&self.world, &statement.conditions);
        distinct(bases.into_iter().filter(lives).flat_map(restrict).collect())
    }

    fn after_denials(&self, grants: Vec<Grant>, action: &str) -> Vec<Grant> {
        let sources = self.sources.iter().filter(|it| it.denies.has(action));
        let denials = sources.flat_map(|it| self.matching(it.policy, Effect::Deny, action));
        self.without(grants, denials)
    }

    fn without<'s>(
        &self,
        grants: Vec<Grant>,
        denials: impl Iterator<Item = &'s Statement>,
    ) -> Vec<Grant> {
        denials.fold(grants, |grants, denial| {
            let parts = grants.iter().flat_map(|it| it.clone().subtract(&self.world, denial));
            let parts = distinct(parts.take(MOST_PARTS + 1).collect());
            if parts.len() > MOST_PARTS { grants } else { parts }
        })
    }

    /// A grant to a user or role of the account, less what its own policies deny, and for a role
    /// within its boundary.
    fn within_identity(&self, grant: Grant, action: &str) -> Vec<Grant> {
        let Some(identity) =
            self.identities.iter().find(|it| grant.who == Who::Arn(it.arn.clone()))
        else {
            return vec![grant];
        };
        let grants = self.after_own_denials(vec![grant], identity, action);
        if identity.arn.contains(":role/") {
            self.within_boundary(grants, identity, action)
        } else {
            grants
        }
    }

    /// What the policies of a user or a role grant it.
    fn rights_of(&self, identity: &Identity, action: &'static str) -> Vec<Right> {
        let mut rights = Vec::new();
        for own in &identity.policies {
            for statement in self.matching(&own.policy, Effect::Allow, action) {
                let grants = self.granted(statement, Some(&identity.arn));
                let grants = self.after_own_denials(grants, identity, action);
                let grants = self.within_boundary(grants, identity, action);
                let origin = Origin {
                    document: format!("IAM policy {}", own.name),
                    name: statement.name(),
                    statement,
                };
                let of = |grant| right(action, grant, Some(&origin), Certainty::Granted);
                rights.extend(self.after_denials(grants, action).into_iter().map(of));
            }
        }
        rights
    }

    fn after_own_denials(
        &self,
        grants: Vec<Grant>,
        identity: &Identity,
        action: &str,
    ) -> Vec<Grant> {
        let denials = identity
            .policies
            .iter()
            .map(|it| &it.policy)
            .chain(&identity.boundary)
            .flat_map(|it| self.matching(it, Effect::Deny, action));
        self.without(grants, denials)
    }

    fn within_boundary(&self, grants: Vec<Grant>, identity: &Identity, action: &str) -> Vec<Grant> {
        let Some(boundary) = &identity.boundary else { return grants };
        let allowing = self.matching(boundary, Effect::Allow, action);
        let within = |grant: &Grant| {
            let parts = allowing
                .iter()
                .flat_map(|it| grant.clone().restrict_all(&self.world, &it.conditions));
            distinct(parts.collect())
        };
        grants.iter().flat_map(within).collect()
    }

    /// What policies of IAM that were not seen may grant: whatever the denials leave.
    fn possible(&self, action: &'static str, granted: &[Right]) -> Vec<Right> {
        let account = self.world.account.clone().unwrap_or_else(|| "this account".to_owned());
        let rest = self.after_denials(vec![Grant::new(Who::Account(account))], action);
        let is_new = |grant: &Grant| {
            let is_narrow = !matches!(grant.who, Who::Account(_));
            !(is_narrow && granted.iter().any(|right| right.who().covers(&grant.who)))
        };
        let of = |grant| right(action, grant, None, Certainty::Possible);
        rest.into_iter().filter(is_new).map(of).collect()
    }
}

fn right(
    action: &'static str,
    grant: Grant,
    origin: Option<&Origin<'_>>,
    certainty: Certainty,
) -> Right {
    let mut conditions: Vec<String> = origin
        .map(|it| it.statement.conditions.iter().map(ToString::to_string).collect())
        .unwrap_or_default();
    for limit in grant.limits.iter().map(ToString::to_string) {
        if !conditions.contains(&limit) {
            conditions.push(limit);
        }
    }
    Right {
        principal: grant.who.to_string(),
        statement: origin.map(|it| it.name.clone()),
        condition: (!conditions.is_empty()).then(|| conditions.join(" and ")),
        certainty,
        document: origin.map(|it| it.document.clone()),
        actions: vec![action],
        grant,
    }
}
