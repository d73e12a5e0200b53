//! From bytes to [`Documents`].

use boltseal_core::json;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::account::AccountWire;
use super::key::{KeyPolicyWire, KeyWire};
use super::lifecycle::LifecycleWire;
use super::policy::PolicyWire;
use super::role::{AttachedWire, PolicyVersionWire, RolePolicyWire, RoleWire};
use super::{
    AccountDetails, Answer, Call, DocumentError, DocumentProblem, Documents, Key,
    LifecycleDocument, Looked, MAX_DOCUMENT_BYTES, PolicyAnswer, Refusal, Role, RoleDocument,
    RolePolicy, Saved,
};
use crate::lifecycle::LifecyclePolicy;
use crate::policy::{PolicyDocument, PolicyError, PolicyKind};
use crate::shown::shown;

/// Reads one answer after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    documents: Documents,
    errors: Vec<DocumentError>,
}

/// An answer that is still text.
type Text = Answer<Vec<u8>>;

impl Reader {
    pub(crate) fn read(&mut self, saved: Saved<'_>) {
        let Some(call) = saved.call else {
            let detail = Some("the name is none of a known call".to_owned());
            return self.look(&saved.name, None, "unknown", detail);
        };
        let text = match saved.answer {
            Ok(bytes) if bytes.len() > MAX_DOCUMENT_BYTES => {
                let problem = DocumentProblem::TooLarge { limit: MAX_DOCUMENT_BYTES };
                return self.errors.push(DocumentError { file: saved.name, problem });
            }
            Ok(bytes) => match std::str::from_utf8(bytes).ok().and_then(refusal) {
                Some(refusal) => Answer::of_refusal(refusal),
                None => Answer::Said(bytes.to_vec()),
            },
            Err(refusal) => Answer::of_refusal(refusal),
        };
        self.look_at(&saved.name, call, &text);
        if let Err(problem) = self.store(call, &saved.about, text) {
            self.errors.push(DocumentError { file: saved.name, problem });
        }
    }

    pub(crate) fn finish(self) -> Result<Documents, Vec<DocumentError>> {
        if self.errors.is_empty() { Ok(self.documents) } else { Err(self.errors) }
    }

    fn look_at(&mut self, name: &str, call: Call, text: &Text) {
        let (status, detail) = match text {
            Answer::NotAsked | Answer::Said(_) => ("read", None),
            Answer::None(refusal) => ("none", Some(refusal.to_string())),
            Answer::Denied(refusal) => ("denied", Some(refusal.to_string())),
            Answer::Failed(refusal) => ("failed", Some(refusal.to_string())),
        };
        self.look(name, Some(call), status, detail);
    }

    fn look(
        &mut self,
        name: &str,
        call: Option<Call>,
        status: &'static str,
        detail: Option<String>,
    ) {
        self.documents.read.push(Looked { file: shown(name), status, detail, call });
    }

    fn store(&mut self, call: Call, about: &str, text: Text) -> Result<(), DocumentProblem> {
        let all = &mut self.documents;
        match call {
            Call::DescribeImages => once(call, &mut all.images, json_of(call, text)?),
            Call::DescribePullThroughCacheRules => {
                once(call, &mut all.pull_through, json_of(call, text)?)
            }
            Call::DescribeRegistry => once(call, &mut all.replication, json_of(call, text)?),
            Call::DescribeRepositories => once(call, &mut all.repositories, json_of(call, text)?),
            Call::GetAccountAuthorizationDetails => {
                let wire = json_of::<AccountWire>(call, text)?;
                once(call, &mut all.account, then(wire, |wire| AccountDetails::of(&wire))?)
            }
            Call::GetAccountSetting => {
                all.settings.push(json_of(call, text)?);
                Ok(())
            }
            Call::GetLifecyclePolicy => {
                once(call, &mut all.lifecycle, then(json_of(call, text)?, lifecycle)?)
            }
            Call::GetRegistryPolicy => {
                once(call, &mut all.registry_policy, then(json_of(call, text)?, policy)?)
            }
            Call::GetRegistryScanningConfiguration => {
                once(call, &mut all.scanning, json_of(call, text)?)
            }
            Call::GetRepositoryPolicy => {
                once(call, &mut all.repository_policy, then(json_of(call, text)?, policy)?)
            }
            Call::GetSigningConfiguration => once(call, &mut all.signing, json_of(call, text)?),
            Call::DescribeKey | Call::GetKeyPolicy => store_key(&mut all.keys, call, about, text),
            _ => self.store_identity(call, about, text),
        }
    }

