use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use boltseal_ports::{Signer, SignerError, SignerErrorKind};
use tokio::sync::OnceCell;

use super::KeyUri;
use super::key_spec::{KeySpec, Purpose};
use super::refusal::refusal;
use crate::call::Call;
use crate::fault::Fault;
use crate::service::Service;
use crate::{AwsError, AwsErrorKind, Hosts, Region, Session};

/// The longest public key and signature that are taken.
const MAX_BYTES: usize = 8 * 1024;
/// As [`KmsSigner::state`] tells it.
const ENABLED: &str = "state Enabled";

/// A key in KMS. It signs digests only: what is signed never leaves this process.
pub struct KmsSigner {
    session: Session,
    client: Client,
    name: String,
    id: String,
    region: Region,
    key: OnceCell<Key>,
}

/// What KMS tells about a key, in its own words; what it does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyDescription {
    /// The key's ARN, also where it was named by an alias.
    pub arn: String,
    /// Such as `Enabled` or `PendingDeletion`.
    pub state: String,
    /// Such as `SIGN_VERIFY`.
    pub usage: String,
    /// Such as `ECC_NIST_P256`.
    pub spec: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// When it will be deleted.
    pub deletion: Option<jiff::Timestamp>,
}

#[derive(Clone, Debug)]
struct Key {
    public: Vec<u8>,
    spec: KeySpec,
}

impl KmsSigner {
    /// The key that `uri` names, in the region that it names, else in `region`, else in that of
    /// the environment. Asks nothing yet.
    ///
    /// # Errors
    /// Where no region is known.
    pub fn new(session: &Session, uri: &KeyUri, region: Option<&Region>) -> Result<Self, AwsError> {
        let name = uri.to_string();
        let region = match uri.region().or_else(|| region.cloned()) {
            Some(region) => region,
            None => session.aws().region(&name)?,
        };
        let config = session.config_in(Service::Kms, &region, Hosts::default());
        let mut builder = aws_sdk_kms::config::Builder::from(&config);
        if let Some(endpoint) = uri.endpoint() {
            builder = builder.endpoint_url(endpoint);
        }
        Ok(Self {
            session: session.clone(),
            client: Client::from_conf(builder.build()),
            name,
            id: uri.key_id(),
            region,
            key: OnceCell::new(),
        })
    }

