use boltseal_core::Severity;

use super::said;
use crate::case::Case;
use crate::catalogue::{
    KEY_DELETION, KEY_FOREIGN, KEY_IMPORTED, KEY_MULTI_REGION, KEY_POLICY_FOREIGN,
    KEY_POLICY_PUBLIC, KEY_SPEC, KEY_STATE, KEY_USAGE, Rule, SIGN_ACCOUNT_IAM, SIGN_FOREIGN,
    SIGN_OTHER, SIGN_PUBLIC,
};
use crate::documents::{Key, KeyMetadata};
use crate::finding::Finding;
use crate::rights::{Certainty, Deed, Reach, Right};

/// What signs: ECDSA over the NIST curves, and RSA.
const SPECS: [&str; 6] =
    ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "RSA_2048", "RSA_3072", "RSA_4096"];

/// The health and the policy of each signing key.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    case.documents.keys.iter().flat_map(|key| one(case, key)).collect()
}

fn one(case: &Case<'_>, key: &Key) -> Vec<Finding> {
    let name = name(key);
    let mut findings: Vec<Finding> = Vec::new();
    if let Some(metadata) = key.metadata.said() {
        findings.extend(health(case, metadata));
    }
    if let Some(engine) = case.key_engine(key) {
        let account = engine.world.account.clone();
        let reaching = |right: &Right| reach(case, account.as_deref(), right);
        findings.extend(signers(case, &engine.rights(Deed::Sign), reaching));
        findings.extend(changers(&engine.rights(Deed::KeyPolicy), reaching));
    }
    findings.into_iter().map(|it| it.place_of_key(&name)).collect()
}

/// A key may live in an account of its own: there the repository's account is no stranger.
fn reach(case: &Case<'_>, account: Option<&str>, right: &Right) -> Reach {
    match Reach::of(right, account) {
        Reach::Foreign => Reach::of(right, case.account()),
        reach => reach,
    }
}

fn name(key: &Key) -> String {
    let metadata = key.metadata.said();
    let known = metadata.and_then(|it| it.arn.clone().or_else(|| it.key_id.clone()));
    known.unwrap_or_else(|| if key.about.is_empty() { "KEY".to_owned() } else { key.about.clone() })
}

impl Finding {
    fn place_of_key(mut self, name: &str) -> Self {
        self.fix.cli = self.fix.cli.replace("KEY_ID", name);
        let place = if self.place.is_empty() {
            format!("key {name}")
        } else {
            format!("key {name}, {}", self.place)
        };
        self.place(place)
    }
}

fn health(case: &Case<'_>, key: &KeyMetadata) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(state(key));
    if let Some(usage) = key.key_usage.as_deref().filter(|it| *it != "SIGN_VERIFY") {
        findings.push(unfit(&KEY_USAGE, format!("its usage is {usage}")));
    } else if let Some(spec) = key.spec().filter(|it| !SPECS.contains(it)) {
        findings.push(unfit(&KEY_SPEC, format!("its spec is {spec}")));
    }
    if let Some(origin) = key.origin.as_deref().filter(|it| *it != "AWS_KMS") {
        let severity =
            if origin == "EXTERNAL" { Severity::Medium } else { Severity::Informational };
        findings.push(
            Finding::new(&KEY_IMPORTED)
                .at_severity(severity)
                .what(format!("its key material comes from {origin}"))
                .cli("aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256")
                .terraform("aws_kms_key { key_usage = \"SIGN_VERIFY\" } without imported material"),
        );
    }
    if key.multi_region == Some(true) {
        findings.push(
            Finding::new(&KEY_MULTI_REGION)
                .what("it has, or may have, replicas in other regions")
                .cli("aws kms describe-key --key-id KEY_ID shows them; look at each policy")
                .terraform("aws_kms_key { multi_region = false } (makes a new key)"),
        );
    }
    if key.account.as_deref().is_some_and(|id| case.account().is_some_and(|own| own != id)) {
        findings.push(
            Finding::new(&KEY_FOREIGN)
                .what(format!("it is in account {}", key.account.as_deref().unwrap_or_default()))
                .cli("nothing to do where that account is your signing account")
                .terraform("nothing to change"),
        );
    }
    findings
}

fn unfit(rule: &'static Rule, what: String) -> Finding {
    Finding::new(rule)
        .what(what)
        .cli("aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256")
        .terraform(
            "aws_kms_key { key_usage = \"SIGN_VERIFY\" customer_master_key_spec = \
             \"ECC_NIST_P256\" }",
        )
}

fn state(key: &KeyMetadata) -> Option<Finding> {
    let state = key.key_state.as_deref().filter(|it| *it != "Enabled")?;
    let (rule, cli) = if state.starts_with("PendingDeletion") || state == "PendingReplicaDeletion" {
        (
            &KEY_DELETION,
            "aws kms cancel-key-deletion --key-id KEY_ID && aws kms enable-key --key-id KEY_ID",
        )
    } else {
        (&KEY_STATE, "aws kms enable-key --key-id KEY_ID")
    };
    Some(
        Finding::new(rule)
            .what(format!("its state is {state}"))
            .cli(cli)
            .terraform("aws_kms_key { is_enabled = true }"),
    )
}

/// Who may sign, against who may push.
fn signers(case: &Case<'_>, rights: &[Right], reaching: impl Fn(&Right) -> Reach) -> Vec<Finding> {
    let mut findings = Vec::new();
    for right in rights {
        let reach = reaching(right);
        let is_ci = case.is_allowed(right);
        let rule = match (right.certainty, reach) {
            (Certainty::Possible, _) => &SIGN_ACCOUNT_IAM,
            (Certainty::Granted, Reach::Public) => &SIGN_PUBLIC,
            (Certainty::Granted, _) if is_ci => continue,
            (
                Certainty::Granted,
                Reach::Limited | Reach::Organisation | Reach::Foreign | Reach::Service,
            ) => &SIGN_FOREIGN,
            (Certainty::Granted, Reach::Account | Reach::Own) => &SIGN_OTHER,
        };
        if rule == &SIGN_OTHER && case.request.allow_push.is_empty() {
            continue;
        }
        findings.push(
            Finding::new(rule)
                .what(said(right, "sign"))
                .place(right.origin())
                .cli(
                    "narrow the statement to the role of CI: aws kms put-key-policy --key-id \
                     KEY_ID --policy-name default --policy file://key.json",
                )
                .terraform(format!(
                    "aws_kms_key_policy: kms:Sign only for [{}]",
                    case.allowed_arns()
                )),
        );
    }
    findings
}

/// Who may change the key's policy, or take the key away.
fn changers(rights: &[Right], reaching: impl Fn(&Right) -> Reach) -> Vec<Finding> {
    let mut findings = Vec::new();
    for right in rights {
        let rule = match reaching(right) {
            Reach::Public => &KEY_POLICY_PUBLIC,
            Reach::Limited | Reach::Organisation | Reach::Foreign | Reach::Service => {
                &KEY_POLICY_FOREIGN
            }
            Reach::Account | Reach::Own => continue,
        };
        findings.push(
            Finding::new(rule)
                .what(said(right, Deed::KeyPolicy.verb()))
                .place(right.origin())
                .cli(
                    "name those who administer the key: aws kms put-key-policy --key-id KEY_ID \
                     --policy-name default --policy file://key.json",
                )
                .terraform("aws_kms_key_policy: principals = the administrators of the key"),
        );
    }
    findings
}
