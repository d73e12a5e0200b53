//! Resources, in the words of the AWS CLI.

use serde_json::{Value, json};

use super::Plan;
use super::resource::{Resource, items};
use crate::documents::Call;

/// Stands for a value that is known only after the plan is applied.
const LATER: &str = "known after apply";

/// What AWS will answer.
pub(super) struct Answer {
    pub(super) call: Call,
    pub(super) address: String,
    pub(super) value: Value,
}

/// What a plan says about one repository.
pub(super) struct Planned<'a> {
    plan: &'a Plan,
    pub(super) answers: Vec<Answer>,
    /// Calls that will answer that there is none, with the code of the error.
    pub(super) none: Vec<(Call, &'static str)>,
    /// Addresses of what is known only after the plan is applied.
    pub(super) unknown: Vec<String>,
}

impl<'a> Planned<'a> {
    pub(super) fn of(plan: &'a Plan, asked: Option<&str>) -> Self {
        let mut planned = Self { plan, answers: Vec::new(), none: Vec::new(), unknown: Vec::new() };
        let repositories = planned.all("aws_ecr_repository");
        planned.repositories(&repositories);
        let meant = match (asked, repositories.as_slice()) {
            (Some(name), all) => all.iter().copied().find(|it| name_of(it) == name),
            (None, [one]) => Some(*one),
            (None, _) => None,
        };
        if let Some(repository) = meant {
            planned.of_repository(repository, repositories.len());
        }
        planned.registry();
        planned.keys();
        planned.roles();
        planned
    }

    /// What a call was about: keys and roles go by their addresses.
    pub(super) fn about(&self, call: Call, address: &str) -> String {
        match call {
            Call::DescribeKey | Call::GetKeyPolicy | Call::GetRole => address.to_owned(),
            Call::GetRolePolicy | Call::ListAttachedRolePolicies => {
                let resource = self.plan.resources.iter().find(|it| it.address == address);
                resource.map_or_else(String::new, |it| self.role_of(it))
            }
            _ => String::new(),
        }
    }

