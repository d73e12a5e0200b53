use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use boltseal_testkit::cloud::Service;
use serde_json::{Value, json};

use crate::account::{ACCOUNT, REGION};
use crate::emulator::Emulator;

/// A key in the emulator of KMS, and an alias of its own.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) arn: String,
    /// `alias/NAME`.
    pub(crate) alias: String,
}

impl Key {
    /// A key that signs, on P-256.
    pub(crate) fn p256() -> Self {
        Self::new("ECC_NIST_P256", "SIGN_VERIFY")
    }

    /// A key of a kind and for a use, as KMS calls both.
    pub(crate) fn new(spec: &str, usage: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let made = ask("CreateKey", &json!({"KeySpec": spec, "KeyUsage": usage}));
        let arn = made["KeyMetadata"]["Arn"].as_str().expect("a key has an ARN").to_owned();
        let alias = format!("alias/release-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        ask("CreateAlias", &json!({"AliasName": alias, "TargetKeyId": arn}));
        Self { arn, alias }
    }

    /// The key of an alias that documentation names, the same one for all tests.
    pub(crate) fn of_documentation(alias: &str) -> Self {
        static MADE: Mutex<BTreeMap<String, Key>> = Mutex::new(BTreeMap::new());
        let mut known = MADE.lock().expect("no test panics while it holds this");
        let make = || {
            let key = Self::p256();
            ask("CreateAlias", &json!({"AliasName": alias, "TargetKeyId": key.arn}));
            Self { alias: alias.to_owned(), ..key }
        };
        known.entry(alias.to_owned()).or_insert_with(make).clone()
    }

    /// As boltseal and cosign name it.
    pub(crate) fn uri(&self) -> String {
        format!("awskms:///{}", self.alias)
    }

    /// Its public half, as PEM.
    pub(crate) fn public(&self) -> String {
        let answer = ask("GetPublicKey", &json!({"KeyId": self.arn}));
        let der = answer["PublicKey"].as_str().expect("a public key");
        let bytes = STANDARD.decode(der).expect("base64");
        let text = STANDARD.encode(bytes);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// Asks the emulator as whoever owns the account.
pub(crate) fn ask(operation: &str, input: &Value) -> Value {
    let upstream = Emulator::ministack().upstream();
    let answer = upstream.call((ACCOUNT, REGION), (Service::Kms, operation), input);
    answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
}
