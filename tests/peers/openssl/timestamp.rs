use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_core::{Digest, Kind, Statement, Subject, media_type};
use boltseal_crypto::{
    BlobArtifact, Bundle, Envelope, KeyAlgorithm, LogError, LogProof, PrivateKey, PublicKey,
    TrustRoot, pae,
};
use serde_json::{Value, json};

use super::workbench::Workbench;

const CONFIG: &str = "
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

#[test]
fn a_timestamp_of_a_trusted_authority_is_returned() {
    let authority = Authority::new();
    let signed = Signed::new();
    let stamp = authority.stamp(&signed.signature);
    let before = jiff::Timestamp::now();
    let proof = signed.check(&signed.with(&[stamp]), &authority.root()).unwrap();
    assert!(proof.entries.is_empty());
    let [time] = proof.timestamps.as_slice() else { panic!("{proof:?}") };
    assert!((before.as_second() - time.as_second()).abs() < 60, "{time}");
}

#[test]
fn anything_else_is_refused() {
    let authority = Authority::new();
    let signed = Signed::new();
    let good = authority.stamp(&signed.signature);
    let root = authority.root();
    let refused = |stamps: &[Vec<u8>], root: &TrustRoot| {
        let outcome = signed.check(&signed.with(stamps), root);
        assert!(matches!(outcome, Err(LogError::Refused { .. })), "{outcome:?}");
    };
    refused(std::slice::from_ref(&good), &Authority::new().root());
    refused(&[authority.stamp(b"another signature")], &root);
    refused(&[good.clone(), Authority::new().stamp(&signed.signature)], &root);
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    refused(&[damaged], &root);
    refused(
        std::slice::from_ref(&good),
        &authority.root_with(&json!({"end": "2020-01-01T00:00:00Z",
        "start": "2019-01-01T00:00:00Z"})),
    );
}

#[test]
fn a_bundle_with_nothing_to_check_gives_an_empty_proof() {
    let signed = Signed::new();
    let proof = signed.check(&signed.with(&[]), &Authority::new().root()).unwrap();
    assert!(proof.is_empty());
    let other = PrivateKey::generate(KeyAlgorithm::P256).expect("a kind that can be made");
    let bundle = Bundle::parse(&signed.with(&[])).unwrap();
    let artifact = BlobArtifact::Digest(&signed.digest);
    let outcome = bundle.verify_log(&Authority::new().root(), other.public_key(), artifact);
    assert!(matches!(outcome, Err(LogError::Blob(_))), "{outcome:?}");
}

/// A bundle's signature, to which timestamps can be added.
struct Signed {
    key: PublicKey,
    digest: Digest,
    signature: Vec<u8>,
    bundle: Vec<u8>,
}

impl Signed {
    fn new() -> Self {
        let key = PrivateKey::generate(KeyAlgorithm::P256).expect("a kind that can be made");
        let digest = Digest::sha256_of(b"an image");
        let subject = Subject::of("", &digest);
        let payload = Statement::new(subject, &Kind::Signature, json!({})).to_payload();
        let signature = key.sign(&pae(media_type::IN_TOTO, &payload)).expect("a key that signs");
        let envelope = Envelope::new(media_type::IN_TOTO, payload, signature.clone());
        let bundle = Bundle::sealed(&key.public_key().hint(), &envelope);
        Self { key: key.public_key().clone(), digest, signature, bundle }
    }

    fn with(&self, stamps: &[Vec<u8>]) -> Vec<u8> {
        let mut bundle: Value = serde_json::from_slice(&self.bundle).expect("a bundle is JSON");
        let stamps: Vec<_> =
            stamps.iter().map(|stamp| json!({"signedTimestamp": STANDARD.encode(stamp)})).collect();
        bundle["verificationMaterial"]["timestampVerificationData"] =
            json!({"rfc3161Timestamps": stamps});
        serde_json::to_vec(&bundle).expect("JSON is written")
    }

    fn check(&self, bundle: &[u8], root: &TrustRoot) -> Result<LogProof, LogError> {
        let bundle = Bundle::parse(bundle).expect("a bundle");
        bundle.verify_log(root, &self.key, BlobArtifact::Digest(&self.digest))
    }
}

/// A certificate authority and a timestamp signer below it.
struct Authority {
    openssl: Workbench,
}

impl Authority {
    fn new() -> Self {
        let openssl = Workbench::new();
        openssl.write("config", CONFIG.as_bytes());
        openssl.write("serial", b"01\n");
        let key = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out";
        for line in [
            format!("{key} ca.key"),
            format!("{key} tsa.key"),
            "req -x509 -new -key ca.key -subj /CN=authority -days 30 -config config \
             -extensions authority -out ca.pem"
                .to_owned(),
            "req -new -key tsa.key -subj /CN=stamper -out tsa.csr".to_owned(),
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
             -extfile config -extensions stamper -out tsa.pem"
                .to_owned(),
            "x509 -in ca.pem -outform DER -out ca.der".to_owned(),
            "x509 -in tsa.pem -outform DER -out tsa.der".to_owned(),
        ] {
            openssl.run(&line);
        }
        Self { openssl }
    }

    fn stamp(&self, signature: &[u8]) -> Vec<u8> {
        self.openssl.write("stamped", signature);
        self.openssl.run("ts -query -data stamped -sha256 -cert -out query");
        self.openssl.run(
            "ts -reply -config config -section tsa -queryfile query -signer tsa.pem -inkey \
             tsa.key -out reply",
        );
        self.openssl.read("reply")
    }

    fn root(&self) -> TrustRoot {
        self.root_with(&json!({"start": "2020-01-01T00:00:00Z"}))
    }

    fn root_with(&self, window: &Value) -> TrustRoot {
        let certificate = |name| json!({"rawBytes": STANDARD.encode(self.openssl.read(name))});
        let root = json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "timestampAuthorities": [{
                "subject": {"organization": "example", "commonName": "authority"},
                "certChain": {"certificates": [certificate("tsa.der"), certificate("ca.der")]},
                "validFor": window,
            }],
        });
        let root = TrustRoot::parse(root.to_string().as_bytes()).expect("a root");
        assert_eq!((root.logs(), root.timestamp_authorities()), (0, 1));
        root
    }
}