    fn all(&self, kind: &str) -> Vec<&'a Resource> {
        self.plan.resources.iter().filter(|it| it.kind == kind).collect()
    }

    fn say(&mut self, call: Call, resource: &Resource, value: Value) {
        self.answers.push(Answer { call, address: resource.address.clone(), value });
    }

    fn repositories(&mut self, all: &[&Resource]) {
        let Some(first) = all.first() else { return };
        let (account, region) = (&self.plan.account, &self.plan.region);
        let repositories: Vec<Value> =
            all.iter().map(|it| repository(it, account.as_deref(), region.as_deref())).collect();
        self.say(Call::DescribeRepositories, first, json!({"repositories": repositories}));
    }

    fn of_repository(&mut self, repository: &Resource, count: usize) {
        for (kind, call, member, code) in [
            (
                "aws_ecr_repository_policy",
                Call::GetRepositoryPolicy,
                "policyText",
                "RepositoryPolicyNotFoundException",
            ),
            (
                "aws_ecr_lifecycle_policy",
                Call::GetLifecyclePolicy,
                "lifecyclePolicyText",
                "LifecyclePolicyNotFoundException",
            ),
        ] {
            let is_its = |it: &&Resource| match it.text("repository") {
                Some(name) => name == name_of(repository),
                None => count == 1,
            };
            match self.all(kind).into_iter().find(is_its) {
                Some(policy) => match policy.text("policy") {
                    Some(text) => {
                        let value = json!({
                            "registryId": self.plan.account,
                            "repositoryName": name_of(repository),
                            member: text,
                        });
                        self.say(call, policy, value);
                    }
                    None => self.unknown.push(policy.address.clone()),
                },
                None if repository.is_created => self.none.push((call, code)),
                None => {}
            }
        }
    }

    fn registry(&mut self) {
        for policy in self.all("aws_ecr_registry_policy") {
            match policy.text("policy") {
                Some(text) => {
                    let value = json!({"registryId": self.plan.account, "policyText": text});
                    self.say(Call::GetRegistryPolicy, policy, value);
                }
                None => self.unknown.push(policy.address.clone()),
            }
        }
        for resource in self.all("aws_ecr_registry_scanning_configuration") {
            let Some(scan_type) = resource.text("scan_type") else {
                self.unknown.push(resource.address.clone());
                continue;
            };
            let rules: Vec<Value> = resource.blocks("rule").iter().map(scan_rule).collect();
            let rules = json!({"scanType": scan_type, "rules": rules});
            let value = json!({"scanningConfiguration": rules});
            self.say(Call::GetRegistryScanningConfiguration, resource, value);
        }
        for resource in self.all("aws_ecr_replication_configuration") {
            let rules = items(&resource.block("replication_configuration")["rule"]);
            let rules: Vec<Value> = rules.iter().map(replication_rule).collect();
            let value = json!({"replicationConfiguration": {"rules": rules}});
            self.say(Call::DescribeRegistry, resource, value);
        }
        let rules = self.all("aws_ecr_pull_through_cache_rule");
        if let Some(first) = rules.first() {
            let rule = |it: &&Resource| {
                json!({
                    "ecrRepositoryPrefix": it.text("ecr_repository_prefix").unwrap_or_default(),
                    "upstreamRegistryUrl": it.text("upstream_registry_url"),
                })
            };
            let all: Vec<Value> = rules.iter().map(rule).collect();
            let value = json!({"pullThroughCacheRules": all});
            self.say(Call::DescribePullThroughCacheRules, first, value);
        }
        for setting in self.all("aws_ecr_account_setting") {
            match (setting.text("name"), setting.text("value")) {
                (Some(name), Some(value)) => {
                    let value = json!({"name": name, "value": value});
                    self.say(Call::GetAccountSetting, setting, value);
                }
                _ => self.unknown.push(setting.address.clone()),
            }
        }
    }

    /// Keys that sign; others are not the release's.
    fn keys(&mut self) {
        for key in self.all("aws_kms_key") {
            if key.text("key_usage") != Some("SIGN_VERIFY") {
                continue;
            }
            let state = if key.values["is_enabled"] == false { "Disabled" } else { "Enabled" };
            let value = json!({"KeyMetadata": {
                "AWSAccountId": self.plan.account,
                "Arn": key.text("arn"),
                "KeyState": state,
                "KeyUsage": "SIGN_VERIFY",
                "KeySpec": key.text("customer_master_key_spec"),
                "MultiRegion": key.values["multi_region"],
            }});
            self.say(Call::DescribeKey, key, value);
            match self.key_policy(key) {
                Some(text) => self.say(Call::GetKeyPolicy, key, json!({"Policy": text})),
                None => self.unknown.push(format!("{} (policy)", key.address)),
            }
        }
    }

    fn key_policy(&self, key: &Resource) -> Option<String> {
        let own = key.text("policy").map(str::to_owned);
        own.or_else(|| {
            let all = self.all("aws_kms_key_policy");
            let id = key.text("key_id").or_else(|| key.text("arn"));
            let is_its = |it: &&&Resource| id.is_some() && it.text("key_id") == id;
            let its = all.iter().find(is_its).or_else(|| {
                let keys = self.all("aws_kms_key").len();
                all.first().filter(|it| keys == 1 && it.is_unknown("key_id"))
            });
            its.and_then(|it| it.text("policy")).map(str::to_owned)
        })
    }

    fn roles(&mut self) {
        for role in self.all("aws_iam_role") {
            let Some(trust) = role.text("assume_role_policy") else {
                self.unknown.push(format!("{} (assume_role_policy)", role.address));
                continue;
            };
            let value = json!({"Role": {
                "RoleName": name_of(role),
                "Arn": self.role_arn(role),
                "MaxSessionDuration": role.values["max_session_duration"],
                "AssumeRolePolicyDocument": trust,
            }});
            self.say(Call::GetRole, role, value);
            for inline in role.blocks("inline_policy") {
                let name = inline["name"].as_str().unwrap_or("inline");
                let value = json!({"RoleName": name_of(role), "PolicyName": name,
                    "PolicyDocument": inline["policy"]});
                if inline["policy"].is_string() {
                    self.say(Call::GetRolePolicy, role, value);
                }
            }
        }
        for policy in self.all("aws_iam_role_policy") {
            match policy.text("policy") {
                Some(text) => {
                    let name = policy.text("name").unwrap_or(&policy.address);
                    let value = json!({"RoleName": policy.text("role"), "PolicyName": name,
                        "PolicyDocument": text});
                    self.say(Call::GetRolePolicy, policy, value);
                }
                None => self.unknown.push(policy.address.clone()),
            }
        }
        self.attachments();
        for provider in self.all("aws_iam_openid_connect_provider") {
            let value = json!({"Url": provider.text("url"),
                "ClientIDList": items(&provider.values["client_id_list"]),
                "ThumbprintList": items(&provider.values["thumbprint_list"])});
            self.say(Call::GetOpenIdConnectProvider, provider, value);
        }
    }

    fn attachments(&mut self) {
        let policies = self.all("aws_iam_policy");
        for attachment in self.all("aws_iam_role_policy_attachment") {
            let Some(arn) = attachment.text("policy_arn") else {
                self.unknown.push(attachment.address.clone());
                continue;
            };
            let known = policies.iter().find(|it| it.text("arn") == Some(arn));
            if let Some(text) = known.and_then(|it| it.text("policy")) {
                let name = arn.rsplit('/').next();
                let value = json!({"RoleName": attachment.text("role"), "PolicyName": name,
                    "PolicyDocument": text});
                self.say(Call::GetRolePolicy, attachment, value);
                continue;
            }
            let value = json!({"AttachedPolicies": [{"PolicyArn": arn}]});
            self.say(Call::ListAttachedRolePolicies, attachment, value);
        }
    }

    /// The address of the role that a policy is attached to.
    fn role_of(&self, resource: &Resource) -> String {
        let name = resource.text("role").unwrap_or_default();
        let role = self.all("aws_iam_role").into_iter().find(|it| name_of(it) == name);
        role.map_or_else(|| resource.address.clone(), |it| it.address.clone())
    }

    fn role_arn(&self, role: &Resource) -> Option<String> {
        let known = role.text("arn").map(str::to_owned);
        known.or_else(|| {
            let path = role.text("path").unwrap_or("/");
            let account = self.plan.account.as_ref()?;
            Some(format!("arn:aws:iam::{account}:role{path}{}", name_of(role)))
        })
    }
}

