//! What notation and we are asked alike.

use std::fs;
use std::path::PathBuf;

use boltseal_core::{Annotations, Descriptor, Manifest, RawManifest, media_type};
use boltseal_crypto::notation::{
    Applicable, Certificate, CertificateChain, Circumstances, Format, Intact, ManifestForm,
    Payload, Refusal, Revocation, SignatureManifest, SignedEnvelope, SigningRequest, SigningTimes,
    StoreName, Trust, TrustPolicy, TrustStores, Verdict,
};
use boltseal_crypto::{PrivateKey, PublicKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::finished::Finished;
use crate::image::write;
use crate::program::Program;
use crate::released::shown;

/// What both say of an envelope.
#[derive(Clone, Copy)]
pub(crate) enum Both<'a> {
    Accept,
    /// With what notation gives as its reason.
    Refuse(&'a str),
}

/// A folder as notation's own, with a policy for every repository.
pub(crate) struct Config {
    pub(crate) folder: PathBuf,
}

/// A key with its chain, made by the peer, and an artifact.
pub(crate) struct Bench {
    folder: TempDir,
    subject: Descriptor,
}

impl Bench {
    pub(crate) fn new(kind: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = shown(folder.path());
        notation(&["authority", "--algorithm", kind, &path, "acme"]).passes();
        let subject = Descriptor::of(media_type::OCI_MANIFEST, b"an image");
        let bench = Self { folder, subject };
        let text = serde_json::to_string(&bench.subject).expect("a descriptor");
        write(&bench.folder.path().join("subject.json"), &text);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> String {
        shown(&self.folder.path().join(name))
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file that was written")
    }

    /// A strict policy that trusts this identity below our root.
    pub(crate) fn trusting(&self, identity: &str) -> Config {
        self.config(identity, "strict", &[("ca:acme", &self.path("acme-root.pem"))])
    }

    pub(crate) fn config(&self, identity: &str, level: &str, stores: &[(&str, &str)]) -> Config {
        let folder = tempfile::tempdir_in(self.folder.path()).expect("a folder").keep();
        let names: Vec<&str> = stores.iter().map(|(name, _)| *name).collect();
        let policy = json!({"version": "1.0", "trustPolicies": [{
            "name": "all", "registryScopes": ["*"], "signatureVerification": {"level": level},
            "trustStores": names, "trustedIdentities": [identity],
        }]});
        write(&folder.join("trustpolicy.json"), &policy.to_string());
        for (name, file) in stores {
            let place = folder.join("truststore/x509").join(name.replace(':', "/"));
            let pem = fs::read_to_string(file).expect("a certificate");
            write(&place.join("root.pem"), &pem);
        }
        Config { folder }
    }

    /// An envelope by notation-core-go.
    pub(crate) fn seal(&self, format: Format, words: &[&str]) -> Vec<u8> {
        let (key, chain) = (self.path("acme.key"), self.path("acme.pem"));
        let start = ["seal", "--key", &key, "--chain", &chain, "--format", format.media_type()];
        let files = [self.path("subject.json"), self.path("sealed")];
        let files = files.each_ref().map(String::as_str);
        notation(&[&start[..], words, &files].concat()).passes();
        self.read("sealed")
    }

    /// Our own envelope over the artifact.
    pub(crate) fn sign(&self, lifetime: Option<SignedDuration>) -> SignedEnvelope {
        self.sign_artifact(&self.subject, lifetime)
    }

    fn sign_artifact(
        &self,
        subject: &Descriptor,
        lifetime: Option<SignedDuration>,
    ) -> SignedEnvelope {
        let chain = CertificateChain::from_pem(&self.read("acme.pem")).expect("a chain");
        let key = PublicKey::from_spki_der(&chain.leaf().spki_der()).expect("a key");
        let payload = Payload::new(subject, Annotations::new()).expect("a payload");
        let signed_at = Timestamp::now();
        let times = SigningTimes { signed_at, expiry: lifetime.map(|it| signed_at + it) };
        let request = SigningRequest::new(&payload, &chain, &key, times).expect("a request");
        let signature = if request.algorithm().is_pss() {
            self.sign_with_pss(request.algorithm().name(), request.message())
        } else {
            let key = PrivateKey::from_pem(&self.read("acme.key"), None).expect("a key");
            key.sign(request.message()).expect("a signature")
        };
        request.seal(&signature).expect("an envelope")
    }

    /// OpenSSL is a signer that can be asked for PSS.
    fn sign_with_pss(&self, name: &str, message: &[u8]) -> Vec<u8> {
        fs::write(self.path("message"), message).expect("a writable folder");
        let hash = name.replace("PS", "-sha");
        let options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
        let (key, out, message) =
            (self.path("acme.key"), self.path("signature"), self.path("message"));
        let words = [
            &["dgst", hash.as_str(), "-sign", &key, "-out", &out][..],
            &options,
            &[message.as_str()],
        ];
        Program::debian("openssl").run(&words.concat()).passes();
        self.read("signature")
    }

    /// What notation says of an envelope.
    pub(crate) fn notation(
        &self,
        format: Format,
        bytes: &[u8],
        config: &Config,
        words: &[&str],
    ) -> Finished {
        fs::write(self.path("checked"), bytes).expect("a writable folder");
        let (folder, subject, file) =
            (shown(&config.folder), self.path("subject.json"), self.path("checked"));
        let start = ["check", "--config", &folder, "--format", format.media_type()];
        notation(&[&start[..], words, &[&subject, &file]].concat())
    }

    /// What we say of it, with the same policy and the same certificates.
    pub(crate) fn judge(
        &self,
        format: Format,
        bytes: &[u8],
        config: &Config,
        revocation: Revocation,
    ) -> Verdict {
        let policy = fs::read(config.folder.join("trustpolicy.json")).expect("a policy");
        let policy = TrustPolicy::parse(&policy).expect("a policy");
        let mut stores = TrustStores::new();
        for name in policy.stores() {
            let StoreFile(pem) = StoreFile::of(config, name);
            stores.add(name, Certificate::all_from(&pem).expect("certificates")).expect("a store");
        }
        let Applicable::Check(statement) =
            policy.for_repository("registry.test/app").expect("a statement")
        else {
            panic!("a statement with checks is expected");
        };
        let intact = match Intact::read(format, bytes) {
            Ok(intact) => intact,
            Err(error) => {
                let reasons = vec![Refusal::Integrity(error)];
                return Verdict::Refused { reasons, undetermined: Vec::new() };
            }
        };
        let circumstances = Circumstances {
            now: Timestamp::now(),
            revocation,
            authority_revocation: Revocation::NotChecked,
        };
        intact.judge(&self.subject, Trust { statement, stores: &stores }, &circumstances)
    }

    /// Asserts that both say the same.
    #[track_caller]
    pub(crate) fn agree(&self, format: Format, bytes: &[u8], config: &Config, both: Both<'_>) {
        let theirs = self.notation(format, bytes, config, &[]);
        let ours = self.judge(format, bytes, config, Revocation::NotChecked);
        match both {
            Both::Accept => {
                theirs.passes();
                assert!(matches!(ours, Verdict::Accepted(_)), "{ours:?}");
            }
            Both::Refuse(reason) => {
                theirs.refuses(reason);
                assert!(matches!(ours, Verdict::Refused { .. }), "{ours:?}");
            }
        }
    }

    /// Signs the image and pushes the signature with oras.
    pub(crate) fn attach(&self, pinned: &str, form: ManifestForm) {
        let manifest = Program::peer("crane").run(&["manifest", pinned]).passes().stdout;
        let subject = Descriptor::of(media_type::OCI_MANIFEST, manifest.as_bytes());
        let (repository, digest) = pinned.split_once('@').expect("a digest");
        assert_eq!(subject.digest.to_string(), digest);
        let sealed = self.sign_artifact(&subject, None);
        let manifest = SignatureManifest::write(&subject, &sealed, &Annotations::new(), form)
            .expect("a manifest");
        for (file, content) in [
            ("envelope", sealed.bytes()),
            ("config", media_type::EMPTY_JSON),
            ("manifest", &manifest),
        ] {
            fs::write(self.path(file), content).expect("a writable folder");
        }
        let oras = Program::peer("oras");
        for blob in ["envelope", "config"] {
            oras.run(&["blob", "push", "--plain-http", repository, &self.path(blob)]).passes();
        }
        let kind = media_type::OCI_MANIFEST;
        let words = ["manifest", "push", "--plain-http", "--media-type", kind, repository];
        oras.run(&[&words[..], &[&self.path("manifest")]].concat()).passes();
    }

    /// Reads the one signature that the registry lists.
    pub(crate) fn reads(pinned: &str, format: Format) {
        let words = ["discover", "--plain-http", "--format", "json", pinned];
        let listed = Program::peer("oras").run(&words).passes().json();
        let (repository, digest) = pinned.split_once('@').expect("a digest");
        let found = listed.pointer("/referrers/0/digest").and_then(Value::as_str);
        let found = found.unwrap_or_else(|| panic!("a signature is expected in {listed}"));
        let crane = Program::peer("crane");
        let manifest = crane.run(&["manifest", &format!("{repository}@{found}")]).passes().stdout;
        let raw = RawManifest::new(manifest.into_bytes().into(), None).expect("a manifest");
        let Ok(Manifest::Image(image)) = raw.parse() else { panic!("an image manifest") };
        let read = SignatureManifest::read(&image).expect("a signature's manifest");
        assert_eq!((read.subject.digest.to_string().as_str(), read.format), (digest, format));
        let blob = format!("{repository}@{}", read.envelope.digest);
        let envelope = crane.run(&["blob", &blob]).passes().stdout;
        let intact = Intact::read(format, envelope.as_bytes()).expect("an envelope that holds");
        assert!(intact.payload().is_about(&read.subject));
    }

    /// A timestamp token over `message`, and its root in `tsa-root.pem`; another one in
    /// `other-root.pem`.
    pub(crate) fn stamp(&self, message: &[u8]) -> Vec<u8> {
        let run = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            Program::debian("openssl").run_in(self.folder.path(), &words).passes();
        };
        if !self.folder.path().join("tsa.cnf").exists() {
            write(&self.folder.path().join("tsa.cnf"), TSA);
            write(&self.folder.path().join("serial"), "01\n");
            for name in ["tsa-root", "other-root"] {
                run(&format!(
                    "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 2 \
                     -subj /CN={name} -config tsa.cnf -extensions root"
                ));
            }
            run(
                "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa -config tsa.cnf",
            );
            run("x509 -req -in tsa.csr -CA tsa-root.pem -CAkey tsa-root.key -CAcreateserial \
                 -out tsa.pem -days 1 -extfile tsa.cnf -extensions stamper");
        }
        fs::write(self.path("stamped"), message).expect("a writable folder");
        run("ts -query -data stamped -sha256 -cert -out query");
        run("ts -reply -config tsa.cnf -section tsa -queryfile query -signer tsa.pem \
             -inkey tsa.key -token_out -out token");
        self.read("token")
    }
}

/// What a trust store holds.
struct StoreFile(Vec<u8>);

impl StoreFile {
    fn of(config: &Config, name: &StoreName) -> Self {
        let place = config.folder.join("truststore/x509").join(name.kind().name());
        Self(fs::read(place.join(name.name()).join("root.pem")).expect("a trust store"))
    }
}

/// Runs the peer.
pub(crate) fn notation(words: &[&str]) -> Finished {
    Program::peer("notation").run(words)
}

const TSA: &str = "
[req]
distinguished_name = name
[name]
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
";
