//! The permissions that a release needs, as IAM policies, and as the policy of its session.

use serde_json::{Map, Value, json};

use crate::{Arn, EcrHost, Partition};

/// The longest session policy that STS takes, in characters.
pub const MAX_SESSION_POLICY: usize = 2_048;

const PUSH: [&str; 8] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];
const SIGN: [&str; 3] = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"];
const PULL: [&str; 3] =
    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const SCAN: [&str; 4] = [
    "ecr:BatchGetRepositoryScanningConfiguration",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:StartImageScan",
];
const REPOSITORY_POSTURE: [&str; 4] = [
    "ecr:BatchGetRepositoryScanningConfiguration",
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
];
const REGISTRY_POSTURE: [&str; 6] = [
    "ecr:DescribePullThroughCacheRules",
    "ecr:DescribeRegistry",
    "ecr:GetAccountSetting",
    "ecr:GetRegistryPolicy",
    "ecr:GetRegistryScanningConfiguration",
    "ecr:GetSigningConfiguration",
];

/// What one release touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseScope {
    /// The registry.
    pub registry: EcrHost,
    /// The repository's path.
    pub repository: String,
    /// Repositories of the same registry that layers or images are taken from.
    pub sources: Vec<String>,
    /// The signing keys.
    pub keys: Vec<KeyResource>,
    /// Profiles of AWS Signer: of `--evidence notation`, and of ECR's managed signing, which
    /// signs with the pusher's own permissions.
    pub profiles: Vec<Arn>,
    /// The scanners.
    pub scans: Vec<ScanAccess>,
    /// Roles whose trust the posture checks look at.
    pub roles: Vec<Arn>,
}

/// A key, as far as a policy can name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyResource {
    /// By its ARN.
    Key(Arn),
    /// By an alias of this account and region: the policy allows what is asked through it.
    Alias {
        /// The partition, region and account, as an ARN without its resource would have them.
        at: (Partition, String, String),
        /// `alias/NAME`.
        name: String,
    },
}

/// A scanner that needs permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanAccess {
    /// ECR, basic or enhanced.
    Ecr,
    /// Inspector's `ScanSbom`.
    Inspector,
}

/// An identity policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamPolicy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    name: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    condition: Option<Value>,
}

impl IamPolicy {
    /// For people: with statement names.
    pub fn to_document(&self) -> Value {
        self.to_value(Naming::Named)
    }

    /// In as few characters as it takes.
    pub fn to_json(&self) -> String {
        self.to_value(Naming::Nameless).to_string()
    }