/// The name of a repository or a role, or its address where the name is not known yet.
fn name_of(resource: &Resource) -> &str {
    resource.text("name").unwrap_or(&resource.address)
}

fn repository(resource: &Resource, account: Option<&str>, region: Option<&str>) -> Value {
    let name = name_of(resource);
    let arn = resource
        .text("arn")
        .map(str::to_owned)
        .or_else(|| Some(format!("arn:aws:ecr:{}:{}:repository/{name}", region?, account?)));
    let filters: Vec<Value> = resource
        .blocks("image_tag_mutability_exclusion_filter")
        .iter()
        .map(|it| json!({"filterType": "WILDCARD", "filter": it["filter"].as_str().unwrap_or(LATER)}))
        .collect();
    let encryption = resource.block("encryption_configuration");
    let kms_key = match encryption["kms_key"].as_str() {
        Some(key) if !key.is_empty() => Some(key),
        // A key that the same plan makes.
        _ if resource.unknown["encryption_configuration"][0]["kms_key"] == true
            && encryption["encryption_type"] != "AES256" =>
        {
            Some(LATER)
        }
        _ => None,
    };
    json!({
        "repositoryArn": arn,
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": resource.text("repository_url"),
        "imageTagMutability": resource.text("image_tag_mutability").unwrap_or("MUTABLE"),
        "imageTagMutabilityExclusionFilters": filters,
        "imageScanningConfiguration": {
            "scanOnPush": resource.block("image_scanning_configuration")["scan_on_push"] == true,
        },
        "encryptionConfiguration": {
            "encryptionType": encryption["encryption_type"].as_str().unwrap_or("AES256"),
            "kmsKey": kms_key,
        },
    })
}

fn filters(rule: &Value) -> Vec<Value> {
    let of = |it: &Value| {
        let known = |member: &str| it[member].as_str().unwrap_or(LATER).to_owned();
        json!({"filter": known("filter"), "filterType": known("filter_type")})
    };
    items(&rule["repository_filter"]).iter().map(of).collect()
}

fn scan_rule(rule: &Value) -> Value {
    let frequency = rule["scan_frequency"].as_str().unwrap_or(LATER);
    json!({"scanFrequency": frequency, "repositoryFilters": filters(rule)})
}

fn replication_rule(rule: &Value) -> Value {
    let destinations: Vec<Value> = items(&rule["destination"])
        .iter()
        .map(|it| {
            let known = |member: &str| it[member].as_str().unwrap_or(LATER).to_owned();
            json!({"region": known("region"), "registryId": known("registry_id")})
        })
        .collect();
    json!({"destinations": destinations, "repositoryFilters": filters(rule)})
}
