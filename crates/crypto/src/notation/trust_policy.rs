//! `trustpolicy.json`, as notation reads it for OCI artifacts.

use std::collections::BTreeMap;

use boltseal_core::json;
use serde::Deserialize;

use super::registry_scope;
use super::signed_attributes::cut;
use super::subject_name::SubjectName;
use super::trust_policy_error::{StatementError, TrustPolicyError};
use super::trust_store::{StoreKind, StoreName};
use super::verification_level::{LevelError, VerificationLevel};

const MAX_BYTES: usize = 1024 * 1024;
const WILDCARD: &str = "*";

/// A trust policy document 1.0 for OCI artifacts (trust store and policy specification): which
/// signatures count for which repositories. Unknown members are refused, where notation would
/// ignore them or take them in another spelling.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustPolicy {
    statements: Vec<(Vec<String>, Applicable)>,
}

/// What a trust policy says of one repository.
#[derive(Clone, Debug, PartialEq)]
pub enum Applicable {
    /// Signatures are to be checked.
    Check(Box<PolicyStatement>),
    /// The level is `skip`: nobody wants to know. That proves nothing.
    Skip {
        /// The statement's name.
        name: String,
    },
}

/// A statement under which signatures are checked.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyStatement {
    pub(super) name: String,
    pub(super) level: VerificationLevel,
    pub(super) timestamps: TimestampRule,
    pub(super) stores: Vec<StoreName>,
    pub(super) identities: Vec<TrustedIdentity>,
}

/// When a timestamp is looked at (`verifyTimestamp`), provided that a `tsa` store is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimestampRule {
    AfterCertExpiry,
    Always,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TrustedIdentity {
    /// `*`: whoever the stores vouch for.
    Any,
    /// A profile of AWS Signer, or whatever else a plugin compares.
    Other(String),
    /// `x509.subject`
    Subject { text: String, name: SubjectName },
}

impl TrustPolicy {
    /// Reads strict JSON of at most 1 MiB and checks every rule that notation checks.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustPolicyError> {
        if bytes.len() > MAX_BYTES {
            return Err(TrustPolicyError::TooLarge { limit: MAX_BYTES, found: bytes.len() });
        }
        let document: Document = json::parse_as(bytes)?;
        if document.version != "1.0" {
            return Err(TrustPolicyError::Version { found: cut(&document.version) });
        }
        if document.trust_policies.is_empty() {
            return Err(TrustPolicyError::Empty);
        }
        check_unique(&document.trust_policies)?;
        let statements = document.trust_policies.into_iter().map(read_statement);
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }

    /// The statement for a repository, as `HOST/REPO`: the one that names it, else the one for
    /// `*`.
    pub fn for_repository(&self, repository: &str) -> Result<&Applicable, NoStatement> {
        let refuse = || NoStatement { repository: cut(repository) };
        if !registry_scope::is_repository(repository) {
            return Err(refuse());
        }
        let named = |scope: &str| {
            let mut statements = self.statements.iter();
            statements.find(|(scopes, _)| scopes.iter().any(|it| it == scope))
        };
        let (_, found) = named(repository).or_else(|| named(WILDCARD)).ok_or_else(refuse)?;
        Ok(found)
    }

    /// Every trust store that the document names, each once: what to read before verifying.
    pub fn stores(&self) -> Vec<&StoreName> {
        let checks = self.statements.iter().filter_map(|(_, statement)| match statement {
            Applicable::Check(statement) => Some(&statement.stores),
            Applicable::Skip { .. } => None,
        });
        let mut stores: Vec<&StoreName> = checks.flatten().collect();
        stores.sort();
        stores.dedup();
        stores
    }
}

impl PolicyStatement {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What to do about each check.
    pub const fn level(&self) -> &VerificationLevel {
        &self.level
    }

    /// The trust stores that it names.
    pub fn stores(&self) -> &[StoreName] {
        &self.stores
    }

    pub(super) fn stores_of(&self, kind: StoreKind) -> impl Iterator<Item = &StoreName> {
        self.stores.iter().filter(move |store| store.kind() == kind)
    }
}