    fn store_identity(
        &mut self,
        call: Call,
        about: &str,
        text: Text,
    ) -> Result<(), DocumentProblem> {
        if call == Call::GetOpenIdConnectProvider {
            if let Answer::Said(provider) = json_of(call, text)? {
                self.documents.providers.push(provider);
            }
            return Ok(());
        }
        let roles = &mut self.documents.roles;
        match call {
            Call::GetRole => {
                let document = then(json_of(call, text)?, role)?;
                once(call, &mut role_entry(roles, about).document, document)
            }
            Call::GetRolePolicy => {
                if let Answer::Said(wire) = json_of::<RolePolicyWire>(call, text)? {
                    let policy = policy_value(&wire.policy_document, PolicyKind::Identity)
                        .map_err(DocumentProblem::Policy)?;
                    let of = wire.role_name.as_deref().unwrap_or(about);
                    let name = wire.policy_name.clone();
                    role_of(roles, of, about).policies.push(RolePolicy { name, policy });
                }
                Ok(())
            }
            Call::ListAttachedRolePolicies => {
                if let Answer::Said(wire) = json_of::<AttachedWire>(call, text)? {
                    let arns = wire.attached_policies.into_iter().map(|it| it.policy_arn);
                    role_of(roles, about, about).attached.extend(arns);
                }
                Ok(())
            }
            _ => {
                if let Answer::Said(wire) = json_of::<PolicyVersionWire>(call, text)? {
                    let policy = policy_value(&wire.policy_version.document, PolicyKind::Identity)
                        .map_err(DocumentProblem::Policy)?;
                    let role = role_of(roles, about, about);
                    role.policies.push(RolePolicy { name: about.to_owned(), policy });
                }
                Ok(())
            }
        }
    }
}

/// Files with an error of AWS in them are short, and one may stand beside a warning.
fn refusal(text: &str) -> Option<Refusal> {
    const LONGEST: usize = 16 << 10;
    (text.len() <= LONGEST).then(|| Refusal::parse(text)).flatten()
}

fn once<T>(call: Call, place: &mut Answer<T>, answer: Answer<T>) -> Result<(), DocumentProblem> {
    if !matches!(place, Answer::NotAsked) {
        return Err(DocumentProblem::Twice { call: call.name() });
    }
    *place = answer;
    Ok(())
}

fn json_of<T: DeserializeOwned>(call: Call, text: Text) -> Result<Answer<T>, DocumentProblem> {
    let parse = |bytes: Vec<u8>| {
        json::parse_as(&bytes).map_err(|error| DocumentProblem::WrongForm {
            call: call.name(),
            found: shown(&error.message),
        })
    };
    map(text, parse)
}

/// The answer, read further.
fn then<A, B>(
    answer: Answer<A>,
    read: impl FnOnce(A) -> Result<B, PolicyError>,
) -> Result<Answer<B>, DocumentProblem> {
    map(answer, |it| read(it).map_err(DocumentProblem::Policy))
}

fn map<A, B, E>(answer: Answer<A>, read: impl FnOnce(A) -> Result<B, E>) -> Result<Answer<B>, E> {
    Ok(match answer {
        Answer::NotAsked => Answer::NotAsked,
        Answer::Said(it) => Answer::Said(read(it)?),
        Answer::None(refusal) => Answer::None(refusal),
        Answer::Denied(refusal) => Answer::Denied(refusal),
        Answer::Failed(refusal) => Answer::Failed(refusal),
    })
}