    /// The actions of all statements.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        self.statements.iter().flat_map(|it| it.actions.iter().copied())
    }

    fn to_value(&self, naming: Naming) -> Value {
        let statements: Vec<_> = self.statements.iter().map(|it| it.to_value(naming)).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

#[derive(Clone, Copy)]
enum Naming {
    Named,
    Nameless,
}

impl Statement {
    fn to_value(&self, naming: Naming) -> Value {
        let mut members = Map::new();
        if let Naming::Named = naming {
            members.insert("Sid".to_owned(), self.name.into());
        }
        members.insert("Effect".to_owned(), "Allow".into());
        members.insert("Action".to_owned(), one_or_many(&self.actions));
        members.insert("Resource".to_owned(), one_or_many(&self.resources));
        if let Some(condition) = &self.condition {
            members.insert("Condition".to_owned(), condition.clone());
        }
        Value::Object(members)
    }
}

fn one_or_many<T: Clone + Into<Value>>(items: &[T]) -> Value {
    match items {
        [one] => one.clone().into(),
        several => Value::Array(several.iter().map(|it| it.clone().into()).collect()),
    }
}

/// What the release itself needs: log in, push, read back, scan, sign.
pub fn release_policy(scope: &ReleaseScope) -> IamPolicy {
    let mut statements = vec![
        everywhere("LogIn", &["ecr:GetAuthorizationToken"]),
        of("Push", &PUSH, vec![scope.repository_arn()]),
    ];
    if !scope.sources.is_empty() {
        let arns = scope.sources.iter().map(|it| scope.registry.repository_arn(it)).collect();
        statements.push(of("Pull", &PULL, arns));
    }
    if scope.scans.contains(&ScanAccess::Ecr) {
        statements.push(of("Scan", &SCAN, vec![scope.repository_arn()]));
        statements.push(everywhere("ScanSetting", &["ecr:GetRegistryScanningConfiguration"]));
    }
    if scope.scans.contains(&ScanAccess::Inspector) {
        statements.push(everywhere("ScanSbom", &["inspector-scan:ScanSbom"]));
    }
    statements.extend(of_keys("Sign", &SIGN, &scope.keys));
    if !scope.profiles.is_empty() {
        let profiles: Vec<_> = scope.profiles.iter().map(ToString::to_string).collect();
        statements.push(of("SignByProfile", &["signer:SignPayload"], profiles));
        let status = ["ecr:DescribeImageSigningStatus"];
        statements.push(of("SigningStatus", &status, vec![scope.repository_arn()]));
        statements.push(everywhere("SigningSetting", &["ecr:GetSigningConfiguration"]));
    }
    IamPolicy { statements }
}

/// What the posture checks need besides; where it is missing they say so and the release goes on.
pub fn posture_policy(scope: &ReleaseScope) -> IamPolicy {
    let mut statements = vec![
        of("Repository", &REPOSITORY_POSTURE, vec![scope.repository_arn()]),
        everywhere("Registry", &REGISTRY_POSTURE),
    ];
    statements.extend(of_key_policies(&scope.keys));
    if !scope.roles.is_empty() {
        let roles = scope.roles.iter().map(ToString::to_string).collect();
        statements.push(of("Role", &["iam:GetRole"], roles));
    }
    IamPolicy { statements }
}

/// The policy of the release's session: it may do what this release needs, and nothing more.
/// Where that would be too long the posture checks are left out, and that is said.
///
/// # Errors
/// Where even the release itself needs more than [`MAX_SESSION_POLICY`] characters.
pub fn session_policy(scope: &ReleaseScope) -> Result<SessionPolicy, SessionPolicyError> {
    let mut whole = release_policy(scope);
    whole.statements.extend(managed_signing(scope));
    let release = whole.to_json();
    whole.statements.extend(posture_policy(scope).statements);
    let whole = whole.to_json();
    if whole.chars().count() <= MAX_SESSION_POLICY {
        return Ok(SessionPolicy { json: whole, posture: PosturePart::Included });
    }
    match release.chars().count() {
        fits if fits <= MAX_SESSION_POLICY => {
            Ok(SessionPolicy { json: release, posture: PosturePart::LeftOut })
        }
        found => Err(SessionPolicyError { found }),
    }
}

/// ECR's managed signing signs with the pusher's own permissions, and does not where they lack
/// this one. The session leaves that to the role.
fn managed_signing(scope: &ReleaseScope) -> Option<Statement> {
    let EcrHost { account, region, .. } = &scope.registry;
    let partition = scope.registry.partition();
    let any = format!("arn:{partition}:signer:{region}:{account}:/signing-profiles/*");
    scope.profiles.is_empty().then(|| of("ManagedSigning", &["signer:SignPayload"], vec![any]))
}

/// A session policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The policy, at most [`MAX_SESSION_POLICY`] characters.
    pub json: String,
    /// Whether the posture checks fit in.
    pub posture: PosturePart,
}

/// Whether a session may make the calls of the posture checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PosturePart {
    /// It may.
    Included,
    /// It may not, for the policy would have become too long.
    LeftOut,
}

/// A release that needs too many permissions for a session policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a session policy of at most {MAX_SESSION_POLICY} characters, found {found}")]
pub struct SessionPolicyError {
    /// Its length.
    pub found: usize,
}

impl ReleaseScope {
    fn repository_arn(&self) -> String {
        self.registry.repository_arn(&self.repository)
    }
}

fn everywhere(name: &'static str, actions: &[&'static str]) -> Statement {
    of(name, actions, vec!["*".to_owned()])
}

fn of(name: &'static str, actions: &[&'static str], resources: Vec<String>) -> Statement {
    Statement { name, actions: actions.to_vec(), resources, condition: None }
}

/// One statement for all keys that are named by their ARNs, and one for each alias.
fn of_keys(name: &'static str, actions: &[&'static str], keys: &[KeyResource]) -> Vec<Statement> {
    let mut arns = Vec::new();
    let mut statements = Vec::new();
    for key in keys {
        match key {
            KeyResource::Key(arn) => arns.push(arn.to_string()),
            KeyResource::Alias { at: (partition, region, account), name: alias } => {
                let any = format!("arn:{partition}:kms:{region}:{account}:key/*");
                let condition = json!({ "StringEquals": { "kms:RequestAlias": alias } });
                let statement = of(name, actions, vec![any]);
                statements.push(Statement { condition: Some(condition), ..statement });
            }
        }
    }
    if !arns.is_empty() {
        statements.insert(0, of(name, actions, arns));
    }
    statements
}

