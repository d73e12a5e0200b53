use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use async_trait::async_trait;
use boltseal_core::{Exit, Reason};
use boltseal_crypto::{KeyAlgorithm, PrivateKey, PublicKey};
use boltseal_pipeline::Failure;
use boltseal_report::Document;
use boltseal_report::v1::{self, PublicKeyFacts};
use clap::{Args, Subcommand};

use super::{Command, Ending};
use crate::argument::{KeySource, OutputArgs, PASSWORD, password};
use crate::console::Console;
use crate::usage::usage;
use crate::wire::{self, Cloud};

/// Make keys, and show public ones.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    Generate(Generate),
    Public(Public),
}

/// Make a key pair: PREFIX.key, encrypted with COSIGN_PASSWORD as cosign does it, and PREFIX.pub.
///
/// An empty COSIGN_PASSWORD is a password. Files that are there are never overwritten.
#[derive(Args, Debug)]
pub(crate) struct Generate {
    /// Where to: PREFIX.key (mode 0600) and PREFIX.pub.
    #[arg(long, value_name = "PREFIX")]
    output_key_prefix: String,

    /// The kind of key: p256, p384, p521, ed25519 or rsa3072.
    #[arg(long, value_name = "ALGORITHM", default_value_t = KeyAlgorithm::P256)]
    algorithm: KeyAlgorithm,

    #[command(flatten)]
    output: OutputArgs,
}

/// Print the public half of a key as PEM.
#[derive(Args, Debug)]
pub(crate) struct Public {
    /// The key: a PEM file, a key file of cosign, or env://NAME.
    #[arg(long, value_name = "KEY")]
    key: KeySource,

    #[command(flatten)]
    output: OutputArgs,
}

impl Generate {
    fn files(&self) -> (String, String) {
        let prefix = &self.output_key_prefix;
        (format!("{prefix}.key"), format!("{prefix}.pub"))
    }

    fn write(&self, private: &[u8], public: &[u8]) -> Result<(), Failure> {
        let (private_file, public_file) = self.files();
        for file in [&private_file, &public_file] {
            if Path::new(file).symlink_metadata().is_ok() {
                return Err(usage(
                    "key-exists",
                    "names that are free",
                    format!("{file} is there"),
                    "name another prefix; a key is never overwritten",
                ));
            }
        }
        let unwritten = |file: &str, error: &io::Error| {
            usage(
                "key-unwritable",
                "a folder that can be written",
                format!("{file}: {error}"),
                "name another prefix with --output-key-prefix",
            )
        };
        create(&private_file, private, 0o600).map_err(|error| unwritten(&private_file, &error))?;
        create(&public_file, public, 0o644).map_err(|error| {
            // Half a pair is of no use; where even this fails, the message names the file.
            let _ = fs::remove_file(&private_file);
            unwritten(&public_file, &error)
        })
    }
}

/// Writes a file that is not there yet.
fn create(path: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[async_trait(?Send)]
impl Command for Generate {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let password = password().ok_or_else(|| {
            Reason::new(Exit::Invalid, "password-missing")
                .expected(format!("a password for the new key in {PASSWORD}"))
                .found("no such variable")
                .place(PASSWORD)
                .fix(format!("set {PASSWORD}; an empty value is a password as well"))
        })?;
        let failed = |error: boltseal_crypto::KeyError| {
            Reason::new(Exit::Bug, "key-generation")
                .expected("a new key")
                .found(error.to_string())
                .place(self.algorithm.to_string())
                .fix("report this as a bug of boltseal; nothing was written")
        };
        let key = PrivateKey::generate(self.algorithm).map_err(failed)?;
        let private = key.to_cosign_pem(&password).map_err(failed)?;
        self.write(private.as_bytes(), key.public_key().to_pem().as_bytes())?;
        let (private_file, public_file) = self.files();
        Ok(Box::new(v1::Keys::generated(&private_file, &public_file, facts(key.public_key()))))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Keys::failed(&self.files().0, reasons))
    }
}

#[async_trait(?Send)]
impl Command for Public {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let key = wire::public_key(&self.key, &Cloud::of_environment()).await?;
        Ok(Box::new(v1::Keys::read(&self.key.to_string(), facts(&key))))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Keys::failed(&self.key.to_string(), reasons))
    }
}

fn facts(key: &PublicKey) -> PublicKeyFacts {
    PublicKeyFacts { algorithm: key.algorithm().to_string(), hint: key.hint(), pem: key.to_pem() }
}