fn policy(wire: PolicyWire) -> Result<PolicyAnswer, PolicyError> {
    Ok(PolicyAnswer {
        registry: wire.registry_id,
        repository: wire.repository_name,
        policy: PolicyDocument::parse_text(&wire.policy_text, PolicyKind::Resource)?,
    })
}

fn lifecycle(wire: LifecycleWire) -> Result<LifecycleDocument, PolicyError> {
    Ok(LifecycleDocument {
        registry: wire.registry_id,
        repository: wire.repository_name,
        policy: LifecyclePolicy::parse(&wire.lifecycle_policy_text)?,
    })
}

fn role(wire: RoleWire) -> Result<RoleDocument, PolicyError> {
    let role = wire.role;
    Ok(RoleDocument {
        name: role.role_name,
        arn: role.arn,
        id: role.role_id,
        max_session: role.max_session_duration,
        trust: policy_value(&role.assume_role_policy_document, PolicyKind::Trust)?,
        boundary: role.permissions_boundary.map(|it| it.arn),
    })
}

/// A policy that is an object, or text: IAM itself answers it percent-encoded.
pub(super) fn policy_value(value: &Value, kind: PolicyKind) -> Result<PolicyDocument, PolicyError> {
    let Value::String(text) = value else {
        return PolicyDocument::parse(value, kind);
    };
    if !text.starts_with("%7B") {
        return PolicyDocument::parse_text(text, kind);
    }
    let text = percent_decode_str(text).decode_utf8().map_err(|error| {
        PolicyError::new("the policy", "percent-encoded text", &error.to_string())
    })?;
    PolicyDocument::parse_text(&text, kind)
}

fn store_key(
    keys: &mut Vec<Key>,
    call: Call,
    about: &str,
    text: Text,
) -> Result<(), DocumentProblem> {
    let index = keys.iter().position(|it| it.about == about).unwrap_or_else(|| {
        keys.push(Key { about: about.to_owned(), ..Key::default() });
        keys.len() - 1
    });
    let key = &mut keys[index];
    if call == Call::DescribeKey {
        let metadata = map(json_of::<KeyWire>(call, text)?, |it| Ok(it.key_metadata))?;
        return once(call, &mut key.metadata, metadata);
    }
    let read = |wire: KeyPolicyWire| PolicyDocument::parse_text(&wire.policy, PolicyKind::Resource);
    once(call, &mut key.policy, then(json_of(call, text)?, read)?)
}

fn role_entry<'a>(roles: &'a mut Vec<Role>, about: &str) -> &'a mut Role {
    let index = roles.iter().position(|it| it.about == about).unwrap_or_else(|| {
        roles.push(Role { about: about.to_owned(), ..Role::default() });
        roles.len() - 1
    });
    &mut roles[index]
}

/// The role that a policy belongs to: the one it names, the one its file names, or the only one.
fn role_of<'a>(roles: &'a mut Vec<Role>, name: &str, about: &str) -> &'a mut Role {
    let named = |role: &Role| role.document.said().is_some_and(|it| it.name == name);
    let by_about = |role: &Role| {
        role.about == about || about.split_once('.').is_some_and(|(first, _)| role.about == first)
    };
    let index = roles.iter().position(named).or_else(|| roles.iter().position(by_about));
    match (index, roles.len()) {
        (Some(index), _) => &mut roles[index],
        (None, 1) => &mut roles[0],
        _ => role_entry(roles, about),
    }
}

/// Times as the AWS CLI prints them: ISO 8601, or seconds with a fraction.
pub(super) mod time {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, de::Error};
    use serde_json::Value;

    pub(crate) fn maybe<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
        match Option::<Value>::deserialize(d)? {
            None => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(D::Error::custom),
            Some(Value::Number(number)) => {
                let seconds = number.as_f64().unwrap_or(f64::NAN);
                let time = jiff::SignedDuration::try_from_secs_f64(seconds)
                    .ok()
                    .and_then(|since| Timestamp::from_duration(since).ok());
                time.map(Some).ok_or_else(|| D::Error::custom("a time out of range"))
            }
            Some(other) => Err(D::Error::custom(format_args!("a time, found {other}"))),
        }
    }
}
