//! `sigstore-rs verify PUBLIC_KEY IMAGE`: exit 0 when a signature of IMAGE verifies under the key.
//!
//! The registry is spoken to over plain HTTP and without credentials. The source's digest is
//! resolved first, and the crate drops every signature that names another digest.

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;

use sigstore::cosign::verification_constraint::{PublicKeyVerifier, VerificationConstraintVec};
use sigstore::cosign::{ClientBuilder, CosignCapabilities, verify_constraints};
use sigstore::registry::{Auth, ClientConfig, ClientProtocol, OciReference};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["version"] => {
            println!("sigstore {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        ["verify", key, image] => match verify(key, image).await {
            Ok(layers) => {
                println!("verified: 1 of {layers} signatures is by this key");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("not verified: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: sigstore-rs verify PUBLIC_KEY IMAGE | sigstore-rs version");
            ExitCode::from(2)
        }
    }
}

/// Returns how many signatures were found, of which at least one is by the key.
async fn verify(key: &str, image: &str) -> Result<usize, Box<dyn Error>> {
    let pem = fs::read(key)?;
    let image: OciReference = image.parse()?;
    let mut client = ClientBuilder::default()
        .with_oci_client_config(ClientConfig {
            protocol: ClientProtocol::Http,
            ..ClientConfig::default()
        })
        .build()?;
    let layers = client.trusted_signature_layers(&Auth::Anonymous, &image).await?;
    if layers.is_empty() {
        return Err("no signature found".into());
    }
    let constraints: VerificationConstraintVec = vec![Box::new(PublicKeyVerifier::try_from(&pem)?)];
    verify_constraints(&layers, constraints.iter())
        .map_err(|_| format!("none of {} signatures is by this key", layers.len()))?;
    Ok(layers.len())
}
