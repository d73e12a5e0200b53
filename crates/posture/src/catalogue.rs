//! All findings there are: stable ids, how bad each is, why it matters, and who else checks it.

use boltseal_core::Severity::{self, Critical, High, Informational, Low, Medium};

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) why: &'static str,
    pub(crate) references: &'static [&'static str],
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $why:literal, [$($reference:literal),*];)*) => {
        $(pub(crate) const $name: Rule = Rule {
            id: $id,
            severity: $severity,
            why: $why,
            references: &[$($reference),*],
        };)*

        /// All of them, in the order of the source.
        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
    // Who may push.
    PUSH_PUBLIC = "push-public", Critical,
        "anyone with an AWS account can replace what this repository delivers",
        ["CKV_AWS_32", "ecr_repositories_not_publicly_accessible"];
    PUSH_FOREIGN = "push-foreign-account", High,
        "another account decides who can replace what this repository delivers",
        ["ecr_repositories_not_publicly_accessible"];
    PUSH_ORGANISATION = "push-organisation", High,
        "any principal of any account of the organisation whose own policy allows it can push",
        [];
    PUSH_ACCOUNT = "push-whole-account", High,
        "every user, role and build of the account whose IAM policy allows it can push, not only CI",
        [];
    PUSH_SERVICE = "push-service", High,
        "a service pushes for whoever can make it do so",
        [];
    PUSH_OTHER = "push-not-allowed", High,
        "an image that did not come through the release can be pushed beside or over it",
        [];
    PUSH_ACCOUNT_IAM = "push-account-iam", High,
        "without a Deny that spares only CI, the IAM policies of the account decide who pushes, and \
         they are not among the documents",
        [];
    PUSH_DENIED = "push-denied", Medium,
        "a release by this principal would fail",
        [];
    // Who may pull.
    PULL_PUBLIC = "pull-public", High,
        "anyone with an AWS account can read every image, with whatever is in its layers",
        ["CKV_AWS_32", "ecr_repositories_not_publicly_accessible"];
    PULL_LIMITED = "pull-by-network", Low,
        "the network or the resource is checked, not who pulls",
        [];
    PULL_FOREIGN = "pull-foreign-account", Medium,
        "every principal of that account whose own policy allows it can pull; an account that \
         leaves the organisation keeps its access unless aws:PrincipalOrgID is required",
        [];
    // Who may delete or change.
    DELETE_PUBLIC = "delete-public", Critical,
        "anyone with an AWS account can make a release disappear",
        ["CKV_AWS_32", "ecr_repositories_not_publicly_accessible"];
    DELETE_FOREIGN = "delete-foreign-account", High,
        "somebody outside the account can make a release disappear, its evidence included",
        [];
    DELETE_GRANTED = "delete-granted", Low,
        "whoever can delete can free an immutable tag and push it anew",
        [];
    POLICY_PUBLIC = "policy-public", Critical,
        "anyone with an AWS account can give themselves the right to push",
        ["CKV_AWS_32", "ecr_repositories_not_publicly_accessible"];
    POLICY_FOREIGN = "policy-foreign-account", High,
        "somebody outside the account can give themselves the right to push, or make tags movable",
        [];
    POLICY_GRANTED = "policy-granted", Medium,
        "whoever can change the repository's policy or its tag mutability can give themselves the \
         right to push",
        [];
    POLICY_ACCOUNT_IAM = "policy-account-iam", Medium,
        "whoever can change the policy can lift the Deny that keeps others from pushing",
        [];
    // How policies are written.
    ALLOW_NOT_PRINCIPAL = "allow-not-principal", High,
        "Allow with NotPrincipal grants to everyone else in the world",
        ["CKV_AWS_32"];
    DENY_NOT_PRINCIPAL = "deny-not-principal", Low,
        "Deny with NotPrincipal spares a role only where its account and its session are named as \
         well; aws:PrincipalArn in a condition says the same without the trap",
        [];
    DENY_WITHOUT_EFFECT = "deny-without-effect", Low,
        "a Deny that matches nobody looks like protection and is none",
        [];
    PRINCIPAL_DELETED = "principal-deleted", Low,
        "the principal was deleted; one of the same name made later does not get the right",
        [];
    SERVICE_UNBOUND = "service-unbound", Medium,
        "without aws:SourceArn or aws:SourceAccount the service acts for any customer of AWS",
        ["iam_role_cross_service_confused_deputy_prevention"];
    // The registry.
    REGISTRY_PUBLIC = "registry-public", Critical,
        "any account can put images into this repository by replication",
        [];
    REGISTRY_REPLICATES_IN = "registry-replicates-in", High,
        "whoever can push in that account can push here: replication carries tags and is no PutImage",
        [];
    PULL_THROUGH = "pull-through", High,
        "images under this prefix come from the upstream registry when they are first pulled, \
         without any release",
        [];
    REPLICATION = "replication", Informational,
        "replicas arrive later, tag first or evidence first, and keep what is deleted here: verify \
         in the destination before anything deploys from it",
        [];
    MANAGED_SIGNING = "managed-signing", Informational,
        "ECR signs what is pushed, whoever pushes it: its signature says who pushed, not that the \
         gate passed, and appears some time after the push",
        [];
    REGISTRY_SCOPE = "registry-policy-scope", Medium,
        "under version 1 a Deny in the registry policy protects no push",
        [];
    // The repository.
    REPOSITORY_MISSING = "repository-missing", High,
        "ECR does not create a repository when an image is pushed",
        [];
    TAG_MUTABLE = "tag-mutable", High,
        "whoever can push can move the tag to another image after the release",
        ["CKV_AWS_51", "ecr_repositories_tag_immutability", "ecr-private-tag-immutability-enabled"];
    TAG_EXCLUDED = "tag-mutable-by-exclusion", High,
        "the repository is immutable, but not for this tag",
        ["CKV_AWS_51", "ecr_repositories_tag_immutability", "ecr-private-tag-immutability-enabled"];
    TAG_FIXED = "moving-tag-immutable", High,
        "a tag that is meant to move cannot be moved: the release would end with TAG_INVALID",
        [];
    EVIDENCE_FIXED = "evidence-tag-immutable", Informational,
        "evidence of cosign's older kind lives under a tag that is written anew for each piece, \
         which fails once the tag exists; bundles need no tag",
        [];
    SCAN_OFF = "scan-off", Medium,
        "images are stored that nobody looked at for vulnerabilities",
        ["CKV_AWS_163", "ecr_repositories_scan_images_on_push_enabled",
         "ecr_registry_scan_images_on_push_enabled", "ecr-private-image-scanning-enabled"];
    SCAN_BASIC = "scan-basic", Low,
        "a basic scan knows packages of the operating system only, and looks once",
        ["ecr_registry_enhanced_scanning_enabled"];
    LIFECYCLE_NONE = "lifecycle-none", Low,
        "the repository grows until its quota of images stops a release",
        ["ecr_repositories_lifecycle_policy_enabled", "ecr-private-lifecycle-policy-configured"];
    LIFECYCLE_RELEASE = "lifecycle-takes-release", Medium,
        "a released image that is still deployed disappears from the registry",
        [];
    LIFECYCLE_EVIDENCE = "lifecycle-takes-evidence", High,
        "without its evidence a released image no longer verifies",
        [];
    LIFECYCLE_MAYBE = "lifecycle-may-take-evidence", Medium,
        "referrers have no tag; AWS documents that they go with their subject, and not that rules \
         about untagged images leave them alone",
        [];
    ENCRYPTION_AES = "encryption-not-kms", Low,
        "without a key of your own, access to the key says nothing about access to images",
        ["CKV_AWS_136", "ecr_repository_encrypted_with_cmk",
         "ecr-repository-cmk-encryption-enabled"];
    ENCRYPTION_MANAGED = "encryption-aws-managed-key", Informational,
        "the key's policy is AWS's and cannot be narrowed",
        ["ecr_repository_encrypted_with_cmk", "ecr-repository-cmk-encryption-enabled"];
    // The signing key.
    KEY_STATE = "key-unusable", High,
        "a release could not be signed",
        ["CKV_AWS_227"];
    KEY_DELETION = "key-pending-deletion", High,
        "once it is deleted nothing can be signed with it again, and rotation comes too late",
        ["kms_cmk_not_deleted_unintentionally", "kms-cmk-not-scheduled-for-deletion"];
    KEY_USAGE = "key-usage", High,
        "only a key with SIGN_VERIFY signs",
        [];
    KEY_SPEC = "key-spec", High,
        "Sigstore bundles take ECDSA on P-256, P-384 or P-521 and RSA",
        [];
    KEY_IMPORTED = "key-imported", Medium,
        "whoever made the key material can sign elsewhere with it",
        [];
    KEY_MULTI_REGION = "key-multi-region", Low,
        "each replica signs, under a policy of its own",
        ["kms_cmk_not_multi_region"];
    KEY_FOREIGN = "key-foreign-account", Informational,
        "another account decides about the key's policy and its life",
        [];
    SIGN_PUBLIC = "sign-public", Critical,
        "anyone with an AWS account can sign releases",
        ["CKV_AWS_33", "kms_key_not_publicly_accessible", "kms-key-policy-no-public-access"];
    SIGN_FOREIGN = "sign-foreign-account", High,
        "somebody outside the account can sign releases",
        [];
    SIGN_ACCOUNT_IAM = "sign-account-iam", Medium,
        "the key policy leaves it to the IAM policies of the account who signs, and they are not \
         among the documents",
        [];
    SIGN_OTHER = "sign-not-ci", Medium,
        "a principal other than those that may push can sign releases",
        [];
    KEY_POLICY_PUBLIC = "key-policy-public", Critical,
        "anyone with an AWS account can give themselves the right to sign, or delete the key",
        ["CKV_AWS_33", "kms_key_not_publicly_accessible", "kms-key-policy-no-public-access"];
    KEY_POLICY_FOREIGN = "key-policy-foreign-account", High,
        "somebody outside the account can give themselves the right to sign, or delete the key",
        [];
    // The role's trust.
    TRUST_NO_SUBJECT = "trust-no-subject", Critical,
        "every job of every customer of the CI provider can take the role",
        ["CKV_AWS_358", "iam_role_github_oidc_trust_subject_restricted"];
    TRUST_ANY_SUBJECT = "trust-any-subject", Critical,
        "the subject lets in jobs of any organisation; one loose value in a list is enough",
        ["CKV_AWS_358", "iam_role_github_oidc_trust_subject_restricted"];
    TRUST_ORGANISATION = "trust-whole-organisation", High,
        "every repository of the organisation, however little looked after, can release",
        ["CKV_AWS_358"];
    TRUST_UNTERMINATED = "trust-unterminated", High,
        "the pattern ends in the middle of a name, and also matches names that others can register",
        ["CKV_AWS_358"];
    TRUST_ANY_REF = "trust-any-ref", High,
        "any branch, pull request or environment of the repository can release",
        ["CKV_AWS_358"];
    TRUST_PULL_REQUEST = "trust-pull-request", High,
        "code that nobody has approved can release",
        ["CKV_AWS_358"];
    TRUST_AUDIENCE = "trust-audience", High,
        "a token that was meant for somebody else is taken",
        ["CKV_AWS_358"];
    TRUST_NEGATED = "trust-open-operator", Critical,
        "the operator holds for every subject but a few, or for a token without the claim",
        ["CKV_AWS_358", "iam_role_github_oidc_trust_subject_restricted"];
    TRUST_OPERATOR = "trust-operator-mismatch", Medium,
        "wildcards count in StringLike only: the condition does not say what it seems to",
        [];
    TRUST_ISSUER = "trust-issuer", High,
        "the role trusts another issuer than the conditions speak of",
        [];
    TRUST_BY_NAME = "trust-by-name", Medium,
        "whoever registers the name after a rename or deletion is trusted, and subjects with ids, \
         which new repositories have, do not match",
        [];
    TRUST_STATEMENTS = "trust-statements-differ", High,
        "statements add up: the loosest one decides",
        [];
    TRUST_SESSION = "trust-long-session", Medium,
        "stolen credentials stay valid for longer than a release takes",
        [];
    TRUST_NO_TRACE = "trust-no-session-name", Informational,
        "nothing makes sessions traceable to the run that took the role",
        [];
    TRUST_GITLAB = "trust-gitlab-subject", High,
        "GitLab's subject says nothing about protection: only an exact, protected ref keeps merge \
         requests and other branches out",
        [];
    TRUST_BITBUCKET = "trust-bitbucket-subject", High,
        "every repository of the workspace has the same audience",
        [];
    TRUST_CIRCLECI = "trust-circleci-subject", High,
        "every project of the organisation has the same audience",
        [];
    TRUST_ENVIRONMENT = "trust-environment", Medium,
        "an environment keeps branches out only where its own rules do, which AWS cannot see",
        [];
    TRUST_THUMBPRINT = "trust-thumbprint", Informational,
        "AWS no longer looks at thumbprints for providers whose certificates it trusts",
        [];
    TRUST_TAG_SESSION = "trust-session-tags", High,
        "whoever takes the role chooses tags that policies may decide by, or needs no CI at all",
        ["CKV_AWS_60"];
    TRUST_WIDE_RIGHTS = "role-wide-rights", High,
        "one taken job reaches every repository or key",
        ["iam_inline_policy_no_full_access_to_kms", "iam_policy_no_full_access_to_kms",
         "iam_role_administratoraccess_policy"];
    // What could not be seen.
    UNKNOWN = "posture-unknown", Medium,
        "what may not be read cannot be judged",
        [];
    INCOMPLETE = "document-incomplete", Low,
        "what is not in the document was not judged",
        [];
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_references_have_the_spelling_of_their_tools() {
        let ids: HashSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for rule in ALL {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id);
            assert!(!rule.why.is_empty() && !rule.why.contains("  "), "{}", rule.id);
            for reference in rule.references {
                let is_checkov = reference.starts_with("CKV_AWS_");
                let is_prowler = reference.contains('_') && !reference.contains('-');
                let is_config = reference.contains('-') && !reference.contains('_');
                assert!(is_checkov || is_prowler || is_config, "{reference}");
            }
        }
    }
}