    /// The region in which the key is looked for.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    async fn sign_for(&self, purpose: Purpose, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let spec = self.key().await?.spec;
        let asked = self
            .client
            .sign()
            .key_id(&self.id)
            .message(Blob::new(spec.hash(purpose, message)))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::from(spec.algorithm(purpose)));
        let answer = self.session.send(Service::Kms, || asked.clone().send()).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => return Err(self.refusal(fault, "Sign").await),
        };
        let signature = answer.signature().map(Blob::as_ref).unwrap_or_default();
        if signature.is_empty() || signature.len() > MAX_BYTES {
            return Err(self.unreadable("a signature", signature.len()));
        }
        Ok(signature.to_vec())
    }

    async fn key(&self) -> Result<&Key, SignerError> {
        self.key.get_or_try_init(|| self.ask_key()).await
    }

    async fn ask_key(&self) -> Result<Key, SignerError> {
        let asked = self.client.get_public_key().key_id(&self.id);
        let answer = self.session.send(Service::Kms, || asked.clone().send()).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => return Err(self.refusal(fault, "GetPublicKey").await),
        };
        let usage = answer.key_usage().map_or("", |it| it.as_str());
        let name = answer.key_spec().map_or("", |it| it.as_str());
        let spec = KeySpec::of(name).filter(|_| usage == "SIGN_VERIFY");
        let spec = spec.ok_or_else(|| self.wrong_kind(name, usage))?;
        let public = answer.public_key().map(Blob::as_ref).unwrap_or_default();
        if public.is_empty() || public.len() > MAX_BYTES {
            return Err(self.unreadable("a public key", public.len()));
        }
        Ok(Key { public: public.to_vec(), spec })
    }

    fn wrong_kind(&self, spec: &str, usage: &str) -> SignerError {
        SignerError {
            kind: SignerErrorKind::Invalid,
            key: self.name.clone(),
            expected: "a key for SIGN_VERIFY of the spec ECC_NIST_P256, _P384, _P521 or RSA_2048, \
                       _3072, _4096"
                .to_owned(),
            found: format!("the spec {spec} for {usage}"),
            fix: format!(
                "aws kms create-key --region {} --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256",
                self.region
            ),
        }
    }

    fn unreadable(&self, expected: &str, bytes: usize) -> SignerError {
        let call = self.call("answer");
        AwsError::new(AwsErrorKind::Unreadable, call.to_string())
            .expected(format!("{expected} of 1 to {MAX_BYTES} bytes"))
            .found(format!("{bytes} bytes"))
            .fix("look at what answers there: a proxy, or the address in AWS_ENDPOINT_URL_KMS")
            .for_key(&self.name)
    }

    async fn refusal(&self, fault: Fault, action: &'static str) -> SignerError {
        let state = match fault.code.as_str() {
            "KMSInvalidStateException" | "DisabledException" => self.state().await,
            _ => None,
        };
        let call = self.call(action);
        refusal(fault, &call, &self.id, state.as_deref()).for_key(&self.name)
    }

    fn not_ready(&self, state: &str) -> SignerError {
        let (region, id) = (&self.region, &self.id);
        let fix = if state.contains("Deletion") {
            format!(
                "aws kms cancel-key-deletion --region {region} --key-id {id}, then aws kms \
                 enable-key; or sign with another key"
            )
        } else {
            format!("aws kms enable-key --region {region} --key-id {id}")
        };
        SignerError {
            kind: SignerErrorKind::Invalid,
            key: self.name.clone(),
            expected: "a key in the state Enabled".to_owned(),
            found: state.to_owned(),
            fix,
        }
    }

    /// What KMS tells about the key: its state, what it is for, of which kind it is.
    ///
    /// # Errors
    /// Where it cannot be asked, or knows no such key.
    pub async fn describe(&self) -> Result<KeyDescription, SignerError> {
        let asked = self.client.describe_key().key_id(&self.id);
        let answer = self.session.send(Service::Kms, || asked.clone().send()).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => return Err(self.refusal(fault, "DescribeKey").await),
        };
        let key = answer.key_metadata().ok_or_else(|| self.unreadable("a description", 0))?;
        let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
        let deletion = key.deletion_date();
        Ok(KeyDescription {
            arn: text(key.arn()),
            state: text(key.key_state().map(aws_sdk_kms::types::KeyState::as_str)),
            usage: text(key.key_usage().map(aws_sdk_kms::types::KeyUsageType::as_str)),
            spec: text(key.key_spec().map(aws_sdk_kms::types::KeySpec::as_str)),
            manager: text(key.key_manager().map(aws_sdk_kms::types::KeyManagerType::as_str)),
            deletion: deletion.and_then(|it| jiff::Timestamp::from_second(it.secs()).ok()),
        })
    }

    /// The key's state; none where this role may not ask.
    async fn state(&self) -> Option<String> {
        let answer = self.client.describe_key().key_id(&self.id).send().await.ok()?;
        let key = answer.key_metadata()?;
        let state = key.key_state()?.as_str();
        let deletion =
            key.deletion_date().and_then(|it| jiff::Timestamp::from_second(it.secs()).ok());
        Some(match deletion {
            Some(date) => format!("state {state}, to be deleted at {date}"),
            None => format!("state {state}"),
        })
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new(Service::Kms, action, &self.region).about(&self.id)
    }
}

#[async_trait]
impl Signer for KmsSigner {
    fn name(&self) -> &str {
        &self.name
    }

