//! How registries are spoken to: flags and environment.

use std::time::Duration;

use boltseal_oci::http::{HttpOptions, PlainHttp, RegistryMap};
use boltseal_pipeline::Failure;

use crate::argument::RegistryArgs;
use crate::usage::usage;

/// Sends a host's traffic to a stand-in on this machine.
const MAP: &str = "BOLTSEAL_REGISTRY_MAP";

/// The options that flags and environment make.
pub(crate) fn options(args: &RegistryArgs) -> Result<HttpOptions, Failure> {
    let plain_http = if args.plain_http { PlainHttp::Any } else { PlainHttp::Loopback };
    let (ca_file, registry_map) = (args.ca_file.clone(), map()?);
    let patience = Duration::from_secs(args.patience);
    Ok(HttpOptions { plain_http, ca_file, registry_map, patience, ..HttpOptions::default() })
}

fn map() -> Result<RegistryMap, Failure> {
    let refused = |found: String| {
        usage(
            "registry-map-invalid",
            format!("{MAP}=HOST=http://127.0.0.1:PORT[,...]"),
            found,
            format!("correct {MAP}, or unset it; only loopback addresses are accepted"),
        )
    };
    match std::env::var(MAP) {
        Ok(text) => {
            text.parse().map_err(|error: boltseal_oci::http::RegistryMapError| refused(error.found))
        }
        Err(std::env::VarError::NotPresent) => Ok(RegistryMap::default()),
        Err(std::env::VarError::NotUnicode(_)) => Err(refused("bytes that are no text".to_owned())),
    }
}
