use serde_json::{Value, json};

use super::call::Call;
use super::http::{Reply, Request};
use super::iam::{Context, Kind, Policy};
use super::realm::Need;
use super::service_error::ServiceError;
use super::upstream::Upstream;

/// The Key Management Service: an emulator does the work, what may be done is decided here, by
/// the key's own policy as by the session's.
#[derive(Debug)]
pub(crate) struct Kms {
    pub(crate) upstream: Option<Upstream>,
}

/// Operations that are about no one key.
const WITHOUT_KEY: [&str; 2] = ["ListAliases", "ListKeys"];

impl Kms {
    /// Answers a call.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, ServiceError> {
        let upstream = self.upstream.as_ref().ok_or_else(|| {
            let message = "no emulator of KMS is named in the options of this account";
            ServiceError::new("UnknownOperationException", message)
        })?;
        if WITHOUT_KEY.contains(&call.operation.name.as_str()) {
            call.permitted_on("*")?;
            return upstream.forward(call, call.request);
        }
        let named = call.text("KeyId")?;
        let metadata = metadata(upstream, call, named)?;
        let arn = metadata["Arn"].as_str().unwrap_or_default().to_owned();
        let policy = key_policy(upstream, call, &arn)?;
        let action = call.operation.action();
        let need = Need::new(&action, &arn);
        let aliases = aliases(upstream, call, metadata["KeyId"].as_str().unwrap_or_default())?;
        let context = context(&call.input, named).with_all("kms:ResourceAliases", aliases);
        call.permitted(Need { context, policy: Some(&policy), stands_alone: false, ..need })?;
        let usage = metadata["KeyUsage"].as_str().unwrap_or("SIGN_VERIFY");
        // The emulators sign with any key that has a private half.
        if call.operation.name == "Sign" && usage != "SIGN_VERIFY" {
            let message = format!("{arn} key usage is {usage} which is not valid for Sign.");
            return Err(ServiceError::new("InvalidKeyUsageException", message));
        }
        upstream.forward(call, call.request)
    }
}

/// What the emulator knows of a key that is named by id, ARN or alias, where the region has it.
fn metadata(upstream: &Upstream, call: &Call<'_>, named: &str) -> Result<Value, ServiceError> {
    let account = &call.realm.account;
    let full = match named.strip_prefix("alias/") {
        Some(_) => format!("arn:aws:kms:{}:{}:{named}", call.region, account.id),
        None => named.to_owned(),
    };
    let absent = || {
        let what = if full.contains(":alias/") { "Alias" } else { "Key" };
        ServiceError::new("NotFoundException", format!("{what} {full} is not found."))
    };
    let is_elsewhere = full.starts_with("arn:")
        && !full.starts_with(&format!("arn:aws:kms:{}:{}:", account.region, account.id));
    if call.region != account.region || is_elsewhere {
        return Err(absent());
    }
    let metadata = ask(upstream, call, "DescribeKey", named)?["KeyMetadata"].clone();
    if metadata["Arn"].is_string() { Ok(metadata) } else { Err(absent()) }
}

/// The aliases of a key.
fn aliases(upstream: &Upstream, call: &Call<'_>, key: &str) -> Result<Vec<String>, ServiceError> {
    let all = ask(upstream, call, "ListAliases", key)?["Aliases"].take();
    let all = all.as_array().cloned().unwrap_or_default();
    let own = all.iter().filter(|it| it["TargetKeyId"] == key);
    Ok(own.filter_map(|it| it["AliasName"].as_str()).map(str::to_owned).collect())
}

/// The key's own policy. Emulators have none where none was put; AWS then has the one that leaves
/// everything to the account.
fn key_policy(upstream: &Upstream, call: &Call<'_>, arn: &str) -> Result<Policy, ServiceError> {
    let document = ask(upstream, call, "GetKeyPolicy", arn)?;
    let text = document["Policy"].as_str().filter(|it| !it.is_empty());
    let root = format!("arn:aws:iam::{}:root", call.realm.account.id);
    let policy = match text {
        Some(text) => Policy::read(text, Kind::Resource),
        None => Policy::of(
            &json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": root},
                "Action": "kms:*", "Resource": "*"}]}),
            Kind::Resource,
        ),
    };
    policy.map_err(|error| ServiceError::new("KMSInternalException", error.to_string()))
}

/// Asks the emulator about a key; `null` where it knows none.
fn ask(
    upstream: &Upstream,
    call: &Call<'_>,
    operation: &str,
    key: &str,
) -> Result<Value, ServiceError> {
    let mut request: Request = call.request.clone();
    let target = format!("TrentService.{operation}");
    if let Ok(target) = target.parse() {
        request.headers.insert("x-amz-target", target);
    }
    request.body = json!({"KeyId": key, "PolicyName": "default"}).to_string().into();
    let reply = upstream.forward(call, &request)?;
    if reply.status != 200 {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn context(input: &Value, named: &str) -> Context {
    let mut context = Context::default();
    if named.contains("alias/") {
        let alias = named.split_once("alias/").map_or(named, |(_, name)| name);
        context = context.with("kms:RequestAlias", format!("alias/{alias}"));
    }
    for (member, key) in
        [("SigningAlgorithm", "kms:SigningAlgorithm"), ("MessageType", "kms:MessageType")]
    {
        if let Some(value) = input[member].as_str() {
            context = context.with(key, value);
        }
    }
    context
}
