use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use boltseal_core::{Digest, media_type};
use serde_json::{Value, json};

use super::{EcrRepository, image, repository};
use crate::cloud::call::Call;
use crate::cloud::realm::Need;
use crate::cloud::service_error::ServiceError;
use crate::cloud::signer::{Signer, SigningProfile};
use crate::cloud::sigv4::hex;
use crate::lock::locked;
use crate::registry::Store;

/// ECR's own signing: which images are signed already, and how long it takes.
#[derive(Debug)]
pub(crate) struct ManagedSigning {
    pub(crate) signer: Arc<Signer>,
    /// How often each image is said to be in progress before it is signed.
    pub(crate) delay: Mutex<u64>,
    asked: Mutex<BTreeMap<(Digest, String), u64>>,
    done: Mutex<BTreeSet<(Digest, String)>>,
}

impl ManagedSigning {
    pub(crate) fn new(signer: Arc<Signer>) -> Self {
        let (delay, asked, done) = (Mutex::new(1), Mutex::default(), Mutex::default());
        Self { signer, delay, asked, done }
    }
}

/// `DescribeImageSigningStatus`: each profile that the registry's configuration has for this
/// repository. An image is signed as whoever pushed it, who needs the permission for that.
pub(super) fn status(
    call: &Call<'_>,
    store: &Store,
    signing: &ManagedSigning,
) -> Result<Value, ServiceError> {
    let repository = repository(call, &call.operation.action())?;
    let digest = image::pick(call, store, repository, &call.input["imageId"])?;
    let mut statuses = Vec::new();
    for arn in profiles(&call.realm.registry.signing_rules, &repository.name) {
        statuses.push(signing.one(call, store, repository, (&digest, arn)));
    }
    Ok(json!({
        "repositoryName": repository.name,
        "imageId": {"imageDigest": digest},
        "registryId": call.realm.account.id,
        "signingStatuses": statuses,
    }))
}

impl ManagedSigning {
    fn one(
        &self,
        call: &Call<'_>,
        store: &Store,
        repository: &EcrRepository,
        (digest, arn): (&Digest, &str),
    ) -> Value {
        let status = |status: &str| json!({"signingProfileArn": arn, "status": status});
        let failed = |code: &str, reason: String| {
            json!({"signingProfileArn": arn, "status": "FAILED", "failureCode": code,
                "failureReason": reason})
        };
        let key = (digest.clone(), arn.to_owned());
        if locked(&self.done).contains(&key) {
            return status("COMPLETE");
        }
        let asked = {
            let mut asked = locked(&self.asked);
            let times = asked.entry(key.clone()).or_default();
            *times += 1;
            *times
        };
        if asked <= *locked(&self.delay) {
            return status("IN_PROGRESS");
        }
        let pusher = call.realm.pusher(&repository.name);
        let pusher = pusher.unwrap_or_else(|| Arc::clone(&call.session));
        if let Err(sentence) = call.realm.permit(&pusher, Need::new("signer:SignPayload", arn)) {
            return failed("AccessDenied", sentence);
        }
        let name = arn.rsplit('/').next().unwrap_or_default();
        let Some(profile) = self.signer.profile(name) else {
            return failed("ResourceNotFound", format!("there is no profile {name}"));
        };
        self.attach(call, store, repository, (digest, profile));
        locked(&self.done).insert(key);
        status("COMPLETE")
    }

    /// Stores a signature as a referrer of the image, as notation writes it.
    fn attach(
        &self,
        call: &Call<'_>,
        store: &Store,
        repository: &EcrRepository,
        (digest, profile): (&Digest, &SigningProfile),
    ) {
        let name = &repository.name;
        let media_type = store.media_type(name, digest).unwrap_or_default();
        let size = store.manifest(name, digest).map_or(0, |it| it.len());
        let subject = json!({"mediaType": media_type, "digest": digest, "size": size});
        let payload = json!({"targetArtifact": subject}).to_string();
        let (_, envelope) = self.signer.signed(&call.realm.account, profile, payload.as_bytes());
        let layer_size = envelope.len();
        let layer = store.put_blob(name, envelope.into());
        let config = store.put_blob(name, "{}".into());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "artifactType": "application/vnd.cncf.notary.signature",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2},
            "layers": [
                {"mediaType": "application/jose+json", "digest": layer, "size": layer_size}],
            "subject": subject,
            "annotations": {"io.cncf.notary.x509chain.thumbprint#S256": self.thumbprints()},
        });
        store.put_manifest(name, manifest.to_string().into(), media_type::OCI_MANIFEST);
    }

    /// The list of the certificates' hashes, as a text.
    fn thumbprints(&self) -> String {
        let hash = |der: &Vec<u8>| {
            hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref())
        };
        let hashes: Vec<_> = self.signer.authority.chain.iter().map(hash).collect();
        json!(hashes).to_string()
    }
}

/// The profiles whose rules name the repository, or none, which names all.
fn profiles<'a>(rules: &'a [Value], repository: &str) -> Vec<&'a str> {
    let fits = |rule: &&Value| {
        let filters = rule["repositoryFilters"].as_array().filter(|it| !it.is_empty());
        filters.is_none_or(|filters| {
            let matches = |it: &Value| {
                let filter = it["filter"].as_str().unwrap_or_default();
                crate::cloud::iam::matches(filter, repository)
            };
            filters.iter().any(matches)
        })
    };
    rules.iter().filter(fits).filter_map(|rule| rule["signingProfileArn"].as_str()).collect()
}