/// A key's policy is not had by an alias, so the key is named by having it.
fn of_key_policies(keys: &[KeyResource]) -> Vec<Statement> {
    let mut statements = of_keys("Key", &["kms:GetKeyPolicy"], keys);
    for statement in &mut statements {
        if let Some(alias) = statement.condition.as_ref().map(|it| &it["StringEquals"]) {
            let aliases = json!({ "kms:ResourceAliases": alias["kms:RequestAlias"] });
            statement.condition = Some(json!({ "ForAnyValue:StringEquals": aliases }));
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> ReleaseScope {
        let registry = EcrHost::parse("111122223333.dkr.ecr.eu-central-1.amazonaws.com").unwrap();
        let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        ReleaseScope {
            registry,
            repository: "team/app".to_owned(),
            sources: Vec::new(),
            keys: vec![KeyResource::Key(key.parse().unwrap())],
            profiles: Vec::new(),
            scans: vec![ScanAccess::Ecr],
            roles: Vec::new(),
        }
    }

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_ordinary_release_and_its_posture_fit_into_the_session() {
        let policy = session_policy(&scope()).unwrap();
        assert_eq!(policy.posture, PosturePart::Included);
        assert!(policy.json.len() <= MAX_SESSION_POLICY, "{}", policy.json.len());
        let value = parsed(&policy.json);
        let push = &value["Statement"][1];
        assert_eq!(push["Resource"], "arn:aws:ecr:eu-central-1:111122223333:repository/team/app");
        assert!(push["Action"].as_array().unwrap().contains(&json!("ecr:PutImage")));
    }

    #[test]
    fn posture_is_left_out_before_the_release_is() {
        let mut scope = scope();
        scope.roles = (0..12).map(role).collect();
        let policy = session_policy(&scope).unwrap();
        assert_eq!(policy.posture, PosturePart::LeftOut);
        assert!(!policy.json.contains("ecr:GetLifecyclePolicy"), "{}", policy.json);
        assert!(policy.json.contains("ecr:PutImage"), "{}", policy.json);
        assert!(policy.json.contains("signing-profiles/*"), "{}", policy.json);
        scope.sources =
            (0..30).map(|n| format!("team/a-rather-long-repository-name-{n}")).collect();
        let error = session_policy(&scope).unwrap_err();
        assert!(error.found > MAX_SESSION_POLICY, "{error}");
    }

    fn role(number: u32) -> Arn {
        let name = format!("arn:aws:iam::111122223333:role/a-rather-long-name-of-a-role-{number}");
        name.parse().unwrap()
    }

    #[test]
    fn an_alias_is_allowed_only_through_itself() {
        let mut scope = scope();
        let at = (Partition::Aws, "eu-central-1".to_owned(), "111122223333".to_owned());
        scope.keys = vec![KeyResource::Alias { at, name: "alias/release".to_owned() }];
        let value = release_policy(&scope).to_document();
        let statements = value["Statement"].as_array().unwrap();
        let sign = statements.iter().find(|it| it["Sid"] == "Sign").unwrap();
        assert_eq!(sign["Condition"]["StringEquals"]["kms:RequestAlias"], "alias/release");
        assert_eq!(sign["Resource"], "arn:aws:kms:eu-central-1:111122223333:key/*");
        let value = posture_policy(&scope).to_document();
        let statements = value["Statement"].as_array().unwrap();
        let key = statements.iter().find(|it| it["Sid"] == "Key").unwrap();
        let expected =
            json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/release"}});
        assert_eq!(key["Condition"], expected, "GetKeyPolicy takes no alias");
    }

    #[test]
    fn nothing_is_allowed_that_is_not_used() {
        let mut scope = scope();
        (scope.keys, scope.scans) = (Vec::new(), Vec::new());
        let actions: Vec<_> = release_policy(&scope).actions().collect();
        assert!(actions.iter().all(|it| it.starts_with("ecr:")), "{actions:?}");
        assert!(!actions.contains(&"ecr:StartImageScan"));
        scope.scans = vec![ScanAccess::Inspector];
        scope.profiles =
            vec!["arn:aws:signer:eu-central-1:111122223333:/signing-profiles/p".parse().unwrap()];
        let actions: Vec<_> = release_policy(&scope).actions().collect();
        assert!(actions.contains(&"inspector-scan:ScanSbom"));
        assert!(actions.contains(&"signer:SignPayload"));
        for policy in [release_policy(&scope), posture_policy(&scope)] {
            assert!(policy.actions().all(|it| !it.contains('*')));
        }
    }
}
