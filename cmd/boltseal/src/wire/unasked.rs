//! What a dry run that asks nobody has in place of the world.

use std::sync::Arc;

use async_trait::async_trait;
use boltseal_core::{Digest, Location, Target};
use boltseal_oci::http::HttpRegistry;
use boltseal_pipeline::Failure;
use boltseal_ports::{ScanError, ScanErrorKind, ScanInput, ScanInputKind, ScanReport, Scanner};

use super::{Cloud, Destination, open_destination, registry};
use crate::argument::{RegistryArgs, ScanSource};

/// A destination that has its name, and is not spoken to: no socket is opened to a registry before
/// it is asked something.
pub(crate) fn destination(target: &Target, args: &RegistryArgs) -> Result<Destination, Failure> {
    let Location::Registry(repository) = &target.location else {
        return open_destination(target, args, &Cloud::offline());
    };
    let registry = Arc::new(HttpRegistry::new(repository, &registry::options(args)?)?);
    Ok(Destination { registry: registry.clone(), tags: registry })
}

/// The scanning services that were named, none of which is asked.
pub(crate) fn scanners(scans: &[ScanSource]) -> Vec<Box<dyn Scanner>> {
    let named = scans.iter().filter_map(|scan| match scan {
        ScanSource::Ecr => Some("ecr"),
        ScanSource::Inspector => Some("inspector"),
        ScanSource::File(_) | ScanSource::None => None,
    });
    named.map(|name| Box::new(Unasked(name)) as Box<dyn Scanner>).collect()
}

/// A scanning service by its name alone. It waits for a push that a dry run does not make.
struct Unasked(&'static str);

impl Unasked {
    fn refuse(&self) -> ScanError {
        ScanError {
            kind: ScanErrorKind::Unreachable,
            place: self.0.to_owned(),
            expected: "a run that may ask it".to_owned(),
            found: "a dry run with --offline".to_owned(),
            fix: "leave --offline out".to_owned(),
        }
    }
}

#[async_trait]
impl Scanner for Unasked {
    fn name(&self) -> &str {
        self.0
    }

    fn wants(&self) -> ScanInputKind {
        ScanInputKind::Pushed
    }

    async fn start(&self, _digest: &Digest) -> Result<(), ScanError> {
        Err(self.refuse())
    }

    async fn report(&self, _input: ScanInput<'_>) -> Result<ScanReport, ScanError> {
        Err(self.refuse())
    }
}
