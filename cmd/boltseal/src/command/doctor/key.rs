use async_trait::async_trait;
use boltseal_core::Reason;
use boltseal_crypto::PublicKey;
use boltseal_report::v1::Check;
use boltseal_report::{Document, v1};
use clap::Args;

use crate::argument::{AwsArgs, KeySource, OutputArgs};
use crate::command::{Command, Ending};
use crate::console::Console;
use crate::wire::{self, Cloud};

/// Look at a key: its kind, its public half, its state in KMS, and who accepts its signatures.
///
/// Nothing is signed.
#[derive(Args, Debug)]
pub(crate) struct DoctorKey {
    /// A PEM file, a key file of cosign (with COSIGN_PASSWORD), env://NAME or awskms://...
    #[arg(value_name = "KEY")]
    key: KeySource,

    #[command(flatten)]
    aws: AwsArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[async_trait(?Send)]
impl Command for DoctorKey {
    fn output(&self) -> &OutputArgs {
        &self.output
    }

    async fn run(&self, _console: &Console) -> Ending {
        let cloud = Cloud::of_args(&self.aws);
        let mut reasons = Vec::new();
        let mut facts = Vec::new();
        let mut checks = Vec::new();
        if let Some(uri) = self.key.kms() {
            let key = cloud.key(uri)?;
            let state = wire::key_state(&key).await;
            facts.extend(state.facts);
            checks.extend(state.checks);
            reasons.extend(state.reason);
        }
        match wire::public_key(&self.key, &cloud).await {
            Ok(public) => {
                facts.extend(of_public(&public));
                checks.extend(Check::readers(public.algorithm().name()));
            }
            Err(failure) => {
                let new = failure.reasons().iter().filter(|it| !reasons.contains(it));
                let new: Vec<Reason> = new.cloned().collect();
                reasons.extend(new);
            }
        }
        let mut document = v1::Doctor::of("key", &self.key.to_string(), reasons);
        (document.facts, document.checks) = (facts, checks);
        Ok(Box::new(document))
    }

    fn failed(&self, reasons: Vec<Reason>) -> Box<dyn Document> {
        Box::new(v1::Doctor::of("key", &self.key.to_string(), reasons))
    }
}

fn of_public(key: &PublicKey) -> [(&'static str, String); 3] {
    [("algorithm", key.algorithm().to_string()), ("hint", key.hint()), ("public_key", key.to_pem())]
}