impl TrustedIdentity {
    fn subject(&self) -> Option<&SubjectName> {
        if let Self::Subject { name, .. } = self { Some(name) } else { None }
    }
}

/// No statement of a trust policy is about the repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a statement of the trust policy for {repository:?} or for \"*\", found none")]
pub struct NoStatement {
    /// The repository, cut at 160 characters.
    pub repository: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document {
    version: String,
    trust_policies: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Statement {
    name: String,
    registry_scopes: Vec<String>,
    signature_verification: Verification,
    #[serde(default)]
    trust_stores: Vec<String>,
    #[serde(default)]
    trusted_identities: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Verification {
    level: String,
    #[serde(default)]
    r#override: BTreeMap<String, String>,
    #[serde(default)]
    verify_timestamp: String,
}

fn check_unique(statements: &[Statement]) -> Result<(), TrustPolicyError> {
    let twice = |mut names: Vec<&String>| {
        names.sort();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| cut(pair[0]))
    };
    if let Some(name) = twice(statements.iter().map(|it| &it.name).collect()) {
        return Err(TrustPolicyError::NameTwice { name });
    }
    if let Some(scope) = twice(statements.iter().flat_map(|it| &it.registry_scopes).collect()) {
        return Err(TrustPolicyError::ScopeTwice { scope });
    }
    Ok(())
}

fn read_statement(statement: Statement) -> Result<(Vec<String>, Applicable), TrustPolicyError> {
    let name = statement.name.clone();
    let refuse = |error| TrustPolicyError::Statement { name: cut(&name), error };
    check_scopes(&statement).map_err(refuse)?;
    let scopes = statement.registry_scopes.clone();
    Ok((scopes, applicable(statement).map_err(refuse)?))
}

fn check_scopes(statement: &Statement) -> Result<(), StatementError> {
    let scopes = &statement.registry_scopes;
    if statement.name.is_empty() {
        return Err(StatementError::NoName);
    }
    if scopes.is_empty() {
        return Err(StatementError::NoScope);
    }
    let is_wild = |scope: &String| scope == WILDCARD;
    if scopes.len() > 1 && scopes.iter().any(is_wild) {
        return Err(StatementError::WildcardNotAlone { list: "registryScopes" });
    }
    let is_good = |scope: &&String| is_wild(scope) || registry_scope::is_repository(scope);
    match scopes.iter().find(|scope| !is_good(scope)) {
        Some(scope) => Err(StatementError::Scope { found: cut(scope) }),
        None => Ok(()),
    }
}

fn applicable(statement: Statement) -> Result<Applicable, StatementError> {
    let Verification { level, r#override, verify_timestamp } = statement.signature_verification;
    let timestamps = match verify_timestamp.as_str() {
        "" | "always" => TimestampRule::Always,
        "afterCertExpiry" => TimestampRule::AfterCertExpiry,
        found => return Err(StatementError::VerifyTimestamp { found: cut(found) }),
    };
    let has_trust =
        [&statement.trust_stores, &statement.trusted_identities].map(|it| !it.is_empty());
    let Some(level) = VerificationLevel::named(&level)? else {
        let found = match (r#override.is_empty(), has_trust) {
            (false, _) => "overrides",
            (_, [true, _]) => "trust stores",
            (_, [_, true]) => "trusted identities",
            (true, [false, false]) => return Ok(Applicable::Skip { name: statement.name }),
        };
        return Err(LevelError::SkipWith { found }.into());
    };
    if has_trust != [true, true] {
        return Err(StatementError::NoTrust);
    }
    let stores = statement.trust_stores.iter().map(|store| store.parse());
    Ok(Applicable::Check(Box::new(PolicyStatement {
        name: statement.name,
        level: level.overridden(&r#override)?,
        timestamps,
        stores: stores.collect::<Result<_, _>>()?,
        identities: identities(&statement.trusted_identities)?,
    })))
}

fn identities(texts: &[String]) -> Result<Vec<TrustedIdentity>, StatementError> {
    if texts.len() > 1 && texts.iter().any(|text| text == WILDCARD) {
        return Err(StatementError::WildcardNotAlone { list: "trustedIdentities" });
    }
    let identities = texts.iter().map(|text| identity(text)).collect::<Result<Vec<_>, _>>()?;
    for (position, one) in identities.iter().enumerate() {
        for other in identities.iter().skip(position + 1) {
            let (Some(one), Some(other)) = (one.subject(), other.subject()) else { continue };
            if one.is_within(other) || other.is_within(one) {
                return Err(StatementError::IdentityOverlap { found: cut(&texts[position]) });
            }
        }
    }
    Ok(identities)
}

fn identity(text: &str) -> Result<TrustedIdentity, StatementError> {
    if text == WILDCARD {
        return Ok(TrustedIdentity::Any);
    }
    let refuse = |why| StatementError::Identity { found: cut(text), why };
    match text.split_once(':') {
        None => Err(refuse("no prefix that ends in \":\"")),
        Some(("x509.subject", name)) => {
            let name = SubjectName::parse(name).map_err(refuse)?;
            Ok(TrustedIdentity::Subject { text: text.to_owned(), name })
        }
        Some(_) => Ok(TrustedIdentity::Other(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::notation::{Action, Check};

    fn document() -> Value {
        json!({"version": "1.0", "trustPolicies": [
            {
                "name": "ours",
                "registryScopes": ["registry.test:5000/team/app", "local/layout"],
                "signatureVerification": {"level": "strict", "override": {"revocation": "skip"},
                    "verifyTimestamp": "afterCertExpiry"},
                "trustStores": ["ca:acme", "tsa:stamp", "ca:acme"],
                "trustedIdentities": ["x509.subject: C=US, ST=WA, O=acme",
                    "arn:aws:signer:us-east-1:111122223333:/signing-profiles/p"],
            },
            {
                "name": "unsigned",
                "registryScopes": ["registry.test/unsigned"],
                "signatureVerification": {"level": "skip"},
            },
            {
                "name": "others",
                "registryScopes": ["*"],
                "signatureVerification": {"level": "audit"},
                "trustStores": ["ca:others"],
                "trustedIdentities": ["*"],
            },
        ]})
    }

    fn read(document: &Value) -> Result<TrustPolicy, TrustPolicyError> {
        TrustPolicy::parse(&serde_json::to_vec(document).unwrap())
    }

    #[test]
    fn an_exact_scope_comes_before_the_wildcard() {
        let policy = read(&document()).unwrap();
        let name = |repository: &str| match policy.for_repository(repository).unwrap() {
            Applicable::Check(statement) => statement.name().to_owned(),
            Applicable::Skip { name } => format!("skip {name}"),
        };
        assert_eq!(name("registry.test:5000/team/app"), "ours");
        assert_eq!(name("local/layout"), "ours");
        assert_eq!(name("registry.test/unsigned"), "skip unsigned");
        assert_eq!(name("registry.test/unsigned/deeper"), "others");
        assert_eq!(name("registry.test/team/app"), "others");
        for bad in ["", "app", "registry.test/app:tag", "*", "registry.test/App"] {
            assert!(policy.for_repository(bad).is_err(), "{bad}");
        }
        let mut without = document();
        without["trustPolicies"].as_array_mut().unwrap().pop();
        assert!(read(&without).unwrap().for_repository("registry.test/other").is_err());
    }

    #[test]
    fn reads_what_a_statement_says() {
        let policy = read(&document()).unwrap();
        let Applicable::Check(ours) = policy.for_repository("local/layout").unwrap() else {
            panic!("a statement with checks is expected");
        };
        assert_eq!(ours.level().action(Check::Revocation), Action::Skip);
        assert_eq!(ours.level().action(Check::Expiry), Action::Enforce);
        assert_eq!(ours.timestamps, TimestampRule::AfterCertExpiry);
        assert_eq!(ours.stores_of(StoreKind::Tsa).count(), 1);
        assert!(matches!(
            ours.identities[..],
            [TrustedIdentity::Subject { .. }, TrustedIdentity::Other(_)]
        ));
        let names: Vec<String> = policy.stores().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["ca:acme", "ca:others", "tsa:stamp"]);
    }

    #[test]
    fn refuses_each_broken_rule_of_a_document() {
        let change = |pointer: &str, value: Value| {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            read(&document).unwrap_err()
        };
        let found = change("/version", json!("1.1"));
        assert!(matches!(found, TrustPolicyError::Version { .. }), "{found}");
        assert_eq!(change("/trustPolicies", json!([])), TrustPolicyError::Empty);
        let found = change("/trustPolicies/1/name", json!("ours"));
        assert!(matches!(found, TrustPolicyError::NameTwice { .. }), "{found}");
        for scope in ["local/layout", "*"] {
            let found = change("/trustPolicies/1/registryScopes", json!([scope]));
            assert!(matches!(found, TrustPolicyError::ScopeTwice { .. }), "{found}");
        }
        let found = change("/trustPolicies/1", json!({"name": "a"}));
        assert!(matches!(found, TrustPolicyError::Unreadable(_)), "{found}");
        let mut unknown = document();
        unknown["trustPolicies"][0]["signatureVerification"]["Override"] = json!({});
        assert!(matches!(read(&unknown), Err(TrustPolicyError::Unreadable(_))));
        let large = TrustPolicy::parse(&vec![b' '; MAX_BYTES + 1]);
        assert!(matches!(large, Err(TrustPolicyError::TooLarge { .. })));
    }

    #[test]
    fn refuses_each_broken_rule_of_a_statement() {
        let change = |pointer: &str, value: Value| {
            let mut document = document();
            *document.pointer_mut(&format!("/trustPolicies{pointer}")).unwrap() = value;
            match read(&document).unwrap_err() {
                TrustPolicyError::Statement { error, .. } => error,
                other => panic!("{pointer}: {other}"),
            }
        };
        assert_eq!(change("/0/name", json!("")), StatementError::NoName);
        assert_eq!(change("/0/registryScopes", json!([])), StatementError::NoScope);
        let found = change("/0/registryScopes", json!(["registry.test/*"]));
        assert!(matches!(found, StatementError::Scope { .. }), "{found}");
        let found = change("/2/registryScopes", json!(["*", "registry.test/a"]));
        assert_eq!(found, StatementError::WildcardNotAlone { list: "registryScopes" });
        for list in ["/0/trustStores", "/0/trustedIdentities"] {
            assert_eq!(change(list, json!([])), StatementError::NoTrust);
        }
        let found = change("/0/trustStores", json!(["acme"]));
        assert!(matches!(found, StatementError::Store(_)), "{found}");
        let found = change("/0/signatureVerification/level", json!("high"));
        assert!(matches!(found, StatementError::Level(_)), "{found}");
        let found = change("/0/signatureVerification/level", json!("skip"));
        assert!(matches!(found, StatementError::Level(LevelError::SkipWith { .. })), "{found}");
        let found = change("/0/signatureVerification/verifyTimestamp", json!("never"));
        assert!(matches!(found, StatementError::VerifyTimestamp { .. }), "{found}");
    }

    #[test]
    fn refuses_identities_that_overlap_or_say_nothing() {
        let with = |identities: &[&str]| {
            let mut document = document();
            document["trustPolicies"][0]["trustedIdentities"] = json!(identities);
            match read(&document) {
                Err(TrustPolicyError::Statement { error, .. }) => Some(error),
                other => {
                    assert!(other.is_ok(), "{other:?}");
                    None
                }
            }
        };
        assert_eq!(with(&["x509.subject:C=US,ST=WA,O=a", "x509.subject:C=US,ST=WA,O=b"]), None);
        for bad in ["", "acme", "x509.subject:", "x509.subject:C=US,O=a"] {
            assert!(matches!(with(&[bad]), Some(StatementError::Identity { .. })), "{bad}");
        }
        let wide = "x509.subject:C=US,ST=WA,O=a";
        let narrow = "x509.subject:C=US,ST=WA,O=a,OU=b";
        for pair in [[wide, narrow], [narrow, wide], [wide, wide]] {
            assert!(matches!(with(&pair), Some(StatementError::IdentityOverlap { .. })));
        }
        let alone = StatementError::WildcardNotAlone { list: "trustedIdentities" };
        assert_eq!(with(&["*", wide]), Some(alone));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"\{"version":"1.0"[{}":,a-z\[\]0-9]{0,80}"#) {
            let _ = TrustPolicy::parse(text.as_bytes());
        }
    }
}