    /// Asked for once; with it, whether the key can sign at all.
    async fn public_key(&self) -> Result<Vec<u8>, SignerError> {
        self.key().await.map(|key| key.public.clone())
    }

    /// `DescribeKey`, for a key that is disabled or about to be deleted still tells its public
    /// half.
    async fn ready(&self) -> Result<(), SignerError> {
        match self.state().await {
            Some(state) if state != ENABLED => Err(self.not_ready(&state)),
            _ => Ok(()),
        }
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.sign_for(Purpose::Bundle, message).await
    }

    async fn sign_for_notation(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.sign_for(Purpose::Notation, message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{Answer, Asked, StandIn, ok, refuse};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    const URI: &str = "awskms:///alias/release";

    fn signer(server: &StandIn, uri: &str) -> KmsSigner {
        KmsSigner::new(&server.session(), &uri.parse().unwrap(), None).unwrap()
    }

    fn public(spec: &str, usage: &str) -> Answer {
        ok(&json!({"KeyId": "arn:x", "PublicKey": STANDARD.encode("spki"), "KeySpec": spec,
            "KeyUsage": usage, "SigningAlgorithms": ["RSASSA_PSS_SHA_256"]}))
    }

    fn signing(asked: &Asked, spec: &str) -> Option<Answer> {
        match asked.action() {
            "GetPublicKey" => Some(public(spec, "SIGN_VERIFY")),
            "Sign" => {
                Some(ok(&json!({"KeyId": "arn:x", "Signature": STANDARD.encode("signature")})))
            }
            _ => None,
        }
    }

    fn sent(server: &StandIn) -> Vec<Value> {
        let asked = server.asked();
        asked.iter().filter(|it| it.action() == "Sign").map(Asked::json).collect()
    }

    #[tokio::test]
    async fn a_digest_is_signed_and_the_public_key_fetched_once() {
        let server = StandIn::new(|it: &Asked| signing(it, "ECC_NIST_P384")).await;
        let signer = signer(&server, URI);
        assert_eq!(signer.public_key().await.unwrap(), b"spki");
        assert_eq!(signer.sign(b"one").await.unwrap(), b"signature");
        signer.sign(b"two").await.unwrap();
        assert_eq!(server.asked().len(), 3);
        let asked = &sent(&server)[0];
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, b"one");
        assert_eq!(asked["Message"], STANDARD.encode(hash));
        assert_eq!(
            (&asked["MessageType"], &asked["KeyId"]),
            (&json!("DIGEST"), &json!("alias/release"))
        );
        assert_eq!(asked["SigningAlgorithm"], "ECDSA_SHA_384");
        assert!(
            server.asked()[0].head.contains("/eu-central-1/kms/"),
            "{}",
            server.asked()[0].head
        );
    }

    #[tokio::test]
    async fn rsa_is_padded_by_what_the_signature_is_for() {
        let server = StandIn::new(|it: &Asked| signing(it, "RSA_3072")).await;
        let signer = signer(&server, URI);
        signer.sign(b"x").await.unwrap();
        signer.sign_for_notation(b"x").await.unwrap();
        let algorithms: Vec<_> =
            sent(&server).iter().map(|it| it["SigningAlgorithm"].clone()).collect();
        assert_eq!(algorithms, ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_384"]);
    }

    #[tokio::test]
    async fn the_region_of_an_arn_is_where_the_key_is_asked_for() {
        let server = StandIn::new(|it: &Asked| signing(it, "ECC_NIST_P256")).await;
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let uri = format!("awskms:///arn:aws:kms:us-west-2:111122223333:key/{id}");
        let signer = signer(&server, &uri);
        signer.public_key().await.unwrap();
        assert_eq!(signer.region().as_str(), "us-west-2");
        assert!(server.asked()[0].head.contains("/us-west-2/kms/"));
    }

    #[tokio::test]
    async fn a_key_that_cannot_sign_is_explained_before_anything_is_signed() {
        for (spec, usage) in [
            ("RSA_2048", "ENCRYPT_DECRYPT"),
            ("ECC_SECG_P256K1", "SIGN_VERIFY"),
            ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        ] {
            let server = StandIn::new(move |it: &Asked| {
                (it.action() == "GetPublicKey").then(|| public(spec, usage))
            })
            .await;
            let error = signer(&server, URI).sign(b"x").await.unwrap_err();
            assert_eq!((error.kind, error.key.as_str()), (SignerErrorKind::Invalid, URI));
            assert!(error.found.contains(spec) && error.fix.contains("SIGN_VERIFY"), "{error:?}");
            assert!(sent(&server).is_empty());
        }
    }

    #[tokio::test]
    async fn each_refusal_has_its_own_reason() {
        for (code, kind, fix) in [
            ("NotFoundException", SignerErrorKind::Invalid, "another region"),
            ("DisabledException", SignerErrorKind::Invalid, "aws kms enable-key"),
            ("KMSInvalidStateException", SignerErrorKind::Invalid, "cancel-key-deletion"),
            ("InvalidKeyUsageException", SignerErrorKind::Invalid, "--key-usage SIGN_VERIFY"),
            ("UnsupportedOperationException", SignerErrorKind::Invalid, "--key-usage SIGN_VERIFY"),
            ("AccessDeniedException", SignerErrorKind::Unauthorised, "kms:GetPublicKey"),
            ("InvalidArnException", SignerErrorKind::Invalid, "describe-key"),
        ] {
            let server = StandIn::new(move |it: &Asked| match it.action() {
                "GetPublicKey" => Some(refuse(code, "words")),
                "DescribeKey" => Some(ok(&json!({"KeyMetadata": {"KeyId": "x",
                    "KeyState": "PendingDeletion", "DeletionDate": 1_800_000_000}}))),
                _ => None,
            })
            .await;
            let error = signer(&server, URI).public_key().await.unwrap_err();
            assert_eq!(error.kind, kind, "{code}");
            assert!(error.fix.contains(fix), "{code}: {error:?}");
            assert!(error.found.contains("words"), "{code}: {error:?}");
            let described = error.found.contains("PendingDeletion, to be deleted at 2027-01-15");
            assert_eq!(
                described,
                ["DisabledException", "KMSInvalidStateException"].contains(&code)
            );
        }
    }

    #[tokio::test]
    async fn a_throttled_key_is_asked_again_within_the_patience() {
        let count = AtomicU32::new(0);
        let server = StandIn::new(move |it: &Asked| match it.action() {
            "Sign" if count.fetch_add(1, Ordering::SeqCst) < 2 => {
                Some(refuse("ThrottlingException", "Rate exceeded"))
            }
            _ => signing(it, "ECC_NIST_P256"),
        })
        .await;
        signer(&server, URI).sign(b"x").await.unwrap();
        assert_eq!(sent(&server).len(), 3);
        let server =
            StandIn::with_patience(Duration::from_secs(2), |it: &Asked| match it.action() {
                "Sign" => Some(refuse("ThrottlingException", "Rate exceeded")),
                _ => signing(it, "ECC_NIST_P256"),
            })
            .await;
        let error = signer(&server, URI).sign(b"x").await.unwrap_err();
        assert_eq!(error.kind, SignerErrorKind::Unreachable);
        assert!(error.found.contains("Rate exceeded; gave up after"), "{error:?}");
    }

    #[tokio::test]
    async fn an_answer_without_a_key_or_a_signature_is_unreadable() {
        let server = StandIn::new(|it: &Asked| match it.action() {
            "Sign" => Some(ok(&json!({}))),
            _ => signing(it, "ECC_NIST_P256"),
        })
        .await;
        let error = signer(&server, URI).sign(b"x").await.unwrap_err();
        assert_eq!((error.kind, error.found.as_str()), (SignerErrorKind::Unreachable, "0 bytes"));
    }
}
